// What a user sees who asks for help or gets a command line wrong: help on stdout, one line of error
// on stderr, the exit codes of the contract.

import { describe, expect, test } from "bun:test";
import packageFile from "../../package.json" with { type: "json" };
import { verbNames } from "../../src/cli/verbs.ts";
import { cromwell } from "./streams.ts";

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]]])("cromwell %j lists every verb", async (argv) => {
    const { code, stdout, stderr } = await cromwell(argv);
    expect([code, stderr]).toEqual([0, ""]);
    for (const verb of verbNames) {
      expect(stdout).toMatch(new RegExp(`^ +${verb.split(" ")[0]} `, "m"));
    }
    expect(stdout).toContain("cromwell edit main.py --instruction");
    expect(stdout).toBe(Bun.stripANSI(stdout));
  });

  test.each([...verbNames])("%s --help shows its flags and examples", async (verb) => {
    const { code, stdout, stderr } = await cromwell([...verb.split(" "), "--json", "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`USAGE cromwell ${verb}`);
    expect(stdout).toContain("--json");
    expect(stdout).toMatch(new RegExp(`EXAMPLES\\n\\n.*cromwell ${verb}`));
    expect(stdout).not.toMatch(/ $/m);
  });

  test("eval --help lists what can be measured", async () => {
    const { code, stdout } = await cromwell(["eval", "--help"]);
    expect(code).toBe(0);
    for (const verb of verbNames.filter((name) => name.startsWith("eval "))) {
      expect(stdout).toMatch(new RegExp(`^ +${verb.split(" ")[1]} `, "m"));
      expect(stdout).toContain(`cromwell ${verb} --help`);
    }
  });

  test("-h after -- is no flag", async () => {
    const { code } = await cromwell(["inspect", "--", "-h"]);
    expect(code).toBe(1);
  });

  test.each(["--version", "-v"])("%s", async (flag) => {
    const { code, stdout } = await cromwell([flag]);
    expect([code, stdout]).toEqual([0, `${packageFile.version}\n`]);
  });
});

const wrong: [string, string[], RegExp][] = [
  ["an unknown verb", ["frobnicate"], /unknown verb "frobnicate"; run `cromwell --help`/],
  ["no action", ["eval"], /eval: its action is missing; run `cromwell eval --help`/],
  ["an unknown action", ["eval", "all"], /eval: there is no "all"; run/],
  ["an unknown flag before a verb", ["--frob"], /unknown flag "--frob"/],
  ["a name that every object has", ["constructor"], /unknown verb/],
  ["an unknown flag", ["complete", "--frobnicate=3"], /unknown flag --frobnicate; run/],
  ["a camel-case flag", ["complete", "--maxTokens", "3"], /unknown flag --maxTokens/],
  ["an unknown short flag", ["edit", "a.py", "-x"], /unknown flag -x/],
  ["a negated flag", ["complete", "--no-json"], /unknown flag --no-json/],
  ["a missing value", ["complete", "--prompt"], /--prompt needs a value/],
  ["a value for a switch", ["complete", "--json=yes"], /--json takes no value/],
  ["an extra word", ["models", "all"], /unexpected argument "all"/],
  ["a missing word", ["inspect"], /MODEL is missing/],
  ["edit without an instruction", ["edit", "a.py"], /--instruction is missing/],
  ["an empty instruction", ["edit", "a.py", "-i", " "], /instruction is empty/],
  ["two ways out", ["edit", "a", "-i", "x", "--write", "-o", "b"], /--output and --write exclude/],
  ["two adapters", ["edit", "a", "-i", "x", "--lora", "b", "--no-lora"], /--lora and --no-lora/],
  ["writing to stdin", ["edit", "-", "-i", "x", "--write"], /--write needs a FILE/],
  ["a word for a number", ["complete", "--max-tokens", "many"], /--max-tokens must be a whole/],
  ["a fraction", ["complete", "--top-k", "1.5"], /--top-k must be a whole number/],
  ["below the range", ["complete", "--temperature", "-1"], /--temperature must be a number from 0/],
  ["above the range", ["complete", "--top-p", "2"], /--top-p must be a number from 0 to 1/],
  ["infinity", ["complete", "--temperature", "1e999"], /--temperature/],
  ["hexadecimal", ["complete", "--seed", "0x10"], /--seed/],
  ["no threads", ["complete", "--threads", "0"], /--threads must be a whole number from 1/],
  ["a cache type", ["complete", "--cache-type", "q8"], /--cache-type must be f16, q8_0 or f32/],
  ["prompt and FILE", ["complete", "a.py", "--prompt", "x"], /exclude each other/],
  ["--at without FILE", ["complete", "--prompt", "x", "--at", "1"], /--at needs a FILE/],
  ["a wrong position", ["complete", "a.py", "--at", "x"], /--at must be LINE/],
  ["an unknown model to pull", ["pull", "gpt-9"], /no model is known as "gpt-9"/],
  ["init without a shape", ["init", "--output", "x"], /--config is missing/],
  [
    "init of an unknown shape",
    ["init", "--config", "x", "-o", "x"],
    /--config must be cromwell-1b/,
  ],
  ["init of a type", ["init", "--config", "cromwell-1b", "-o", "x", "--type", "Q9"], /--type/],
  [
    "init drawn oddly",
    ["init", "--config", "cromwell-1b", "-o", "x", "--init", "h"],
    /--init must/,
  ],
  [
    "a benchmark of no rounds",
    ["bench", "--rounds", "0"],
    /--rounds must be a whole number from 1/,
  ],
  [
    "a benchmark of no tokens",
    ["bench", "--tokens", "0"],
    /--tokens must be a whole number from 1/,
  ],
  ["convert to a type", ["convert", "a", "b", "--type", "toString"], /--type must be F32/],
];

describe("wrong usage: exit 2, one line, nothing on stdout", () => {
  test.each(wrong)("%s", async (_, argv, wanted) => {
    const { code, stdout, stderr } = await cromwell(argv, { env: {} });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(wanted);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("--json says it as an object too", async () => {
    const { code, stdout } = await cromwell(["complete", "--json", "--frob"]);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe("usage");
    expect(error.message).toContain("unknown flag --frob");
  });

  test("what a user typed moves no cursor", async () => {
    const { stderr } = await cromwell(["\u001b[2J\nfrob"]);
    expect(stderr).toContain("\\u001b[2J");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a terminal without a prompt is asked for one", async () => {
    for (const verb of ["complete", "tokenize"]) {
      const { code, stderr } = await cromwell([verb], { typed: "" });
      expect(code).toBe(2);
      expect(stderr).toContain("or a pipe");
    }
  });

  test("CROMWELL_THREADS is checked like the flag", async () => {
    const { code, stderr } = await cromwell(["complete"], { env: { CROMWELL_THREADS: "two" } });
    expect([code, stderr]).toEqual([2, expect.stringContaining("CROMWELL_THREADS must be")]);
  });
});
