// Writes docstrings for the Python functions of a project that have none. Without --write it shows what it
// would change; with it, the files change, and `cromwell undo` takes each change back. An answer that
// changes anything but the docstring is left out.
//
//   bun docs/examples/write-docstrings.ts src
//   bun docs/examples/write-docstrings.ts src --write --model model.gguf

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CodeEditor, walk } from "cromwell";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: "string" }, write: { type: "boolean", default: false } },
});
const project = positionals[0] ?? ".";
const model = values.model === undefined ? {} : { model: values.model };
const editor = await CodeEditor.open({ ...model, project });

/** Functions without a docstring, as the editor names them: "area", "Stack.push". */
function undocumented(source: string): string[] {
  const lines = source.split("\n");
  const found: string[] = [];
  /** The classes and functions that a line stands in. */
  const around: { indent: number; name: string; isClass: boolean }[] = [];
  for (const [at, line] of lines.entries()) {
    const [, space, kind, name] = /^(\s*)(?:async )?(def|class) (\w+)/.exec(line) ?? [];
    if (space === undefined || name === undefined) continue;
    while ((around.at(-1)?.indent ?? -1) >= space.length) around.pop();
    const isInFunction = around.some(({ isClass }) => !isClass);
    const whole = [...around.map((outer) => outer.name), name].join(".");
    if (kind === "def" && !isInFunction && !/^__\w+__$/.test(name) && !hasDocstring(lines, at)) {
      found.push(whole);
    }
    around.push({ indent: space.length, name, isClass: kind === "class" });
  }
  return found;
}

/** Whether the first line behind the signature, which may have several, begins a string. */
function hasDocstring(lines: readonly string[], start: number): boolean {
  let open = 0;
  for (const [at, line] of lines.slice(start).entries()) {
    const code = line.replace(/#.*$/, "");
    open += (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0);
    if (open > 0 || !/:\s*$/.test(code)) {
      // The body stands on the signature's own line.
      if (open <= 0) return true;
      continue;
    }
    const body = lines.slice(start + at + 1).find((next) => next.trim() !== "");
    return body === undefined || /^\s*[rRuU]?["']/.test(body);
  }
  return true;
}

let written = 0;
let leftOut = 0;
for await (const { path, skipped } of walk(project)) {
  if (skipped !== undefined || !path.endsWith(".py")) continue;
  for (const symbol of undocumented(readFileSync(join(project, path), "utf8"))) {
    const result = await editor.edit(path, "Add a docstring", { region: { symbol } });
    const keepsCode = !/^-(?!-- )/m.test(result.diff);
    if (!result.success || !keepsCode) {
      leftOut++;
      continue;
    }
    written++;
    process.stdout.write(result.diff);
    if (values.write) await result.apply();
  }
}
console.error(`${written} docstrings, ${leftOut} functions left as they are`);
await editor.close();
