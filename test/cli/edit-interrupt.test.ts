// Ctrl-C, SIGTERM and a closed terminal at each moment of `cromwell edit --write`: the file is the old one
// or the new one, nothing is left beside it, and the exit code says which. What is interrupted is an
// event, not a number of milliseconds, so that a busy machine tests the same.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodeEditor } from "../../src/editor/editor.ts";
import type { EditEvent } from "../../src/editor/events.ts";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

setDefaultTimeout(60_000);

const folder = temporaryFolder();
const main = join(import.meta.dir, "../../src/main.ts");
const before = "def area(w, h):\n    return w * h\n";
const after = 'def area(w, h):\n    """Area."""\n    return w * h\n';
const model = await writeScriptedModel(folder.file("model.gguf"), {
  chatTemplate,
  answers: { "\n": [after.trimEnd(), "\n```"] },
});

describe("an edit that is aborted at an event", () => {
  async function aborted(at: number) {
    const controller = new AbortController();
    const events: EditEvent["type"][] = [];
    const editor = await CodeEditor.open({
      model,
      project: folder.path,
      environment: { CROMWELL_HOME: folder.file("home") },
      threads: 1,
    });
    const onEvent = ({ type }: EditEvent) => {
      if (events.push(type) > at) controller.abort();
    };
    const options = { signal: controller.signal, onEvent };
    try {
      const { status } = await editor.edit("aborted.py", "Add a docstring", options);
      return { events, outcome: status as string };
    } catch (error) {
      return { events, outcome: (error as { code?: string }).code ?? String(error) };
    } finally {
      await editor.close();
    }
  }

  test("ends as interrupted or with its result, and writes nothing", async () => {
    const file = folder.write("aborted.py", before);
    const whole = await aborted(Number.POSITIVE_INFINITY);
    expect(whole.outcome).toBe("edited");
    expect(new Set(whole.events)).toEqual(new Set(["start", "text", "attempt"]));
    for (const [at, type] of whole.events.entries()) {
      const { outcome } = await aborted(at);
      // With the last answer judged, there is nothing left to interrupt.
      const ends = type === "attempt" ? /^(?:edited|interrupted)$/ : /^interrupted$/;
      expect([type, outcome]).toEqual([type, expect.stringMatching(ends)]);
      expect(readFileSync(file, "utf8")).toBe(before);
    }
  });
});

/** Starts an edit of a function in a process of its own, and sends the signal when it is told to wait. */
async function run(place: string, signal?: NodeJS.Signals, ...more: string[]) {
  mkdirSync(folder.file(place));
  const file = folder.write(`${place}/f.py`, `x = 1\n\n\n${before}`);
  const verb = ["edit", "f.py", "--symbol", "area", "-i", "Add a docstring", "-w"];
  const child = Bun.spawn([process.execPath, main, ...verb, ...more], {
    cwd: folder.file(place),
    env: { CROMWELL_MODEL: model, CROMWELL_HOME: folder.file(`${place}-home`), PATH: "" },
    stdout: "ignore",
    stderr: "pipe",
  });
  let said = "";
  for await (const bytes of child.stderr) {
    const asked = said.includes("is sent to the model");
    said += Buffer.from(bytes).toString();
    if (!asked && said.includes("is sent to the model") && signal) child.kill(signal);
  }
  const code = await child.exited;
  return {
    code,
    contents: readFileSync(file, "utf8"),
    left: readdirSync(folder.file(place)),
    said,
  };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 130],
  ["SIGHUP", 129],
] as const)(
  "%s before an answer has passed its check ends the process with its code",
  async (signal, code) => {
    // The check never ends, so the signal comes before, however late it is sent.
    const outcome = await run(signal, signal, "--check", "exec /bin/sleep 50");
    expect(outcome).toMatchObject({ code, contents: `x = 1\n\n\n${before}`, left: ["f.py"] });
  },
);

test("a signal to an edit that may be about to be written: the file is the old or the new one", async () => {
  const { code, contents, left } = await run("late", "SIGINT");
  expect([0, 130]).toContain(code);
  expect(contents).toBe(`x = 1\n\n\n${code === 0 ? after : before}`);
  expect(left).toEqual(["f.py"]);
});

test("an edit that is not interrupted is written", async () => {
  const outcome = await run("whole");
  expect(outcome).toMatchObject({ code: 0, contents: `x = 1\n\n\n${after}`, left: ["f.py"] });
});
