// Whole lines that a model would have written, counted against the plainest way to count them.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { countLines, unscored } from "../../src/evaluation/perplexity/lines.ts";

const token = fc.record({
  text: fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), minLength: 1, maxLength: 4 }),
  verdict: fc.constantFrom(0, 1, unscored),
});

test("a line is right if all tokens that touch it are, and blank ones do not count", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(token, { maxLength: 20 }), async (tokens) => {
      const text = tokens.map((one) => one.text).join("");
      // The verdicts of each byte's token; a line is what matches, its end included.
      const verdicts = tokens.flatMap((one) => Array<number>(one.text.length).fill(one.verdict));
      const expected = { lines: 0, right: 0 };
      for (const { 0: line, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
        const own = verdicts.slice(index, index + line.length);
        if (line.trim() === "" || own.includes(unscored)) continue;
        expected.lines++;
        if (!own.includes(0)) expected.right++;
      }
      const lengths = tokens.map((one) => one.text.length);
      const counted = await countLines(
        Buffer.from(text),
        lengths,
        tokens.map((one) => one.verdict),
      );
      expect(counted).toEqual(expected);
    }),
  );
});
