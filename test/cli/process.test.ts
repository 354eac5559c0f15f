// The command line as a process: real pipes, real signals, what the shell sees.

import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ClosedOutput } from "../../src/cli/io.ts";
import { descriptorInput, descriptorOutput } from "../../src/cli/process-io.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

const folder = temporaryFolder();
const main = join(import.meta.dir, "../../src/main.ts");
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { x: ["0123456789"] },
  endless: true,
  contextLength: 32_768,
});
const env = { PATH: "/usr/bin:/bin", CROMWELL_MODEL: model, CROMWELL_HOME: folder.path };
const endless = ["complete", "--prompt", "x", "--max-tokens", "30000"];

function start(argv: string[], stdin: "ignore" | "pipe" = "ignore") {
  const command = [process.execPath, main, ...argv];
  return Bun.spawn(command, { env, stdin, stdout: "pipe", stderr: "pipe", cwd: folder.path });
}

describe("a process", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with 130 and one line", async (signal) => {
    const child = start(endless);
    const reader = child.stdout.getReader();
    await reader.read();
    const sent = performance.now();
    child.kill(signal);
    while (!(await reader.read()).done);
    expect(await child.exited).toBe(130);
    expect(performance.now() - sent).toBeLessThan(1_000);
    expect(await new Response(child.stderr).text()).toBe("cromwell: interrupted\n");
  });

  test("SIGHUP ends it with 129, however often, also where nothing can be said", async () => {
    const command = ["sh", "-c", 'exec "$0" "$@" 2> /dev/full', process.execPath, main, ...endless];
    const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", cwd: folder.path });
    const reader = child.stdout.getReader();
    await reader.read();
    const sent = performance.now();
    child.kill("SIGHUP");
    child.kill("SIGHUP");
    while (!(await reader.read()).done);
    expect(await child.exited).toBe(129);
    expect(performance.now() - sent).toBeLessThan(1_000);
  });

  test("SIGHUP does not end what runs under nohup", async () => {
    const command = ["nohup", process.execPath, main, ...endless];
    const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGHUP");
    for (let reads = 0; reads < 20; reads++) expect((await reader.read()).done).toBe(false);
    child.kill("SIGTERM");
    while (!(await reader.read()).done);
    expect(await child.exited).toBe(130);
  });

  test("SIGINT is heard while it waits for stdin", async () => {
    const child = start(["complete"], "pipe");
    await Bun.sleep(300);
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
  });

  test("SIGINT is heard while a pipe given as FILE has no writer", async () => {
    Bun.spawnSync(["mkfifo", folder.file("silent")]);
    const child = start(["complete", "silent"]);
    await Bun.sleep(300);
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
  });

  test("a pipe as FILE is read to its end", () => {
    const shell = '"$0" "$1" complete <(printf "so x") --max-tokens 1';
    const command = ["bash", "-c", shell, process.execPath, main];
    const { stdout } = Bun.spawnSync(command, { env, stdin: "ignore" });
    expect(stdout.toString()).toBe("0123456789");
  });

  test("SIGINT is heard while nobody reads a full pipe", async () => {
    const pipe = folder.file("unread");
    Bun.spawnSync(["mkfifo", pipe]);
    const unread = openSync(pipe, "r+");
    const command = [process.execPath, main, ...endless];
    const child = Bun.spawn(command, { env, stdin: "ignore", stdout: unread, stderr: "ignore" });
    await Bun.sleep(1_500);
    expect(child.exitCode).toBeNull();
    const sent = performance.now();
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(performance.now() - sent).toBeLessThan(1_000);
    closeSync(unread);
  });

  test("a closed pipe is silent and ends it", () => {
    const shell = `"$0" "$1" ${endless.join(" ")} | head -c 20`;
    const started = performance.now();
    const { stdout, stderr } = Bun.spawnSync(["bash", "-c", shell, process.execPath, main], {
      env,
      stdin: "ignore",
    });
    expect([stdout.toString(), stderr.toString()]).toEqual(["01234567890123456789", ""]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("each token is out before the next one is made", async () => {
    const child = start([...endless.slice(0, 3), "--max-tokens", "20000"]);
    const first = await child.stdout.getReader().read();
    expect(Buffer.from(first.value!).toString()).toStartWith("0123456789");
    expect(first.value!.length).toBeLessThan(100_000);
    child.kill("SIGKILL");
    await child.exited;
  });

  test("what is piped in is the prompt, and exit codes are the shell's", async () => {
    const child = start(["complete", "--max-tokens", "1"], "pipe");
    child.stdin!.write("some te");
    await child.stdin!.flush();
    child.stdin!.write("x");
    child.stdin!.end();
    expect(await new Response(child.stdout).text()).toBe("0123456789");
    expect(await child.exited).toBe(0);
    expect(await start(["frobnicate"]).exited).toBe(2);
    expect(await start(["inspect", "/no/file"]).exited).toBe(1);
  });

  test("a folder as standard input is one line", () => {
    const shell = '"$0" "$1" complete --max-tokens 2 < /';
    const { exitCode, stderr } = Bun.spawnSync(["bash", "-c", shell, process.execPath, main], {
      env,
    });
    expect(exitCode).toBe(1);
    expect(stderr.toString()).toBe("cromwell: cannot read standard input: it is a folder\n");
  });

  test("a full disk under stdout is one line", () => {
    const shell = '"$0" "$1" complete --prompt x --max-tokens 2 > /dev/full';
    const { exitCode, stderr } = Bun.spawnSync(["bash", "-c", shell, process.execPath, main], {
      env,
      stdin: "ignore",
    });
    expect(exitCode).toBe(1);
    expect(stderr.toString()).toBe("cromwell: cannot write standard output: the disk is full\n");
  });
});

describe("descriptors", () => {
  test("what is written to one can be read from one", async () => {
    const path = folder.file("written");
    const out = openSync(path, "w");
    const output = descriptorOutput(out, "a file");
    await output.write("é");
    await output.write(new Uint8Array(200_000).fill(65));
    expect([output.isTerminal, output.styled]).toEqual([false, false]);
    closeSync(out);
    const file = openSync(path, "r");
    const chunks: Uint8Array[] = [];
    for await (const chunk of descriptorInput(file).chunks()) chunks.push(chunk);
    closeSync(file);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks)).toEqual(readFileSync(path));
  });

  test("a reader that is gone is told apart from other failures", async () => {
    const child = Bun.spawn(["true"], { stdin: "pipe" });
    await child.exited;
    const pipe = folder.file("pipe");
    Bun.spawnSync(["mkfifo", pipe]);
    const both = openSync(pipe, "r+");
    const writer = openSync(pipe, "w");
    closeSync(both);
    await expect(descriptorOutput(writer, "a pipe").write("x")).rejects.toThrow(ClosedOutput);
    closeSync(writer);
    const closed = descriptorOutput(writer, "a pipe").write("x");
    await expect(closed).rejects.toThrow("cannot write a pipe: it is closed");
    const read = async () => {
      for await (const _ of descriptorInput(writer).chunks()) break;
    };
    await expect(read()).rejects.toThrow("cannot read standard input: it is closed");
  });
});
