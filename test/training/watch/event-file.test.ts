// TensorBoard's event files, to the byte as its own writer makes them (test/golden/training), and told
// from where they count when a run is resumed.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "../../../src/training/watch/crc32c.ts";
import { EventFile } from "../../../src/training/watch/event-file.ts";
import type { MetricsRecord } from "../../../src/training/watch/metrics-record.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

const folder = temporaryFolder();
const golden = readFileSync(join(import.meta.dir, "../../golden/training/events.tfevents"));
const said: string[] = [];
const onNotice = (line: string) => void said.push(line);

function step(time: number, values: number[]): MetricsRecord {
  const [number, loss, learningRate, gradientNorm, tokensPerSecond] = values as [
    number,
    number,
    number,
    number,
    number,
  ];
  const rest = { steps: 300, tokens: 1, secondsLeft: 1, seconds: 1, spheres: [] };
  const figures = { loss, learningRate, gradientNorm, tokensPerSecond };
  return { time, type: "step", step: number, ...figures, ...rest };
}

const session: MetricsRecord[] = [
  step(1795288001.5, [201, 3.25, 0.0003, 1.0625, 2048.5]),
  step(1795288002.75, [202, 0, 0, 0.1, 123456.789]),
  { time: 1795288003, type: "evaluation", step: 202, loss: 3.5, bitsPerByte: 1.75 },
  { time: 1795288003.5, type: "sample", step: 202, prompt: "def f(x):", text: "\n    return é" },
  { time: 1795288003.6, type: "checkpoint", step: 202, path: "a" },
  { time: 1795288003.7, type: "state", step: 202, state: "running" },
  { time: 1795288004, type: "evaluation", step: 300_000_000_000, loss: 3.4, bitsPerByte: null },
];

describe("an event file", () => {
  test("is what TensorBoard's writer makes", async () => {
    const file = new EventFile(folder.path, { resumedAt: 200, time: 1795288000.25, onNotice });
    for (const record of session) file.append(record);
    await file.close();
    expect(readFileSync(file.path).toString("hex")).toBe(golden.toString("hex"));
    expect(file.path).toMatch(/\/events\.out\.tfevents\.1795288000\.[^/]+\.\d+\.\d+$/);
    expect(said).toEqual([]);
  });

  test("of a new run makes TensorBoard forget nothing", async () => {
    const file = new EventFile(folder.path, { resumedAt: 0, time: 1795288001, onNotice });
    await file.close();
    const bytes = readFileSync(file.path);
    expect(Number(bytes.readBigUInt64LE(0)) + 16).toBe(bytes.length);
    expect(bytes.toString("latin1")).toContain("brain.Event:2");
  });

  test("of a folder that is not there is one line", () => {
    const options = { resumedAt: 0, time: 1, onNotice };
    expect(() => new EventFile(folder.file("none"), options)).toThrow(
      /cannot write .*no such file/,
    );
  });
});

// RFC 3720, B.4.
test("CRC-32C gives the RFC's values", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd_794e);
});
