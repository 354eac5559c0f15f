// Runs when the program is bundled, as a macro: the page's files become strings within it, TypeScript as
// the JavaScript that a browser reads.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the page shares with the server. */
const shared = ["history.ts", "metrics-record.ts", "run-state.ts", "series.ts", "wording.ts"];

/** Each file's text by its path under the server's address. */
export function readPage(): Record<string, string> {
  const transpiler = new Bun.Transpiler({ loader: "ts", target: "browser" });
  const names = readdirSync(join(import.meta.dir, "page"))
    .filter((name) => /\.(html|css|js|ts)$/.test(name))
    .map((name) => `page/${name}`);
  const entries = [...names, ...shared].sort().map((name) => {
    const text = readFileSync(join(import.meta.dir, name), "utf8");
    return [`/${name}`, name.endsWith(".ts") ? transpiler.transformSync(text) : text];
  });
  return Object.fromEntries(entries);
}
