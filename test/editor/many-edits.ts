// Edits three hundred files in a row with one editor, writes each, and prints how much memory is held and
// how much is resident after every fifth. Run by memory.test.ts: MODEL FOLDER.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CodeEditor } from "../../src/editor/editor.ts";

const [model, folder] = process.argv.slice(2) as [string, string];
const project = join(folder, "project");
mkdirSync(project, { recursive: true });

const bodies = [
  "def area(w, h):\n    return w * h\n",
  "def area(w, h):\r\n    return w * h\r\n",
  `${"x = 1\n".repeat(200)}\ndef area(w, h):\n    return w * h\n\ndef other():\n    pass\n`,
];
const environment = { CROMWELL_HOME: join(folder, "home") };
const editor = await CodeEditor.open({ model, project, environment });
const memory: { held: number; resident: number }[] = [];
for (let i = 0; i < 300; i++) {
  const name = `file-${i}.py`;
  writeFileSync(join(project, name), bodies[i % bodies.length]!);
  const result = await editor.edit(name, "Add a docstring to area", { attempts: 1 + (i % 2) });
  if (!result.success) throw new Error(`${name}: ${result.status}: ${result.reason}`);
  await result.apply();
  if ((i + 1) % 5 !== 0) continue;
  Bun.gc(true);
  const { external, heapUsed, rss } = process.memoryUsage();
  memory.push({ held: external + heapUsed, resident: rss });
}
await editor.close();
console.log(JSON.stringify(memory));
