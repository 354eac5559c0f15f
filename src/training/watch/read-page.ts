// Runs when the program is bundled, as a macro: the page's files become strings within it, TypeScript as
// the JavaScript that a browser reads.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the page shares with the server. */
const shared = ["history.ts", "metrics-record.ts", "run-state.ts", "series.ts"];

/** From src itself: the page's way up to it ends at the server's address, as no way leads above. */
const wording = join(import.meta.dir, "..", "..", "wording.ts");

/** Each file's text by its path under the server's address. */
export function readPage(): Record<string, string> {
  const transpiler = new Bun.Transpiler({ loader: "ts", target: "browser" });
  const names = readdirSync(join(import.meta.dir, "page"))
    .filter((name) => /\.(html|css|js|ts)$/.test(name))
    .map((name) => `page/${name}`);
  const files = new Map([...names, ...shared].map((name) => [name, join(import.meta.dir, name)]));
  files.set("wording.ts", wording);
  const entries = [...files.keys()].sort().map((name) => {
    const text = readFileSync(files.get(name)!, "utf8");
    return [`/${name}`, name.endsWith(".ts") ? transpiler.transformSync(text) : text];
  });
  return Object.fromEntries(entries);
}
