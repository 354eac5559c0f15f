// `cromwell complete` with a real model whose answer is known, and with stories260K where it is.

import { describe, expect, test } from "bun:test";
import { testData } from "../data.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { ":": ["\n", "    return", " 1"], "=": ["5", ";"], "(": ["x", "\n", "  end", "é"] },
});
const endless = await writeScriptedModel(folder.file("endless.gguf"), {
  answers: { x: ["xy"] },
  endless: true,
  contextLength: 512,
});
const filling = await writeScriptedModel(folder.file("filling.gguf"), {
  answers: {},
  fillIn: ["middle", "\n"],
});
const env = { CROMWELL_MODEL: model };

const answer = "\n    return 1";

describe("where the prompt comes from", () => {
  test("--prompt; stdin is not read", async () => {
    const result = await cromwell(["complete", "--prompt", "def f():"], { env, stdin: "y =" });
    expect(result).toEqual({ code: 0, stdout: answer, stderr: "", writes: 3 });
  });

  test("stdin, byte for byte", async () => {
    const { stdout } = await cromwell(["complete"], { env, stdin: "é\r\ndef f():" });
    expect(stdout).toBe(answer);
    const changed = await cromwell(["complete", "--json"], { env, stdin: "def f():\r\n" });
    expect(JSON.parse(changed.stdout).usage.prompt_tokens).toBe(10);
  });

  test("FILE, and - for stdin", async () => {
    folder.write("f.py", "y =");
    const setting = { env, cwd: folder.path, stdin: "def f():" };
    expect((await cromwell(["complete", "f.py"], setting)).stdout).toBe("5;");
    expect((await cromwell(["complete", "-"], setting)).stdout).toBe(answer);
  });

  test("a prompt may begin with a dash", async () => {
    const { stdout } = await cromwell(["complete", "--prompt", "--no-x ="], { env });
    expect(stdout).toBe("5;");
  });

  test("what is no text, and what is not there", async () => {
    const binary = await cromwell(["complete"], { env, stdin: new Uint8Array([0xff, 0xfe]) });
    expect([binary.code, binary.stderr]).toEqual([1, expect.stringContaining("not UTF-8")]);
    const missing = await cromwell(["complete", "/no/file"], { env });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("no such file")]);
  });

  test("more than the context can hold is refused before it is encoded", async () => {
    folder.write("long", "x".repeat(64 << 20));
    const started = performance.now();
    const { code, stderr } = await cromwell(["complete", "long"], { env, cwd: folder.path });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("the prompt has 64.0 MiB, more than"),
    ]);
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test("what brings bytes for ever is given up", async () => {
    const { code, stderr } = await cromwell(["complete", "/dev/zero"], { env });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("/dev/zero is larger than 256 MiB"),
    ]);
  });

  test("an empty prompt is wrong usage for a model without a start token", async () => {
    const { code, stderr } = await cromwell(["complete", "--prompt", ""], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("no start token")]);
  });
});

describe("what is printed", () => {
  test("--json is one object", async () => {
    const { code, stdout, stderr } = await cromwell(
      ["complete", "--prompt", "def f():", "--json"],
      { env },
    );
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      text: answer,
      finish_reason: "stop",
      usage: { prompt_tokens: 8, completion_tokens: 3 },
      model: "scripted",
    });
    expect(result.tokens).toHaveLength(3);
    expect(result.timings.load_ms).toBeGreaterThan(0);
    expect(result.timings.first_token_ms).toBeGreaterThan(result.timings.load_ms);
    expect(result.timings.tokens_per_second).toBeGreaterThan(0);
    expect(result).not.toHaveProperty("seed");
  });

  test("guesses change how it comes and not what comes; --no-draft makes none", async () => {
    const argv = ["complete", "--prompt", "x", "--max-tokens", "60", "--json"];
    const setting = { env: { CROMWELL_MODEL: endless } };
    const drafted = JSON.parse((await cromwell(argv, setting)).stdout);
    const plain = JSON.parse((await cromwell([...argv, "--no-draft"], setting)).stdout);
    expect(drafted.tokens).toEqual(plain.tokens);
    expect(drafted.text).toBe(plain.text);
    expect(drafted.draft.drafted).toBeGreaterThanOrEqual(drafted.draft.accepted);
    expect(drafted.draft.tokens_per_step).toBeGreaterThan(1);
    expect(plain.draft).toEqual({ drafted: 0, accepted: 0, tokens_per_step: 1 });
  });

  test("each token at once", async () => {
    const seen: string[] = [];
    const onOutput = (text: string) => seen.push(text);
    await cromwell(["complete", "--prompt", "def f():"], { env, onOutput });
    expect(seen).toEqual(["\n", "\n    return", answer]);
  });

  test("a newline is added on a terminal only", async () => {
    const { stdout } = await cromwell(["complete", "--prompt", "y ="], { env, terminal: true });
    expect(stdout).toBe("5;\n");
  });

  test("--max-tokens and --stop end it", async () => {
    const argv = ["complete", "--prompt", "def f():", "--json"];
    const short = JSON.parse((await cromwell([...argv, "--max-tokens", "1"], { env })).stdout);
    expect([short.text, short.finish_reason]).toEqual(["\n", "length"]);
    expect(short.timings.tokens_per_second).toBeNull();
    const none = JSON.parse((await cromwell([...argv, "--max-tokens", "0"], { env })).stdout);
    expect([none.text, none.tokens]).toEqual(["", []]);
    const stops = ["--stop", "zzz", "--stop", "ret"];
    const stopped = JSON.parse((await cromwell([...argv, ...stops], { env })).stdout);
    expect([stopped.text, stopped.finish_reason]).toEqual(["\n    ", "stop"]);
  });

  test("the seed is said when sampling, and gives the same text again", async () => {
    const argv = ["complete", "--prompt", "y =", "--temperature", "5"];
    const drawn = await cromwell(argv, { env });
    const seed = /seed (\d+)/.exec(drawn.stderr)![1]!;
    const again = await cromwell([...argv, "--seed", seed, "--json"], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ text: drawn.stdout, seed: Number(seed) });
  });

  test("fewer threads than asked for are said", async () => {
    const { code, stderr } = await cromwell(["complete", "--prompt", "y =", "--threads", "1024"], {
      env,
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining("1024 threads asked for")]);
  });
});

describe("--at", () => {
  const source = "a = 1\nf(\n\n  end\nb\n";

  test("without tokens to fill in: the prefix is continued up to the suffix", async () => {
    folder.write("at.py", source);
    const { code, stdout, stderr } = await cromwell(["complete", "at.py", "--at", "2"], {
      env,
      cwd: folder.path,
    });
    // The model goes on with "x\n  endé": that is not the line "  end", so it is kept.
    expect([code, stdout]).toEqual([0, "x\n  endé"]);
    expect(stderr).toContain("cannot fill in");
    expect(stderr).toContain("up to where it meets");
  });

  test("an answer that ends by repeating the suffix loses it", async () => {
    const meeting = await writeScriptedModel(folder.file("meeting.gguf"), {
      answers: { "(": ["x", "\n", "  end"] },
    });
    folder.write("at.py", source);
    const argv = ["complete", "at.py", "--at", "2:3", "--model", meeting];
    const setting = { cwd: folder.path };
    expect((await cromwell(argv, setting)).stdout).toBe("x");
    expect(JSON.parse((await cromwell([...argv, "--json"], setting)).stdout).text).toBe("x");
  });

  test("with tokens to fill in: prefix, suffix, then the middle", async () => {
    folder.write("at.py", source);
    const { stdout, stderr } = await cromwell(
      ["complete", "at.py", "--at", "2:2", "--model", filling, "--json"],
      { cwd: folder.path },
    );
    const result = JSON.parse(stdout);
    expect([result.text, stderr]).toEqual(["middle", ""]);
    expect(result.usage.prompt_tokens).toBe(source.length + 3);
  });

  test("the scope's end stops the model, and what was given out stays", async () => {
    const talking = await writeScriptedModel(folder.file("talking.gguf"), {
      answers: {},
      fillIn: ["\n  g", "(1", ");", "\n", "  g(2", ");\n", "}\n\nf", "unction h() {}", "\n"],
    });
    folder.write("at.js", "function f() {\n}\n");
    const argv = ["complete", "at.js", "--at", "1", "--model", talking];
    const seen: string[] = [];
    const onOutput = (text: string) => seen.push(text);
    const { stdout } = await cromwell(argv, { cwd: folder.path, onOutput });
    expect(stdout).toBe("\n  g(1);\n  g(2);");
    expect(seen).toEqual(["\n  g(1);", stdout]);
    const json = JSON.parse((await cromwell([...argv, "--json"], { cwd: folder.path })).stdout);
    expect([json.text, json.finish_reason]).toEqual([stdout, "stop"]);
    expect(json.tokens.length).toBeLessThan(9);
  });

  test("a place that the file does not have", async () => {
    folder.write("at.py", source);
    const { code, stderr } = await cromwell(["complete", "at.py", "--at", "9"], {
      env,
      cwd: folder.path,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining("no line 9")]);
  });
});

describe("what goes wrong", () => {
  const argv = ["complete", "--prompt", "x", "--max-tokens", "400"];

  test("no model: the way to one", async () => {
    const { code, stderr } = await cromwell(argv, { env: { CROMWELL_HOME: folder.path } });
    expect([code, stderr]).toEqual([1, expect.stringContaining("cromwell pull")]);
    const missing = await cromwell(argv, { env: { CROMWELL_MODEL: "/no/model.gguf" } });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("/no/model.gguf")]);
  });

  test("a prompt longer than the context", async () => {
    const { code, stderr, stdout } = await cromwell(["complete", "--model", endless, "--json"], {
      stdin: "word ".repeat(400),
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining("2000 tokens and the context 512")]);
    expect(JSON.parse(stdout).error.code).toBe("input");
  });

  test("a context larger than the model's", async () => {
    const { code } = await cromwell([...argv, "--model", endless, "--context", "513"]);
    expect(code).toBe(2);
  });

  test("an adapter that is none, its scale read off its name", async () => {
    folder.write("no-adapter.gguf", "hello");
    const { code, stderr } = await cromwell([...argv, "--lora", "no-adapter.gguf:0.5"], {
      env,
      cwd: folder.path,
    });
    expect(code).toBe(1);
    expect(stderr).toContain("no-adapter.gguf");
    expect(stderr).not.toContain(":0.5");
  });

  test("Ctrl-C while it writes", async () => {
    const controller = new AbortController();
    const { code, stderr, stdout } = await cromwell([...argv, "--model", endless], {
      signal: controller.signal,
      onOutput: (text) => text.length > 20 && controller.abort(),
    });
    expect([code, stderr]).toEqual([130, "cromwell: interrupted\n"]);
    expect(stdout.length).toBeLessThan(100);
  });

  test("Ctrl-C while it waits for stdin, and before", async () => {
    for (const signal of [AbortSignal.timeout(20), AbortSignal.abort()]) {
      const { code } = await cromwell(["complete"], { env, signal, silent: true });
      expect(code).toBe(130);
    }
  });

  test("a reader that goes away is no failure and ends the work", async () => {
    const { code, stderr, writes } = await cromwell([...argv, "--model", endless], {
      closesAfter: 3,
    });
    expect([code, stderr, writes]).toEqual([0, "", 3]);
  });

  test("a fault of our own is one line, the stack only for those who ask", async () => {
    const onOutput = () => {
      throw new TypeError("broken\nin two lines");
    };
    const { code, stderr } = await cromwell(argv, { env, onOutput });
    expect([code, stderr]).toEqual([1, expect.stringContaining("a fault in cromwell: broken;")]);
    expect(stderr).not.toContain("    at ");
    const debug = await cromwell(argv, { env: { ...env, CROMWELL_DEBUG: "1" }, onOutput });
    expect(debug.stderr).toContain("    at ");
  });

  test("a system call that fails says why", async () => {
    const onOutput = () => {
      throw Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" });
    };
    const { code, stderr } = await cromwell(argv, { env, onOutput });
    expect([code, stderr]).toEqual([1, "cromwell: a system call failed: the disk is full\n"]);
  });
});

const stories = testData("stories/stories260K.gguf");

test.skipIf(stories === undefined)("stories260K tells its story from an empty prompt", async () => {
  const argv = ["complete", "--prompt", "", "--max-tokens", "30", "--model", stories!];
  const { code, stdout } = await cromwell(argv);
  expect(code).toBe(0);
  expect(stdout).toStartWith(" Once upon a time, there was a little girl named Lily.");
});
