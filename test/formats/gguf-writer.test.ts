// The GGUF writer: whatever it writes, the reader gives back, bit for bit; and nothing but a whole
// file ever appears under the final name.

import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import {
  BooleanArray,
  entry,
  type MetadataEntry,
  NestedArray,
} from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { StringArray } from "../../src/formats/string-array.ts";
import type { TensorPlan } from "../../src/formats/tensor-plan.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { type TensorType, tensorTypes } from "../../src/formats/tensor-type.ts";
import { refusalOf } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

const entries: fc.Arbitrary<MetadataEntry> = fc.oneof(
  fc.nat({ max: 255 }).map((value): MetadataEntry => ({ type: "u8", value })),
  fc.integer({ min: -128, max: 127 }).map((value): MetadataEntry => ({ type: "i8", value })),
  fc.nat({ max: 65_535 }).map((value): MetadataEntry => ({ type: "u16", value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value): MetadataEntry => ({ type: "i16", value })),
  fc.nat({ max: 0xffff_ffff }).map(entry.u32),
  fc.integer().map((value): MetadataEntry => ({ type: "i32", value })),
  fc.float({ noNaN: true }).map(entry.f32),
  fc.double({ noNaN: true }).map((value): MetadataEntry => ({ type: "f64", value })),
  fc.boolean().map(entry.bool),
  fc.string({ unit: "grapheme" }).map(entry.string),
  fc
    .bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })
    .map((value): MetadataEntry => ({ type: "u64", value })),
  fc.maxSafeInteger().map((value): MetadataEntry => ({ type: "i64", value })),
  fc.array(fc.string({ unit: "grapheme" })).map(entry.strings),
  fc.float32Array({ noNaN: true }).map(entry.array),
  fc.int32Array().map(entry.array),
  fc.uint8Array().map(entry.array),
  fc.bigUint64Array().map(entry.array),
  fc.array(fc.nat({ max: 1 })).map((bits) => entry.array(new BooleanArray(Uint8Array.from(bits)))),
  fc.array(fc.uint16Array()).map((items) => entry.array(new NestedArray(items))),
);

const tensors = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9_.]{0,30}$/),
    shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 3 }),
    type: fc.constantFrom<TensorType>(...Object.values(tensorTypes)),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

function bytesOf({ name }: TensorPlan, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + name.length * 7) & 0xff);
}

function plain(value: unknown): unknown {
  if (value instanceof StringArray) return [...value];
  if (value instanceof NestedArray) return value.items.map(plain);
  return value instanceof BooleanArray ? value.bytes : value;
}

test("what is written is read back", async () => {
  const keys = fc.dictionary(fc.stringMatching(/^[a-z][a-z.]{0,20}$/), entries, { maxKeys: 8 });
  const alignment = fc.constantFrom(8, 32, 256);
  const path = folder.file("property.gguf");
  await fc.assert(
    fc.asyncProperty(keys, tensors, alignment, async (dictionary, shapes, align) => {
      const metadata: [string, MetadataEntry][] = Object.entries(dictionary);
      metadata.push(["general.alignment", entry.u32(align)]);
      const plans = shapes.map(({ name, shape, type }) => {
        return { name, type, shape: [...shape, type.blockSize] };
      });
      const size = ({ shape, type }: TensorPlan) =>
        (shape.reduce((a, b) => a * b, 1) / type.blockSize) * type.blockBytes;
      const data = (plan: TensorPlan) => [bytesOf(plan, size(plan))];
      await writeGguf(path, { metadata, tensors: plans, data });
      const model = openModelFile(path);
      expect(
        [...model.metadata.entries()].map(([key, e]) => [key, e.type, plain(e.value)]),
      ).toEqual(metadata.map(([key, e]) => [key, e.type, plain(e.value)]));
      const reader = new TensorReader(model);
      for (const plan of plans) {
        const info = model.tensors.get(plan.name)!;
        expect([info.shape, info.type.name]).toEqual([plan.shape, plan.type.name]);
        expect(reader.read(info)).toEqual(bytesOf(plan, size(plan)) as Uint8Array<ArrayBuffer>);
      }
      reader.close();
    }),
    { numRuns: 200 },
  );
});

const plan: TensorPlan = { name: "a.weight", shape: [4, 8], type: tensorTypes.F32 };
const good = {
  metadata: [["general.architecture", entry.string("llama")]] as [string, MetadataEntry][],
  tensors: [plan],
  data: () => [new Uint8Array(64), new Uint8Array(64)],
};

test("an error in the data leaves the old file and no temporary one", async () => {
  const path = folder.write("kept.gguf", "old");
  const data = function* () {
    yield new Uint8Array(64);
    throw new Error("the source broke");
  };
  await expect(writeGguf(path, { ...good, data })).rejects.toThrow("the source broke");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("an abort leaves nothing", async () => {
  const path = folder.file("aborted.gguf");
  const abort = new AbortController();
  const data = function* () {
    yield new Uint8Array(64);
    abort.abort();
    yield new Uint8Array(64);
  };
  const error = await refusalOf(writeGguf(path, { ...good, data }, { signal: abort.signal }));
  expect(error.code).toBe("interrupted");
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a timer can abort a long write, since the event loop gets its turns", async () => {
  const signal = AbortSignal.timeout(60);
  const large: TensorPlan = { name: "a", shape: [2 ** 30], type: tensorTypes.F16 };
  const data = function* () {
    for (let i = 0; i < 2 ** 11; i++) {
      Bun.sleepSync(2);
      yield new Uint8Array(16);
    }
  };
  const before = performance.now();
  const contents = { ...good, tensors: [large], data };
  const error = await refusalOf(writeGguf(folder.file("long.gguf"), contents, { signal }));
  expect(error.code).toBe("interrupted");
  expect(performance.now() - before).toBeLessThan(1000);
});

test("the input is never written over, by whatever name", async () => {
  const input = folder.write("input.gguf", "model");
  symlinkSync(input, folder.file("link.gguf"));
  for (const path of [input, folder.file("link.gguf")]) {
    const error = await refusalOf(writeGguf(path, good, { inputs: [input] }));
    expect([error.code, error.message]).toEqual(["usage", `${path} is the input itself`]);
  }
  expect(readFileSync(input, "utf8")).toBe("model");
});

test("a symbolic link stays one", async () => {
  const target = folder.write("target.gguf", "old");
  symlinkSync(target, folder.file("alias.gguf"));
  await writeGguf(folder.file("alias.gguf"), good);
  expect(openModelFile(target).tensors.size).toBe(1);
});

test("a file that is replaced keeps its mode", async () => {
  const path = folder.write("private.gguf", "old");
  chmodSync(path, 0o640);
  await writeGguf(path, good);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test("a read-only file and a link that leads nowhere stay as they are", async () => {
  const path = folder.write("read-only.gguf", "old");
  chmodSync(path, 0o444);
  expect((await refusalOf(writeGguf(path, good))).message).toContain("the file is read-only");
  expect(readFileSync(path, "utf8")).toBe("old");
  const link = folder.file("dangling.gguf");
  symlinkSync("missing.gguf", link);
  expect((await refusalOf(writeGguf(link, good))).message).toContain("no such file");
  expect(readlinkSync(link)).toBe("missing.gguf");
});

test("places that cannot be written are named", async () => {
  const nowhere = await refusalOf(writeGguf(folder.file("none/a.gguf"), good));
  expect(nowhere.message).toMatch(/cannot write .*none\/a.gguf: no such file or folder/);
  const onFolder = await refusalOf(writeGguf(folder.path, good));
  expect(onFolder.message).toMatch(/it is a folder/);
});

test("a full disk leaves nothing behind", async () => {
  const path = folder.file("full.gguf");
  const file = new URL("full-disk.ts", import.meta.url).pathname;
  writeFileSync(path, "old");
  // A process that may write 4 KB only (ulimit counts blocks of 1 KB) meets the same error code path.
  const child = Bun.spawnSync([
    "bash",
    "-c",
    `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`,
    process.execPath,
    file,
    path,
  ]);
  expect(child.stdout.toString()).toMatch(/^input cannot write .*full.gguf: /);
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

const wrong: [string, Partial<typeof good> & object, RegExp][] = [
  ["too few bytes", { data: () => [new Uint8Array(64)] as never }, /did not get the 128 bytes/],
  ["too many bytes", { data: () => [new Uint8Array(129)] as never }, /did not get the 128 bytes/],
  ["a name twice", { tensors: [plan, plan] }, /tensor a.weight is given twice/],
  [
    "a value too large",
    { metadata: [["a", { type: "u8", value: 256 }]] },
    /value of a does not fit u8/,
  ],
  ["a fraction as u64", { metadata: [["a", { type: "u64", value: 0.5 }]] }, /does not fit u64/],
  ["a negative u64", { metadata: [["a", { type: "u64", value: -1 }]] }, /does not fit u64/],
  ["a text as number", { metadata: [["a", { type: "u32", value: "1" }]] }, /does not fit u32/],
  ["a number as text", { metadata: [["a", { type: "string", value: 1 }]] }, /does not fit string/],
  ["alignment 12", { metadata: [["general.alignment", entry.u32(12)]] }, /not a power of two/],
];

for (const [what, change, wanted] of wrong) {
  test(`a caller's mistake is told: ${what}`, async () => {
    const path = folder.file("wrong.gguf");
    const error = await refusalOf(writeGguf(path, { ...good, ...change }));
    expect(error).toBeInstanceOf(CromwellError);
    expect(error.message).toMatch(wanted);
    expect(existsSync(path)).toBe(false);
  });
}
