// Hand-made hostile GGUF headers: one case for each thing that the reader checks before it uses it.

import { test } from "bun:test";
import { openModelFile } from "../../src/formats/model-file.ts";
import { expectRefusal } from "./expect-error.ts";
import {
  join as bytes,
  pair,
  type RawGguf,
  rawGguf,
  tensor,
  text,
  u8,
  u32,
  u64,
} from "./raw-gguf.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

const one = (name: string, type = 0) => tensor(name, [32], type, 0);

const hostile: [what: string, raw: RawGguf, wanted: RegExp][] = [
  ["another magic", { magic: "GGML" }, /not a GGUF file/],
  ["version 1", { version: u32(1) }, /version 1 is not supported/],
  ["version 4", { version: u32(4) }, /version 4 is not supported/],
  ["version 0", { version: u32(0) }, /version 0 is not supported/],
  ["big-endian", { version: bytes(u8(0), u8(0), u8(0), u8(3)) }, /big-endian/],
  ["more keys than bytes", { keyCount: 1000 }, /the number of metadata keys is 1000, more than/],
  [
    "2^63 tensors",
    { tensorCount: 2n ** 63n },
    /number of tensors is 9223372036854775808, beyond 2\^53/,
  ],
  ["2^52 tensors", { tensorCount: 2n ** 52n }, /number of tensors is 4503599627370496, more than/],
  [
    "more tensors than any model",
    { tensorCount: 300_000, data: 10_000_000 },
    /300000 tensors are too/,
  ],
  [
    "more keys than any model",
    { keyCount: 70_000, data: 2_000_000 },
    /70000 metadata keys are too/,
  ],
  ["an empty key", { pairs: [pair("", 4, u32(1))] }, /metadata key 0 is empty/],
  [
    "a key twice",
    { pairs: [pair("a", 4, u32(1)), pair("a", 4, u32(1))] },
    /metadata key a occurs twice/,
  ],
  [
    "a key that is not UTF-8",
    { pairs: [bytes(u64(2), u8(0xc3), u8(0x28), u32(4), u32(1))] },
    /metadata key 0 is not valid UTF-8/,
  ],
  [
    "a key of 70,000 bytes",
    { pairs: [pair("k".repeat(70_000), 4, u32(1))] },
    /metadata key 0 is 70000 bytes long/,
  ],
  ["an unknown type", { pairs: [pair("a", 13, u32(1))] }, /the type of a is 13, which is unknown/],
  ["a boolean of 2", { pairs: [pair("a", 7, u8(2))] }, /a is 2, neither true/],
  [
    "a string beyond the file",
    { pairs: [pair("a", 8, u64(10_000))] },
    /length of a is 10000, more/,
  ],
  [
    "a value that is not UTF-8",
    { pairs: [pair("a", 8, bytes(u64(1), u8(0xff)))] },
    /a is not valid UTF-8/,
  ],
  [
    "an array beyond the file",
    { pairs: [pair("a", 9, bytes(u32(6), u64(2n ** 40n)))] },
    /length of a is 1099511627776, more than/,
  ],
  [
    "2^53 elements",
    { pairs: [pair("a", 9, bytes(u32(0), u64(2n ** 53n)))] },
    /length of a is 9007199254740992, beyond 2\^53/,
  ],
  [
    "strings beyond the file",
    { pairs: [pair("a", 9, bytes(u32(8), u64(2), text("x"), u64(5000)))], data: 64 },
    /length of string 1 of a is 5000, more than/,
  ],
  [
    "strings cut off",
    { pairs: [pair("a", 9, bytes(u32(8), u64(3), text("xxxxxxxx"), u64(2 ** 40)))], data: 64 },
    /length of string 1 of a is 1099511627776/,
  ],
  [
    "a wrong boolean in an array",
    { pairs: [pair("a", 9, bytes(u32(7), u64(1), u8(3)))] },
    /a holds 3/,
  ],
  [
    "arrays nested too deep",
    {
      pairs: [pair("a", 9, bytes(...Array.from({ length: 9 }, () => bytes(u32(9), u64(1)))))],
      data: 64,
    },
    /a nests arrays deeper/,
  ],
  [
    "too many nested arrays",
    { pairs: [pair("a", 9, bytes(u32(9), u64(5000)))], data: 100_000 },
    /a nests arrays deeper or more often/,
  ],
  [
    "an element type that is unknown",
    { pairs: [pair("a", 9, bytes(u32(99), u64(1)))], data: 64 },
    /element type of a is 99/,
  ],
  [
    "alignment 24",
    { pairs: [pair("general.alignment", 4, u32(24))] },
    /general.alignment is 24, not a power of two/,
  ],
  ["alignment 0", { pairs: [pair("general.alignment", 4, u32(0))] }, /general.alignment is 0/],
  ["alignment 2^20", { pairs: [pair("general.alignment", 4, u32(1 << 20))] }, /is 1048576, not/],
  [
    "a textual alignment",
    { pairs: [pair("general.alignment", 8, text("32"))] },
    /general.alignment is "32" where a number/,
  ],
  [
    "a part of a split model",
    { pairs: [pair("split.count", 2, bytes(u8(3), u8(0)))] },
    /split model/,
  ],
  ["a tensor without a name", { tensors: [one("")], data: 128 }, /tensor 0 has no name/],
  ["a name of 300 bytes", { tensors: [one("n".repeat(300))], data: 128 }, /longer than 256 bytes/],
  ["a name with a newline", { tensors: [one("a\nb")], data: 128 }, /control characters/],
  [
    "a tensor twice",
    { tensors: [one("a"), tensor("a", [32], 0, 128)], data: 256 },
    /tensor a occurs twice/,
  ],
  ["no dimensions", { tensors: [tensor("a", [], 0, 0)], data: 128 }, /tensor a has 0 dimensions/],
  ["5 dimensions", { tensors: [tensor("a", [1, 1, 1, 1, 1], 0, 0)] }, /tensor a has 5 dimensions/],
  ["a size of 0", { tensors: [tensor("a", [32, 0], 0, 0)] }, /tensor a has a dimension of size 0/],
  [
    "sizes whose product overflows",
    { tensors: [tensor("a", [2 ** 40, 2 ** 40], 0, 0)] },
    /tensor a has more elements than any file/,
  ],
  [
    "a size of 2^60",
    { tensors: [tensor("a", [2n ** 60n], 0, 0)] },
    /a dimension of tensor a is 1152921504606846976, beyond 2\^53/,
  ],
  [
    "an unknown tensor type",
    { tensors: [one("a", 200)] },
    /tensor a has type 200, which is unknown/,
  ],
  ["IQ4_NL", { tensors: [one("a", 20)] }, /tensor a has type 20 \(IQ4_NL\), not supported/],
  [
    "rows that are no blocks",
    { tensors: [tensor("a", [33], 2, 0)] },
    /rows of 33, not a multiple of Q4_0/,
  ],
  [
    "an offset that is not aligned",
    { tensors: [tensor("a", [32], 0, 4)], data: 256 },
    /tensor a lies at 4, not aligned to 32/,
  ],
  [
    "data beyond the file",
    { tensors: [tensor("a", [32], 0, 32)], data: 128 },
    /tensor a ends at byte/,
  ],
  [
    "an offset of 2^52",
    { tensors: [tensor("a", [32], 0, 2n ** 52n)], data: 128 },
    /tensor a ends at byte 4503599627370/,
  ],
  [
    "an offset of 2^63",
    { tensors: [tensor("a", [32], 0, 2n ** 63n)], data: 128 },
    /the offset of tensor a is 9223372036854775808/,
  ],
  [
    "tensors that overlap",
    { tensors: [one("a"), tensor("b", [32], 0, 96)], data: 512 },
    /tensors a and b overlap/,
  ],
  [
    "a description cut off",
    { tensorCount: 1, pairs: [pair("a", 4, u32(1))], data: 20 },
    /tensor 0 has no name|the length of the name/,
  ],
];

for (const [what, raw, wanted] of hostile) {
  test(`refused: ${what}`, () => {
    expectRefusal(() => openModelFile(folder.write("raw.gguf", rawGguf(raw))), wanted);
  });
}
