// The comments that a source begins with: what is said there is said of the source, what a string or a
// later comment holds need not be.

/** How to run the file and how to read it; comments may follow. */
const preamble = /\s*(?:#!.*|<\?php|<\?xml[^>]*>|<!doctype[^>]*>|["']use strict["'];?|@echo off)/iy;

/** A directive such as "#include" is none. A block without its end goes on to the end. */
const comment = new RegExp(
  [
    "\\/\\*[^]*?(?:\\*\\/|$)",
    "<!--[^]*?(?:-->|$)",
    "\\(\\*[^]*?(?:\\*\\)|$)",
    "\\{-[^]*?(?:-\\}|$)",
    '[ru]?"""[^]*?(?:"""|$)',
    "[ru]?'''[^]*?(?:'''|$)",
    "(?:\\/\\/|#(?![a-z])|--|;|%|!|dnl\\b|rem\\b|\\.\\.[ ]).*",
  ]
    .map((one) => `\\s*(?:${one})`)
    .join("|"),
  "y",
);

export function leadingComments(source: string): string {
  let at = source.startsWith("\ufeff") ? 1 : 0;
  const found: string[] = [];
  for (;;) {
    const passed = matchAt(preamble, source, at);
    const said = matchAt(comment, source, at + passed.length);
    if (passed + said === "") return found.join("\n");
    found.push(said);
    at += passed.length + said.length;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
