// One place where a text is at fault, and how it is put in words: for the reason of a refused edit and
// for where a model has to start again.

export interface Fault {
  /** From 0. */
  readonly line: number;
  readonly column: number;
  /** "error": text that fits nowhere; "missing": something must stand there; "indentation". */
  readonly kind: "error" | "missing" | "indentation";
  /** The text that is at fault, its first line cut at 40 characters, or what is missing. */
  readonly text: string;
}

/** The fault in words, with its line as users count. */
export function describeFault({ kind, line, text }: Fault): string {
  if (kind === "missing") return `line ${line + 1} lacks ${text}`;
  if (kind === "indentation") return `the indentation of line ${line + 1} is wrong`;
  return text === ""
    ? `line ${line + 1} does not parse`
    : `line ${line + 1} does not parse: ${text}`;
}

/** The first line of what stands from `start` to `end`, cut at 40 characters. */
export function excerpt(text: string, start: number, end: number): string {
  const whole = text.slice(start, Math.min(end, start + 200)).trimStart();
  return whole
    .replace(/\n[\s\S]*/, "")
    .slice(0, 40)
    .trimEnd();
}
