// `cromwell train` as a user runs it: lines that tell how it goes, one object with --json, Ctrl-C that leaves
// a checkpoint, a page to watch it, and one line for whatever cannot be trained.

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCheckpoint } from "../../src/training/checkpoints/restore.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { tinyConfig, tinyCorpus } from "../training/run/tiny-run.ts";
import { cromwell, type Setting } from "./streams.ts";
import { writeTwoGigabytes } from "./two-gigabytes.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const tiny = Object.entries(tinyConfig).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
const given = ["--data", "corpus", "--tokenizer", "tokenizer.json"];

beforeAll(async () => {
  await tinyCorpus(folder.path);
});

const run = (argv: string[], setting: Setting = {}) =>
  cromwell(["train", ...argv], { cwd: folder.path, ...setting });
const start = (output: string, argv: string[] = [], setting: Setting = {}) =>
  run([...given, ...tiny, "--output", output, ...argv], setting);

test("tells how it goes on stderr, and where the last checkpoint is", async () => {
  const { code, stdout, stderr } = await start("run", ["--steps", "4"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(
    /^cromwell: [\d,]+ weights; [\d,]+ tokens to train on, [\d,]+ to evaluate on; 4 steps are 0\.\d+ epochs$/m,
  );
  expect(stderr).toMatch(/^step 1\/4 {2}loss \d\.\d+ /m);
  expect(stderr).toMatch(/^step 4 {2}val \d\.\d+ {2}\d\.\d+ bits\/byte$/m);
  const last = join(folder.path, "run/checkpoints/step-00000004.gguf");
  expect(stderr).toEndWith(`cromwell: trained 4 steps; the last checkpoint is ${last}\n`);
  const config = readFileSync(folder.file("run/config.toml"), "utf8");
  expect(config).toContain("steps = 4\n");
  expect(config).toContain(`path = ${JSON.stringify(folder.file("corpus"))}\n`);
});

test("--json prints one object, --quiet nothing; --resume and --model go on", async () => {
  const json = await start("json", ["--steps", "3", "--json"]);
  expect([json.code, json.stderr]).toEqual([0, ""]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    folder: "json",
    state: "finished",
    step: 3,
    steps: 3,
    tokens: 3 * 6 * 32,
    evaluation: { step: 3, loss: expect.any(Number), bitsPerByte: expect.any(Number) },
    checkpoint: expect.stringMatching(/step-00000003\.gguf$/),
  });
  const model = "json/checkpoints/step-00000003.gguf";
  const further = ["--data", "corpus", "--model", model, "--output", "further", "--quiet"];
  const sizes = ["--steps", "2", "--sequence-length", "32", "--batch-size", "2"];
  const { code, stdout, stderr } = await run([...further, ...sizes]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/^cromwell: trained 2 steps; [^\n]+\n$/);
  const again = await run(["--resume", "further", "--json"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ state: "finished", step: 2 });
});

test("a checkpoint is converted to the model alone, which answers as the checkpoint does", async () => {
  const checkpoint = "json/checkpoints/step-00000003.gguf";
  const complete = async (model: string) =>
    (
      await cromwell(["complete", "--model", model, "--prompt", "import", "--max-tokens", "8"], {
        cwd: folder.path,
      })
    ).stdout;
  const wanted = await complete(checkpoint);
  expect(wanted).not.toBe("");
  for (const [output, type] of [
    ["out.gguf", "F32"],
    ["half.gguf", "F16"],
    ["eight.gguf", "Q8_0"],
    ["four.gguf", "Q4_0"],
    ["out.safetensors", "F32"],
  ] as const) {
    const argv = ["convert", checkpoint, output, "--type", type];
    const { code, stderr } = await cromwell(argv, { cwd: folder.path });
    expect([code, stderr]).toEqual([0, `cromwell: wrote 20 tensors to ${output}\n`]);
    if (type === "F32") expect(await complete(output)).toBe(wanted);
    else expect(await complete(output)).not.toBe("");
  }
});

test("a damaged checkpoint is no model, nor a tokenizer", async () => {
  const bytes = readFileSync(folder.file("json/checkpoints/step-00000003.gguf"));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(folder.file("damaged.gguf"), bytes);
  const uses = [
    ["complete", "--prompt", "import", "--model", "damaged.gguf"],
    ["convert", "damaged.gguf", "converted.gguf"],
    ["eval", "perplexity", "--data", "corpus", "--model", "damaged.gguf"],
    ["train", "--data", "corpus", "--model", "damaged.gguf", "--output", "from-damaged"],
    ["train", "--data", "corpus", "--tokenizer", "damaged.gguf", "--output", "from-damaged"],
  ];
  for (const argv of uses) {
    const { code, stdout, stderr } = await cromwell(argv, { cwd: folder.path });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^cromwell: \S*damaged\.gguf: the checkpoint is damaged: .*; take another one of the run\n$/,
    );
  }
  expect(existsSync(folder.file("converted.gguf"))).toBe(false);
});

test("Ctrl-C in a step is heard at once, leaves a checkpoint and says how to go on", async () => {
  const stop = new AbortController();
  let asked = 0;
  const watching = setInterval(() => {
    const metrics = folder.file("stopped/metrics.jsonl");
    if (!existsSync(metrics) || !readFileSync(metrics, "utf8").includes('"type":"step"')) return;
    clearInterval(watching);
    asked = performance.now();
    stop.abort();
  }, 5);
  const argv = ["--steps", "100000", "--set", "checkpoints.every=0"];
  const { code, stderr } = await start("stopped", argv, { signal: stop.signal });
  expect(performance.now() - asked).toBeLessThan(400);
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /cromwell: stopped at step \d+; `cromwell train --resume stopped` goes on\n$/,
  );
  expect(readdirSync(folder.file("stopped/checkpoints"))).toHaveLength(1);
});

test("--watch serves a page with the key in its address, and its button stops the run", async () => {
  let said = "";
  let answered: Promise<number> | undefined;
  const press = async (url: URL): Promise<number> => {
    const page = await fetch(url.origin);
    expect(await page.text()).toContain("<html");
    const key = url.hash.replace("#key=", "");
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${url.origin}/control/stop`, { method: "POST", headers })).status;
  };
  const { code, stderr } = await start("watched", ["--steps", "100000", "--watch"], {
    onMessage: (text) => {
      const url = /watch it at (\S+)\n/.exec(text)?.[1];
      if (url === undefined || said !== "") return;
      said = url;
      answered = press(new URL(url));
    },
  });
  expect(await answered).toBeLessThan(300);
  expect(code).toBe(0);
  expect(stderr).toContain("stopped at step");
});

test("--measure-efficiency tells the speed-up and trains nothing", async () => {
  const { code, stdout } = await start("measured", ["--measure-efficiency", "--json"]);
  expect(code).toBe(0);
  const { threads, speedUp, efficiency } = JSON.parse(stdout);
  expect(efficiency).toBeCloseTo(speedUp / threads, 10);
  expect(readdirSync(folder.file("measured/checkpoints"))).toEqual([]);
});

describe("one line for", () => {
  const write = (name: string, contents: string | Uint8Array) => {
    writeFileSync(folder.file(name), contents);
    return name;
  };
  const wrong: [string, () => string[], number, RegExp][] = [
    ["no output", () => given, 2, /--output is missing/],
    ["both ways to start", () => ["--output", "a", "--resume", "b"], 2, /leave out --output/],
    ["no data", () => ["--output", "a"], 2, /nothing to train on; name a folder or file: --data/],
    ["no tokenizer", () => ["--data", "corpus", "--output", "a"], 2, /needs a tokenizer; give/],
    [
      "an absent tokenizer",
      () => ["--data", "corpus", "--tokenizer", "no.json", "--output", "a"],
      1,
      /cannot read .*no\.json: no such file/,
    ],
    [
      "another preset",
      () => [...given, "--preset", "mega", "--output", "a"],
      2,
      /--preset must be nano, not "mega"/,
    ],
    [
      "an unknown key",
      () => [...given, "--set", "training.step=1", "--output", "a"],
      2,
      /unknown key "training\.step"; is training\.steps meant\?/,
    ],
    [
      "a file that is no configuration",
      () => ["--config", write("x.toml", "a = 1"), "--output", "a"],
      2,
      /x\.toml: unknown key "a"/,
    ],
    [
      "a run that is there",
      () => [...given, ...tiny, "--output", "run"],
      2,
      /has the checkpoints of a run already; go on with --resume/,
    ],
    ["a run that is not there", () => ["--resume", "nowhere"], 1, /nowhere has no run/],
    [
      "a corpus that is not there",
      () => ["--data", "nowhere", ...given.slice(2), ...tiny, "--output", "a"],
      1,
      /cannot read .*nowhere: no such/,
    ],
    [
      "an empty corpus",
      () => ["--data", emptyFolder(), ...given.slice(2), ...tiny, "--output", "b"],
      1,
      /has no text to learn from/,
    ],
    [
      "a corpus of binaries",
      () => ["--data", binaries(), ...given.slice(2), ...tiny, "--output", "c"],
      1,
      /no text to learn from; left out: 1 binary/,
    ],
    [
      "a binary file as a text",
      () => [
        "--data",
        write("zeros.txt", new Uint8Array(5000)),
        ...given.slice(2),
        ...tiny,
        "--output",
        "d",
      ],
      1,
      /zeros\.txt is not text in UTF-8/,
    ],
    [
      "too little text",
      () => ["--data", write("few.txt", "few words"), ...given.slice(2), ...tiny, "--output", "e"],
      1,
      /less than one sequence of 32/,
    ],
    [
      "a line of JSON without its end",
      () => [
        "--data",
        write("long.jsonl", `"${"x".repeat(65 << 20)}`),
        ...given.slice(2),
        ...tiny,
        "--output",
        "f",
      ],
      1,
      /long\.jsonl has a line of more than 64 MiB/,
    ],
    ...writeTwoGigabytes(folder.path).map(([name, message], index) => {
      const argv = () => ["--data", name, ...given.slice(2), ...tiny, "--output", `two-${index}`];
      return [`2 GB without a line's end, ${name}`, argv, 1, message] as (typeof wrong)[number];
    }),
    [
      "a port that is none",
      () => [...given, ...tiny, "--output", "g", "--watch=99999"],
      2,
      /--watch must be a whole number/,
    ],
  ];
  const emptyFolder = () => {
    mkdirSync(folder.file("empty"), { recursive: true });
    return "empty";
  };
  const binaries = () => {
    mkdirSync(folder.file("binaries"), { recursive: true });
    return write("binaries/a.dat", new Uint8Array(99)) && "binaries";
  };
  test.each(wrong)("%s", async (_, argv, wanted, message) => {
    const { code, stdout, stderr } = await run([...argv(), "--quiet"]);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([wanted, ""]);
    const said = stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !line.includes("left out of the corpus"));
    expect(said).toHaveLength(1);
    // Nothing stays of a start that came to nothing but the tokens of what was read.
    const made = folder.file(argv()[argv().indexOf("--output") + 1]!);
    const hasTokens = existsSync(join(made, "data"));
    if (!made.endsWith("/run")) expect(existsSync(made)).toBe(hasTokens);
  });

  test("a start that failed, once its corpus is put right; what was in its folder stays", async () => {
    mkdirSync(folder.file("again"));
    write("again/notes.txt", "mine");
    mkdirSync(folder.file("later"));
    const argv = ["--data", "later", ...given.slice(2), ...tiny, "--output", "again"];
    expect(await run([...argv, "--quiet"])).toMatchObject({ code: 1 });
    expect(readdirSync(folder.file("again"))).toEqual(["notes.txt", "run.lock"]);
    for (const name of readdirSync(folder.file("corpus"))) {
      write(`later/${name}`, readFileSync(folder.file(`corpus/${name}`)));
    }
    const { code, stderr } = await run([...argv, "--steps", "1"]);
    expect(code).toBe(0);
    expect(stderr).toContain("; 1 step is 0.");
    expect(stderr).toContain("cromwell: trained 1 step; the last checkpoint is");
    expect(readFileSync(folder.file("again/notes.txt"), "utf8")).toBe("mine");
  });

  test("a loss that explodes: the step, and the checkpoint that is still good", async () => {
    const wild = [
      "--learning-rate",
      "100",
      "--set",
      "schedule.warmup=0",
      "--set",
      "training.clip=0",
    ];
    const argv = [...wild, "--steps", "50", "--set", "checkpoints.every=1", "--quiet"];
    const { code, stderr } = await start("wild", argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^cromwell: step \d+: the (loss|gradients' norm) .*; the last good checkpoint is .*step-\d+\.gguf; lower the learning rate/,
    );
    const named = /checkpoint is (\S+\.gguf)/.exec(stderr)![1]!;
    expect(existsSync(named)).toBe(true);
  });

  test("a full disk: what was written before stays", async () => {
    const before = ["--steps", "2", "--set", "schedule.name=constant", "--quiet"];
    expect(await start("full", before)).toMatchObject({ code: 0 });
    const names = readdirSync(folder.file("full/checkpoints"));
    expect(names).toContain("step-00000002.gguf");
    const main = join(import.meta.dir, "../../src/main.ts");
    const argv = ["train", "--resume", "full", "--steps", "3", "--quiet"];
    const quoted = [process.execPath, main, ...argv].map((word) => `'${word}'`).join(" ");
    // A limit on the size of files fails as a full disk does: metrics fit, no checkpoint does.
    const { stderr, exitCode } = Bun.spawnSync(
      ["sh", "-c", `ulimit -f 100; trap '' XFSZ; ${quoted}`],
      { cwd: folder.path },
    );
    expect(stderr.toString()).toMatch(
      /^cromwell: cannot write \S+step-00000003\.gguf: the file would be too large$/m,
    );
    expect(exitCode).toBe(1);
    expect(readdirSync(folder.file("full/checkpoints"))).toEqual(names);
    const checkpoint = folder.file("full/checkpoints/step-00000002.gguf");
    expect((await readCheckpoint(checkpoint)).progress.step).toBe(2);
    expect(await run(["--resume", "full", "--steps", "3", "--quiet"])).toMatchObject({ code: 0 });
  });
});
