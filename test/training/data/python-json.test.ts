// Tasks are published in what Python writes as JSON: its odd numbers are read, and texts stay as they are.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { parsePythonJson } from "../../../src/training/data/python-json.ts";

test("any JSON is what it is", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(parsePythonJson(json)).toEqual(JSON.parse(json));
    }),
  );
});

test("odd numbers are null, and their names within texts stay", () => {
  const pieces = fc.constantFrom("NaN", "-Infinity", "Infinity", '"', "\\", ", ", "null", "ü");
  const text = fc.array(pieces).map((parts) => parts.join(""));
  const odd = fc.constantFrom("NaN", "-Infinity", "Infinity");
  fc.assert(
    fc.property(fc.array(fc.tuple(text, odd)), (pairs) => {
      const json = pairs.map(([one, number]) => `${JSON.stringify(one)},${number}`).join();
      expect(parsePythonJson(`[${json}]`)).toEqual(pairs.flatMap(([one]) => [one, null]));
    }),
  );
});

test("also beside a text of megabytes", () => {
  const long = 'NaN \\" '.repeat(2_000_000);
  expect(parsePythonJson(`[${JSON.stringify(long)}, NaN]`)).toEqual([long, null]);
});

test.each(['{"a": NaNs}', "[1NaN]", '["NaN', '["NaN\\', "[-NaN]", ""])("no JSON: %s", (json) => {
  expect(() => parsePythonJson(json)).toThrow(SyntaxError);
});
