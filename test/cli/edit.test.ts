// `cromwell edit` end to end in this process: what lands on stdout and in the file for each way to
// ask, with a real model whose answer is known.

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

const models = temporaryFolder();
const docstring = 'def area(w, h):\n    """Area."""\n    return w * h';
const model = await writeScriptedModel(models.file("model.gguf"), {
  chatTemplate,
  answers: { "\n": [docstring, "\n```"] },
});
const broken = await writeScriptedModel(models.file("broken.gguf"), {
  chatTemplate,
  answers: { "\n": ["def area(w, h:", "\n```"] },
});

const before = "def area(w, h):\n    return w * h\n";
const after = `${docstring}\n`;
const diff =
  '--- a/f.py\n+++ b/f.py\n@@ -1,2 +1,3 @@\n def area(w, h):\n+    """Area."""\n     return w * h\n';

const home = models.file("home");
let count = 0;

/** A folder of its own with f.py in it, and the command line run there. */
function place(contents: string | Uint8Array = before) {
  const name = `place-${count++}`;
  mkdirSync(models.file(name));
  models.write(`${name}/f.py`, contents);
  const cwd = models.file(name);
  return {
    read: (file = "f.py") => readFileSync(models.file(`${name}/${file}`), "utf8"),
    has: (file: string) => existsSync(models.file(`${name}/${file}`)),
    path: (file: string) => models.file(`${name}/${file}`),
    files: () => readdirSync(cwd),
    edit: (flags: string[] = [], setting: Setting = {}) =>
      cromwell(["edit", "f.py", "--instruction", "Add a docstring", ...flags], {
        env: { CROMWELL_MODEL: model, CROMWELL_HOME: home },
        cwd,
        ...setting,
      }),
  };
}

describe("an accepted edit", () => {
  test("off a terminal: the diff on stdout, the file untouched", async () => {
    const { edit, read, files } = place();
    expect(await edit()).toEqual({ code: 0, stdout: diff, stderr: "", writes: 1 });
    expect(read()).toBe(before);
    expect(files()).toEqual(["f.py"]);
  });

  test("a file elsewhere in the repository is named from its top, another by its base name", async () => {
    const { path } = place();
    for (const made of [".git/objects", ".git/refs", "sub", "other"]) {
      mkdirSync(path(made), { recursive: true });
    }
    writeFileSync(path(".git/HEAD"), "ref: refs/heads/main\n");
    writeFileSync(path("other/o.py"), before);
    const cwd = path("sub");
    const named = async (file: string, at: string) => {
      const argv = ["edit", file, "-i", "Add a docstring"];
      const { stdout } = await cromwell(argv, {
        env: { CROMWELL_MODEL: model, CROMWELL_HOME: home },
        cwd: at,
      });
      return { stdout, name: /^--- a\/(.*)$/m.exec(stdout)?.[1] };
    };
    const { stdout, name } = await named("../other/o.py", cwd);
    expect(name).toBe("other/o.py");
    const refused = await cromwell(["apply"], { stdin: stdout, cwd });
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("does not exist")]);
    expect((await cromwell(["apply"], { stdin: stdout, cwd: path(".") })).code).toBe(0);
    expect(readFileSync(path("other/o.py"), "utf8")).toBe(after);
    expect((await named(path("f.py"), cwd)).name).toBe("f.py");
    expect((await named("../other/../sub/../f.py", cwd)).name).toBe("f.py");
    expect((await named(models.write("elsewhere.py", before), cwd)).name).toBe("elsewhere.py");
  });

  test("--write changes the file and says how much on stderr", async () => {
    const { edit, read } = place();
    const { code, stdout, stderr } = await edit(["--write"]);
    expect([code, stdout, stderr]).toEqual([0, "", "cromwell: f.py: +1 -0\n"]);
    expect(read()).toBe(after);
  });

  test("--output writes there alone", async () => {
    const { edit, read, files } = place();
    const { code, stdout } = await edit(["--output", "g.py"]);
    expect([code, stdout, read(), read("g.py")]).toEqual([0, "", before, after]);
    expect(files().sort()).toEqual(["f.py", "g.py"]);
  });

  test("--json tells all of it, with --write too", async () => {
    const { edit, read } = place();
    const result = JSON.parse((await edit(["--json"])).stdout);
    expect(result).toMatchObject({
      file: "f.py",
      status: "edited",
      diff,
      edited_content: after,
      checks: { parses: true },
      region: null,
      adapters: [],
      usage: { completion_tokens: 2 },
    });
    expect(result.timings.tokens_per_second).toBeGreaterThan(0);
    expect(read()).toBe(before);
    expect(JSON.parse((await edit(["--json", "--write"])).stdout).status).toBe("edited");
    expect(read()).toBe(after);
  });

  test("- reads stdin and prints the edited text", async () => {
    const { edit } = place();
    const setting = { env: { CROMWELL_MODEL: model, CROMWELL_HOME: home }, stdin: before };
    const argv = ["edit", "-", "--instruction", "Add a docstring"];
    expect(await cromwell(argv, setting)).toMatchObject({ code: 0, stdout: after, stderr: "" });
    const shown = await cromwell([...argv, "--diff"], setting);
    expect(shown.stdout).toBe(diff.replaceAll("f.py", "-"));
    expect((await edit(["--diff"])).stdout).toBe(diff);
  });

  test("the function that was sent is named", async () => {
    const rest = "x = 1\n".repeat(30);
    const { edit } = place(`${rest}\n${before}\ndef other():\n    pass\n`);
    const { code, stderr } = await edit(["-i", "Document area"]);
    expect([code, stderr]).toEqual([
      0,
      "cromwell: only area (lines 32 to 33) of f.py is sent to the model\n",
    ]);
  });
});

describe("on a terminal", () => {
  test("a coloured diff, then yes applies it", async () => {
    const { edit, read } = place();
    const { code, stdout, stderr } = await edit([], { terminal: true, typed: "y\r\n" });
    expect([code, Bun.stripANSI(stdout)]).toEqual([0, diff]);
    expect(stdout).toContain("\x1b[32m");
    expect(stderr).toContain("Apply this edit to f.py? [y/N]");
    expect(read()).toBe(after);
  });

  test.each(["n\n", "\n", "", "yesterday\n"])("%j leaves it, exit 3", async (typed) => {
    const { edit, read } = place();
    const { code, stderr } = await edit([], { terminal: true, typed });
    expect([code, read()]).toEqual([3, before]);
    expect(stderr).toContain("f.py was left as it is");
  });

  test("--diff never asks", async () => {
    const { edit } = place();
    const { code, stderr } = await edit(["--diff"], { terminal: true, typed: "y\n" });
    expect(code).toBe(0);
    expect(stderr).not.toContain("Apply");
  });

  test("Ctrl-C at the question", async () => {
    const { edit, read } = place();
    const controller = new AbortController();
    const { code, stderr } = await edit([], {
      terminal: true,
      typed: "",
      silent: true,
      signal: controller.signal,
      onOutput: () => setTimeout(() => controller.abort(), 10),
    });
    expect([code, read()]).toEqual([130, before]);
    expect(stderr).toEndWith("[y/N] \ncromwell: interrupted\n");
  });
});

describe("no acceptable edit: exit 3, the reason, the file untouched", () => {
  const setting = { env: { CROMWELL_MODEL: broken, CROMWELL_HOME: home } };

  test.each([[[]], [["--write"]], [["--output", "g.py"]]])("%j", async (flags) => {
    const { edit, read, files } = place();
    const { code, stdout, stderr } = await edit(flags, setting);
    expect([code, stdout, read(), files()]).toEqual([3, "", before, ["f.py"]]);
    expect(stderr).toMatch(/no acceptable edit of f\.py: the answer has a syntax error.*\n$/);
  });

  test("--json says so on stdout too", async () => {
    const { edit } = place();
    const { code, stdout } = await edit(["--json"], setting);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "rejected",
      reason: expect.stringContaining("syntax error"),
      diff: "",
      edited_content: null,
      checks: { parses: false },
    });
  });

  test("unchanged", async () => {
    const { edit } = place(after);
    const { code, stdout } = await edit(["--json"]);
    expect([code, JSON.parse(stdout).status]).toEqual([3, "unchanged"]);
  });

  test("- prints nothing", async () => {
    const argv = ["edit", "-", "-i", "Add a docstring"];
    const { code, stdout } = await cromwell(argv, { ...setting, stdin: before });
    expect([code, stdout]).toEqual([3, ""]);
  });
});

describe("refused before the model is opened: exit 1, one line", () => {
  const none = { env: { CROMWELL_MODEL: "/no/model" } };

  test("what is no text file", async () => {
    const { edit } = place(new Uint8Array([0, 1, 2]));
    const { code, stderr } = await edit([], none);
    expect([code, stderr]).toEqual([1, "cromwell: f.py is a binary file\n"]);
  });

  test("an empty stdin", async () => {
    const { code, stderr } = await cromwell(["edit", "-", "-i", "x"], none);
    expect([code, stderr]).toEqual([1, "cromwell: - is empty: nothing to edit\n"]);
  });

  test("a folder to write to", async () => {
    const { edit } = place();
    const { code, stderr } = await edit(["--output", "."], none);
    expect([code, stderr]).toEqual([1, "cromwell: cannot write .: it is a folder\n"]);
  });

  test("a missing model, said as an object too", async () => {
    const { edit } = place();
    const { code, stdout } = await edit(["--json"], none);
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, "model"]);
  });
});

test("a read-only file is not replaced", async () => {
  const { edit, read, path } = place();
  chmodSync(path("f.py"), 0o444);
  const { code, stderr } = await edit(["--write"]);
  expect([code, read()]).toEqual([1, before]);
  expect(stderr).toBe("cromwell: cannot write f.py: the file is read-only\n");
});
