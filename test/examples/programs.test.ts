// The programs of docs/examples, run as a user runs them, with a model whose answers are known.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { writeTinyModel } from "../training/finetune/tiny.ts";

setDefaultTimeout(60_000);
const examples = join(import.meta.dir, "../../docs/examples");
const folder = temporaryFolder();
const documented = 'def area(w, h):\n    """Area."""\n    return w * h';
const model = await writeScriptedModel(folder.file("model.gguf"), {
  chatTemplate,
  answers: { "\n": [documented, "\n```"] },
  fillIn: ["w * h"],
});
const env = { ...process.env, CROMWELL_HOME: folder.file("home") };

describe("write-docstrings.ts", () => {
  const source =
    "def area(w, h):\n    return w * h\n\n\ndef shout(text):\n    return text.upper()\n\n\n" +
    'class Stack:\n    def __init__(self):\n        self.items = []\n\n    def pop(self):\n        """Pop."""\n' +
    "        return self.items.pop()\n\n\ndef short(): return 1\n";
  const run = (...argv: string[]) => {
    const command = [process.execPath, join(examples, "write-docstrings.ts"), ...argv];
    const { stdout, stderr, exitCode } = Bun.spawnSync([...command, "--model", model], { env });
    return [exitCode, stdout.toString(), stderr.toString()];
  };

  test("shows docstrings, writes them where asked, and leaves out what changes more", () => {
    const path = folder.write("area.py", source);
    const diff =
      '--- a/area.py\n+++ b/area.py\n@@ -1,4 +1,5 @@\n def area(w, h):\n+    """Area."""\n     return w * h\n \n \n';
    const said = "1 docstrings, 1 functions left as they are\n";
    expect(run(folder.path)).toEqual([0, diff, said]);
    expect(readFileSync(path, "utf8")).toBe(source);
    expect(run(folder.path, "--write")).toEqual([0, diff, said]);
    const written = source.replace("h):\n", 'h):\n    """Area."""\n');
    expect(readFileSync(path, "utf8")).toBe(written);
    expect(run(folder.path)[1]).toBe("");
  });
});

describe("autocomplete-server.ts", () => {
  let server: Subprocess<"ignore", "pipe", "inherit">;
  let address = "";

  beforeAll(async () => {
    const command = [process.execPath, join(examples, "autocomplete-server.ts")];
    const flags = ["--model", model, "--port", "0"];
    server = Bun.spawn([...command, ...flags], { env, stdin: "ignore", stdout: "pipe" });
    for await (const line of server.stdout.pipeThrough(new TextDecoderStream())) {
      address = /http:\S+/.exec(line)?.[0] ?? "";
      break;
    }
  });

  afterAll(async () => {
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

  const ask = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(address, { method: "POST", body: JSON.stringify(body), headers });
  const place = { file: "a.py", prefix: "def area(w, h):\n    return ", suffix: "\n" };

  test("fills in between two texts", async () => {
    const answer = await ask(place);
    expect([answer.status, await answer.json()]).toEqual([200, { text: "w * h" }]);
  });

  test("answers the last of several requests, and ends or answers the others", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(place)));
    expect(answers.at(-1)!.status).toBe(200);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect((await ask(place)).status).toBe(200);
  });

  test("refuses what is no request, and pages of a browser", async () => {
    expect((await ask({ file: "a.py" })).status).toBe(400);
    expect((await ask("x")).status).toBe(400);
    expect((await fetch(address)).status).toBe(404);
    expect((await ask(place, { origin: "http://evil.example" })).status).toBe(403);
    expect((await ask(place, { host: "evil.example:80" })).status).toBe(403);
  });
});

describe("commit-kinds.ts", () => {
  const verbs = { docs: ["Describe", "Explain"], feat: ["Add", "Show"], fix: ["Close", "Repair"] };
  const things = [
    "the file",
    "a flag",
    "the reader",
    "a page",
    "the parser",
    "the cache",
    "a test",
  ];
  const places = [
    "",
    " when asked",
    " in a folder",
    " of the server",
    " for the editor",
    " at last",
  ];
  const subjects = Object.entries(verbs).flatMap(([kind, words]) =>
    words.flatMap((verb) =>
      things.flatMap((thing) =>
        places.map((place, at) => `${kind}${at === 1 ? "(cli)!" : ""}: ${verb} ${thing}${place}`),
      ),
    ),
  );
  const run = (stdin: string, ...argv: string[]) => {
    const command = [process.execPath, join(examples, "commit-kinds.ts"), ...argv];
    const { stdout, stderr, exitCode } = Bun.spawnSync(command, {
      cwd: folder.path,
      env,
      stdin: Buffer.from(stdin),
    });
    return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
  };

  test("learns from a history, and names what it has not seen", async () => {
    await writeTinyModel(folder.file("tiny.gguf"));
    const log = [...subjects, "Merge a branch", "wip: half of it"].join("\n");
    const settings = ["--model", "tiny.gguf", "--epochs", "8", "--learning-rate", "0.005"];
    const learnt = run(log, "learn", ...settings);
    expect([learnt.exitCode, learnt.stderr]).toEqual([0, ""]);
    expect(learnt.stdout).toMatch(/^252 commits: 84 docs, 84 feat, 84 fix\nstep \d+: loss /);
    expect(learnt.stdout).toMatch(
      /kept apart: [\d.]+ % right before, (?:9[5-9]|100)\.\d % after\n$/,
    );
    const named = run("Explain the server\nClose a folder\nShow the editor\n", "name");
    const kinds = named.stdout.split("\n").map((line) => line.split("\t")[0]);
    expect(kinds).toEqual(["docs", "fix", "feat", ""]);
  });

  test("says that a history has nothing to learn from", () => {
    const { exitCode, stderr } = run("Merge\nfix: a\n", "learn", "--model", "tiny.gguf");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no two kinds have 20 commits each");
  });
});
