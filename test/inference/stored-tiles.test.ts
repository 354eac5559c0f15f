// Tiles stored between runs: the same bits with them and without, made anew where the model or the
// file is not what it was, and never a burden: no room, no right to write and Ctrl-C leave nothing.

import { beforeEach, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { Model, type ModelOptions } from "../../src/inference/model.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { type TinyOptions, writeTinyModel } from "./tiny-model.ts";

const folder = temporaryFolder();
const tileFolder = folder.file("home/tiles");
const model = folder.file("tiny.gguf");
const prompt = [1, 260, 270, 280];

/** Writes the model, in a type that has tiles. */
async function writeModel(options: TinyOptions = {}): Promise<void> {
  const source = await writeTinyModel(folder.file("f32.gguf"), options);
  await convert(source, model, { type: "Q8_0" });
}

/** The logits after the prompt, and whether the tiles came from the folder. */
async function run(options: ModelOptions = {}) {
  const parts: number[] = [];
  const onProgress = (part: number) => parts.push(part);
  const opened = await Model.open(model, { tileFolder, onProgress, ...options });
  const session = opened.session();
  const logits = (await session.prefill(prompt)).slice();
  session.close();
  await opened.close();
  return { logits, mapped: parts.length === 1 };
}

function files(): string[] {
  return existsSync(tileFolder) ? readdirSync(tileFolder) : [];
}

/** The one file of stored tiles. */
function storedPath(): string {
  expect(files()).toHaveLength(1);
  return join(tileFolder, files()[0]!);
}

beforeEach(async () => {
  rmSync(dirname(tileFolder), { recursive: true, force: true });
  await writeModel();
});

describe("the second start", () => {
  test("maps what the first one stored, for this user alone, and gives the same bits", async () => {
    const { logits, mapped } = await run({ tileFolder: undefined });
    expect([mapped, files()]).toEqual([false, []]);
    expect(await run()).toEqual({ logits, mapped: false });
    expect(statSync(tileFolder).mode & 0o777).toBe(0o700);
    const { mtimeNs } = statSync(storedPath(), { bigint: true });
    expect(await run()).toEqual({ logits, mapped: true });
    expect(statSync(storedPath(), { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  test("also after a first one that many tokens and sessions took", async () => {
    const opened = await Model.open(model, { tileFolder });
    const sessions = [opened.session(), opened.session()];
    await Promise.all(sessions.map((session) => session.prefill(prompt)));
    for (let id = 260; id < 280; id++) await sessions[0]!.decode(id);
    for (const session of sessions) session.close();
    await opened.close();
    expect((await run()).mapped).toBe(true);
  });

  test("after two that were at it at once", async () => {
    const { logits } = await run({ tileFolder: undefined });
    const both = await Promise.all([run(), run()]);
    expect(both).toEqual([
      { logits, mapped: false },
      { logits, mapped: false },
    ]);
    storedPath();
    expect(await run()).toEqual({ logits, mapped: true });
  });
});

describe("tiles are made anew", () => {
  test("where the model was replaced", async () => {
    const before = await run();
    await writeModel({ poison: { name: "blk.0.ffn_up.weight", value: 0.5 } });
    const { logits } = await run({ tileFolder: undefined });
    expect(logits).not.toEqual(before.logits);
    expect(await run()).toEqual({ logits, mapped: false });
    expect(await run()).toEqual({ logits, mapped: true });
    storedPath();
  });

  test("where the model was changed in place", async () => {
    await run();
    const bytes = readFileSync(model);
    writeFileSync(model, bytes.fill(0, bytes.length - 4096));
    utimesSync(model, 1, 1);
    const { logits } = await run({ tileFolder: undefined });
    expect(await run()).toEqual({ logits, mapped: false });
    expect(await run()).toEqual({ logits, mapped: true });
  });

  test("where the model was changed in place and its time put back", async () => {
    utimesSync(model, 1, 1);
    await run();
    const bytes = readFileSync(model);
    writeFileSync(model, bytes.fill(0, bytes.length - 4096));
    utimesSync(model, 1, 1);
    const { logits } = await run({ tileFolder: undefined });
    expect(await run()).toEqual({ logits, mapped: false });
  });

  const damages: [string, (path: string) => void][] = [
    ["cut short", (path) => truncateSync(path, statSync(path).size - 1)],
    ["longer than it should be", (path) => truncateSync(path, statSync(path).size + 4096)],
    ["empty", (path) => truncateSync(path)],
    ["cut inside its header", (path) => truncateSync(path, 100)],
    ["of tensors that lie elsewhere", (path) => replace(path, '"tensors":"', '"tensors":"x')],
    ["another layout's", (path) => replace(path, '"layout":', '"layout":9')],
    ["another matrix's", (path) => replace(path, "blk.1.ffn_up Q8_0 96", "blk.1.ffn_up Q8_0 80")],
    ["none at all", (path) => writeFileSync(path, crypto.getRandomValues(new Uint8Array(8192)))],
  ];
  test.each(damages)("where the file is %s", async (_, damage) => {
    const { logits } = await run();
    damage(storedPath());
    expect(await run()).toEqual({ logits, mapped: false });
    expect(await run()).toEqual({ logits, mapped: true });
  });

  /** Changes the header, not its length. */
  function replace(path: string, from: string, to: string): void {
    const bytes = readFileSync(path);
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at);
    writeFileSync(path, bytes);
  }
});

describe("nothing is stored, and nothing else is lost,", () => {
  test("where the folder cannot be made", async () => {
    folder.write("home", "a file");
    const notices: string[] = [];
    const { logits } = await run({ tileFolder: undefined });
    expect(await run({ onNotice: (line) => notices.push(line) })).toEqual({
      logits,
      mapped: false,
    });
    expect(notices).toEqual([]);
  });

  test("where the file's place is taken by a folder", async () => {
    await run();
    const path = storedPath();
    rmSync(path);
    mkdirSync(path);
    expect((await run()).mapped).toBe(false);
    expect(files()).toHaveLength(1);
  });

  test("where the disk is full", () => {
    const script = new URL("full-disk.ts", import.meta.url).pathname;
    // A process that may write 4 KB only (ulimit counts blocks of 1 KB) meets the same failure.
    const limited = `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`;
    const argv = ["bash", "-c", limited, process.execPath, script, model, tileFolder];
    const { stdout, stderr } = Bun.spawnSync(argv);
    expect([stdout.toString(), stderr.toString()]).toEqual(["answered\n", ""]);
    expect(files()).toEqual([]);
  });

  test("where it is interrupted meanwhile", async () => {
    const controller = new AbortController();
    const opened = await Model.open(model, { tileFolder, signal: controller.signal });
    const session = opened.session();
    await session.prefill(prompt);
    controller.abort();
    session.close();
    await opened.close();
    expect(files()).toEqual([]);
  });

  test("where the model is closed before its session reads", async () => {
    const opened = await Model.open(model, { tileFolder });
    const session = opened.session();
    await opened.close();
    await session.prefill(prompt);
    session.close();
    expect(files()).toEqual([]);
  });

  test("where the model is replaced meanwhile", async () => {
    const opened = await Model.open(model, { tileFolder });
    const session = opened.session();
    await writeModel({ poison: { name: "blk.0.ffn_up.weight", value: 0.5 } });
    await session.prefill(prompt);
    session.close();
    await opened.close();
    expect(files()).toEqual([]);
  });
});

test("stored tiles of models that are gone or changed go when others are stored", async () => {
  const others = ["gone.gguf", "changed.gguf", "kept.gguf"].map((name) => folder.file(name));
  for (const path of others) {
    copyFileSync(model, path);
    const opened = await Model.open(path, { tileFolder });
    const session = opened.session();
    await session.prefill(prompt);
    session.close();
    await opened.close();
  }
  rmSync(others[0]!);
  utimesSync(others[1]!, 1, 1);
  await run();
  const left = files().map((name) => name.replace(/-.*/, ""));
  expect(left.sort()).toEqual(["kept.gguf", "tiny.gguf"]);
});
