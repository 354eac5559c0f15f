// The flags of `cromwell edit` that say what is rewritten, how often it is tried, and what an answer must
// pass, with a real model whose answers are known.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { chatTemplate, type Script, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

const folder = temporaryFolder();
let count = 0;

/** A folder with a file and a model that answers so, and the command line run there. */
async function place(contents: string, script: Partial<Script>, name = "f.py") {
  const place = `place-${count++}`;
  mkdirSync(folder.file(place));
  folder.write(`${place}/${name}`, contents);
  const model = folder.file(`${place}.gguf`);
  await writeScriptedModel(model, { chatTemplate, answers: {}, ...script });
  const env = { CROMWELL_MODEL: model, CROMWELL_HOME: folder.file(`${place}-home`) };
  return {
    write: (file: string, text: string) => folder.write(`${place}/${file}`, text),
    read: () => readFileSync(folder.file(`${place}/${name}`), "utf8"),
    edit: (flags: string[], setting: Setting = {}) =>
      cromwell(["edit", name, "-i", "Improve it", ...flags], {
        env,
        cwd: folder.file(place),
        ...setting,
      }),
    run: (argv: string[], setting: Setting = {}) =>
      cromwell(argv, { env, cwd: folder.file(place), ...setting }),
  };
}

const says = (...answer: string[]): Partial<Script> => ({ answers: { "\n": answer } });
const fence = "\n```";

const stack = `class Stack:
    def push(self, x):
        self.items.append(x)

    def pop(self):
        return self.items.pop()
`;

describe("what is rewritten", () => {
  test("--symbol: one method, and that is said", async () => {
    const { edit } = await place(
      stack,
      says("def pop(self):\n    return self.items.pop(0)", fence),
    );
    const { code, stdout, stderr } = await edit(["--symbol", "Stack.pop"]);
    expect([code, stderr]).toEqual([
      0,
      "cromwell: only Stack.pop (lines 5 to 6) of f.py is sent to the model\n",
    ]);
    expect(stdout).toContain(
      "-        return self.items.pop()\n+        return self.items.pop(0)\n",
    );
  });

  test("--lines: those alone, with their own indentation put back", async () => {
    const { edit } = await place(stack, says("self.items.append(x + 1)", fence));
    const { code, stdout, stderr } = await edit(["--lines", "3", "--json"]);
    expect([code, stderr]).toEqual([0, "cromwell: only line 3 of f.py is sent to the model\n"]);
    const result = JSON.parse(stdout);
    expect(result.region).toBe("line 3");
    expect(result.edited_content).toBe(stack.replace("append(x)", "append(x + 1)"));
  });

  const wrong: [string[], RegExp, number][] = [
    [["--lines", "9:12"], /there is no line 9: f\.py has 6 lines/, 1],
    [["--lines", "4:2"], /--lines must be A:B from 1 on, not "4:2"/, 2],
    [["--lines", "0"], /--lines must be A:B/, 2],
    [["--symbol", "peek"], /f\.py has no function or class peek/, 1],
    [["--symbol", "pop", "--lines", "1:2"], /exclude each other/, 2],
    [["--language", "klingon"], /--language must be one of .*python/, 2],
    [["--attempts", "0"], /--attempts/, 2],
    [["--attempts", "65"], /--attempts/, 2],
  ];
  test.each(wrong)("%j is refused", async (flags, message, exit) => {
    const { edit, read } = await place(stack, says(stack));
    const { code, stderr } = await edit(flags);
    expect([code, read()]).toEqual([exit, stack]);
    expect(stderr).toMatch(message);
  });

  test("--language judges standard input, which has no name", async () => {
    const { run } = await place("", says("x = (1", fence));
    const setting = { stdin: "x = 1\n" };
    const argv = ["edit", "-", "-i", "Improve it"];
    expect((await run([...argv, "--language", "python"], setting)).code).toBe(3);
    expect((await run([...argv, "--language", "text"], setting)).code).toBe(2);
  });
});

const answers = {
  broken: ["x = (2", fence],
  unknown: ["x = y + 2", fence],
  large: ["x = 2\nz = 3", fence],
  small: ["x = 2", fence],
};

describe("--budget", () => {
  const user = "from area import area\n\n\ndef volume(a, b, h):\n    return area(a, b) * h\n";
  const area = "def area(width, height):\n    return width * height\n";

  test("shows the model code of the project that helps", async () => {
    const { edit, write } = await place(user, says(`${user.trimEnd()}  # done`, fence));
    write("area.py", area);
    const tokens = async (flags: string[]) => {
      const { code, stdout } = await edit(["--json", ...flags]);
      expect(code).toBe(0);
      return JSON.parse(stdout).usage.prompt_tokens as number;
    };
    const bare = await tokens([]);
    // The scripted model's tokens are bytes.
    expect(await tokens(["--budget", "400"])).toBeGreaterThan(bare + area.length);
    expect(await tokens(["--budget", "20"])).toBe(bare);
  });

  test("needs a file", async () => {
    const { run } = await place("", says("x"));
    const argv = ["edit", "-", "-i", "Improve it", "--budget", "100"];
    const { code, stderr } = await run(argv, { stdin: "x = 1\n" });
    expect([code, stderr]).toEqual([2, expect.stringContaining("needs a file")]);
  });
});

describe("several attempts", () => {
  const script: Partial<Script> = {
    ...says(...answers.broken),
    alternatives: [answers.large, answers.small],
  };

  test("the best is taken: it parses, and changes least", async () => {
    const { edit } = await place("x = 1\n", script);
    const { code, stdout } = await edit(["--attempts", "16", "--json"]);
    const result = JSON.parse(stdout);
    expect([code, result.edited_content]).toEqual([0, "x = 2\n"]);
    expect(result.attempts).toHaveLength(16);
    const kinds = new Set(result.attempts.map((attempt: { status: string }) => attempt.status));
    expect(kinds).toContain("edited");
    for (const { status, log_probability, reason } of result.attempts) {
      if (status === "edited") expect(log_probability).toBeLessThan(0);
      else expect(reason).toContain("syntax error");
    }
  });

  test("the same seed gives the same answers", async () => {
    const { edit } = await place("x = 1\n", script);
    const flags = ["--attempts", "4", "--json", "--seed", "7"];
    const runs = [await edit(flags), await edit([...flags, "--no-draft"])].map(({ stdout }) => {
      const { attempts, edited_content, seed } = JSON.parse(stdout);
      return { attempts, edited_content, seed };
    });
    expect(runs[0]).toEqual(runs[1]!);
    expect(runs[0]!.seed).toBe(7);
  });

  test("a broken answer is drawn again, three times at most", async () => {
    const { edit, read } = await place("x = 1\n", says(...answers.broken));
    const { code, stdout } = await edit(["--json", "--write"]);
    const { attempts, status, reason } = JSON.parse(stdout);
    expect([code, status, read()]).toEqual([3, "rejected", "x = 1\n"]);
    expect(reason).toContain("syntax error: line 1");
    expect(attempts).toMatchObject([{ repairs: 3, checks: { parses: false, new_faults: 1 } }]);
  });

  test("and is mended where another answer is as likely", async () => {
    const { edit } = await place("x = 1\n", {
      ...says(...answers.broken),
      alternatives: [answers.small],
    });
    const outcomes = await Promise.all(
      ["1", "2", "3", "4"].map(async (seed) => {
        const { status, attempts } = JSON.parse((await edit(["--json", "--seed", seed])).stdout);
        return { status, repairs: attempts[0].repairs };
      }),
    );
    const mended = outcomes.filter(({ status }) => status === "edited");
    expect(mended.length).toBeGreaterThan(0);
    for (const { repairs } of mended) expect(repairs).toBeGreaterThan(0);
  });
});

describe("--check", () => {
  const script: Partial<Script> = { ...says(...answers.small), alternatives: [answers.large] };

  test("takes an answer that passes, in a copy", async () => {
    const { edit, read } = await place("x = 1\n", script);
    const check = "cat f.py && grep -q z f.py && echo changed > f.py";
    const { code, stdout } = await edit(["--attempts", "12", "--check", check, "--json"]);
    const result = JSON.parse(stdout);
    expect([code, result.edited_content]).toEqual([0, "x = 2\nz = 3\n"]);
    expect(read()).toBe("x = 1\n");
    const checked = result.attempts.filter((attempt: { check?: object }) => attempt.check);
    // The smaller change is tried first; one that passes ends the search.
    const codes = checked.map(
      (attempt: { check: { exit_code: number } }) => attempt.check.exit_code,
    );
    expect([...new Set(codes)].sort()).toEqual([0, 1]);
    expect(checked.map((attempt: { reason?: string }) => attempt.reason)).toContain(
      "the check failed with exit code 1",
    );
  });

  test("refuses where none passes, with what the command said", async () => {
    const { edit, read } = await place("x = 1\n", script);
    const flags = ["--check", "echo no such luck; exit 7", "--json", "--write"];
    const { code, stdout } = await edit(flags);
    const { status, reason, attempts } = JSON.parse(stdout);
    expect([code, status, read()]).toEqual([3, "rejected", "x = 1\n"]);
    expect(reason).toBe("the check failed with exit code 7");
    expect(attempts[0].check).toMatchObject({ exit_code: 7, output: "no such luck\n" });
  });

  test("needs a file", async () => {
    const { run } = await place("", script);
    const argv = ["edit", "-", "-i", "Improve it", "--check", "true"];
    const { code, stderr } = await run(argv, { stdin: "x = 1\n" });
    expect([code, stderr]).toEqual([2, expect.stringContaining("needs a file")]);
  });
});

test("what a person should look at is said on stderr", async () => {
  const { edit } = await place(
    "import os\nx = os.sep\nprint(x)\n",
    says("import os\ny = here(os.sep)", fence),
  );
  const { code, stderr } = await edit([]);
  expect([code, stderr]).toEqual([
    0,
    "cromwell: the edit uses here, which f.py neither defines nor imports\n",
  ]);
  const other = await place("x = 1\nprint(x)\n", says("x = 1", fence));
  expect((await other.edit([])).stderr).toBe(
    "cromwell: the edit removes a line of which the instruction says nothing\n",
  );
});

test("a write can be undone", async () => {
  const { edit, run, read } = await place("x = 1\n", says(...answers.small));
  expect((await edit(["--write"])).code).toBe(0);
  expect(read()).toBe("x = 2\n");
  expect((await run(["undo"])).code).toBe(0);
  expect(read()).toBe("x = 1\n");
});
