// The executable that `npm run build -- --with-model` writes: it edits and completes anywhere, without a
// home, a network or a model beside it, and says so where its model was cut off.

import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { embedModel } from "../../src/model/embed-model.ts";
import { defaultModel } from "../data.ts";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { executable, root } from "./project.ts";

const plain = executable();
const missing = plain === undefined || Bun.which("node") === null;
const folder = mkdtempSync(join(tmpdir(), "cromwell-with-model-"));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(folder, "bin", "cromwell");
const docstring = 'def area(w, h):\n    """Area."""\n    return w * h';

/** A model that answers so, in a type whose weights are stored. */
async function writeModel(name: string, answer: string): Promise<string> {
  const source = join(folder, `${name}.f32.gguf`);
  await writeScriptedModel(source, {
    chatTemplate,
    answers: { "\n": [answer, "\n```"], x: ["y"] },
  });
  const path = join(folder, `${name}.gguf`);
  await convert(source, path, { type: "Q8_0" });
  return path;
}

const model = await writeModel("scripted", docstring);
const other = await writeModel("other", "def area(w, h):\n    return h * w");

/** Runs a command line with nothing in its environment but `environment`. */
function run(command: string[], cwd: string, environment: Record<string, string> = {}) {
  const { exitCode, stdout, stderr, resourceUsage } = Bun.spawnSync(command, {
    cwd,
    env: { TMPDIR: folder, ...environment },
  });
  const [out, err] = [stdout.toString(), stderr.toString()];
  return { exitCode, stdout: out, stderr: err, resident: resourceUsage!.maxRSS };
}

function emptyFolder(name: string): string {
  mkdirSync(join(folder, name), { recursive: true });
  return join(folder, name);
}

describe.skipIf(missing)("with a model inside", () => {
  test("it is built from a GGUF file", () => {
    const request = JSON.stringify({ model, output: program });
    const script = `import { buildWithModel } from "./scripts/build.mjs"; buildWithModel(${request});`;
    const built = run(["node", "--input-type=module", "--eval", script], root, {
      PATH: process.env.PATH!,
    });
    expect({ ...built, resident: 0 }).toMatchObject({ exitCode: 0, stdout: "" });
    expect(statSync(program).mode & 0o111).toBe(0o111);
  }, 180_000);

  test("it edits and completes in any folder, with no home and no network", () => {
    const cwd = emptyFolder("work");
    writeFileSync(join(cwd, "f.py"), "def area(w, h):\n    return w * h\n");
    const alone = Bun.spawnSync(["unshare", "-n", "true"]).success ? ["unshare", "-n"] : [];
    const edit = ["edit", "f.py", "--instruction", "Add a docstring", "--json"];
    const edited = run([...alone, program, ...edit], cwd);
    expect(edited.stderr).toBe("");
    expect(JSON.parse(edited.stdout).edited_content).toBe(`${docstring}\n`);
    const completed = run([...alone, program, "complete", "--prompt", "x"], cwd);
    expect(completed).toMatchObject({ exitCode: 0, stdout: "y", stderr: "" });
    expect(readdirSync(cwd)).toEqual(["f.py"]);
  });

  test("it needs no home that can be written, and stores nothing in one that can", () => {
    const cwd = emptyFolder("homes");
    for (const home of ["/proc/cromwell", emptyFolder("home")]) {
      const argv = [program, "complete", "--prompt", "x"];
      const { stdout, stderr } = run(argv, cwd, { CROMWELL_HOME: home });
      expect([stdout, stderr]).toEqual(["y", ""]);
    }
    expect(readdirSync(join(folder, "home"))).toEqual([]);
  });

  test("--model and CROMWELL_MODEL go before it, and its own name and path mean it", () => {
    const complete = ["complete", "--prompt", "x", "--json"];
    const used = (args: string[], environment = {}) =>
      JSON.parse(run([program, ...complete, ...args], folder, environment).stdout).text;
    const args = ["edit", "-", "--instruction", "Swap them"];
    const swapped = Bun.spawnSync([program, ...args, "--model", other], {
      stdin: Buffer.from("def area(w, h):\n    return w * h\n"),
      env: { TMPDIR: folder },
    });
    expect(swapped.stdout.toString()).toBe("def area(w, h):\n    return h * w\n");
    expect(used(["--model", "scripted"])).toBe("y");
    expect(used(["--model", program])).toBe("y");
    const named = run([program, ...complete], folder, { CROMWELL_MODEL: "/no/model" });
    expect(named.stderr).toContain("no model at /no/model");
  });

  test("models, doctor and inspect show it", () => {
    const listed = run([program, "models"], folder).stdout;
    expect(listed).toMatch(/^scripted +in this program, \d+ kB$/m);
    expect(listed).toMatch(/^smollm2-135m-instruct +not here/m);
    const facts = JSON.parse(run([program, "doctor", "--json", "--verify"], folder).stdout);
    const sha256 = new Bun.CryptoHasher("sha256");
    sha256.update(readFileSync(model));
    expect(facts.model).toEqual({
      path: program,
      embedded: true,
      bytes: statSync(model).size,
      state: "ready",
      sha256: sha256.digest("hex"),
      matches: null,
    });
    expect(run([program, "doctor"], folder).stdout).toContain(`inside ${program}\n`);
    const inspected = JSON.parse(run([program, "inspect", program, "--json"], folder).stdout);
    expect(inspected).toMatchObject({ bytes: statSync(model).size, runs: true });
  });

  test("cut short, it says so in a line and runs other models", () => {
    const cwd = emptyFolder("cut");
    const cut = join(cwd, "cromwell");
    copyFileSync(program, cut);
    truncateSync(cut, statSync(cut).size - 4096);
    const complete = [cut, "complete", "--prompt", "x"];
    const failed = run(complete, cwd);
    expect(failed).toMatchObject({ exitCode: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^cromwell: the model inside \S+ is missing: its end was .*\n$/);
    expect(run([...complete, "--model", other], cwd)).toMatchObject({ exitCode: 0, stdout: "y" });
    expect(run([cut, "doctor"], cwd).stdout).toContain("its end was cut off");
  });
});

const real = defaultModel();

test.skipIf(missing || real === undefined)(
  "the default model answers from inside as from its file, in about as much memory",
  async () => {
    const cwd = emptyFolder("real");
    const inside = join(cwd, "cromwell");
    copyFileSync(plain!, inside);
    await embedModel({ program: inside, model: real!, name: "real" });
    const complete = ["complete", "--prompt", "def is_even(n):", "--max-tokens", "9"];
    const home = { CROMWELL_HOME: emptyFolder("real-home") };
    const fromFile = () => run([plain!, ...complete, "--model", real!], cwd, home);
    fromFile();
    const expected = fromFile();
    const answer = run([inside, ...complete], cwd);
    expect([answer.stdout, answer.stderr]).toEqual([expected.stdout, expected.stderr]);
    expect(answer.resident).toBeLessThan(expected.resident * 1.2);
    rmSync(inside);
  },
  180_000,
);
