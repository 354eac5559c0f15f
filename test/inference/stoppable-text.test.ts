// Text that ends at a stop string: whatever the pieces it comes in, what is given out is the text up
// to the first stop string, and nothing that later turns out to be part of one.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { StoppableText } from "../../src/inference/stoppable-text.ts";

/** The text up to the stop string that is complete first, the longest of those that end together. */
function cut(whole: string, stops: readonly string[]): string {
  for (let end = 0; end <= whole.length; end++) {
    const starts = stops
      .filter((stop) => stop !== "" && whole.slice(0, end).endsWith(stop))
      .map((stop) => end - stop.length);
    if (starts.length > 0) return whole.slice(0, Math.min(...starts));
  }
  return whole;
}

function feed(stops: readonly string[], pieces: readonly string[]) {
  const text = new StoppableText(stops);
  const given = pieces.map((piece) => text.push(piece));
  return { text, given: [...given, text.end()] };
}

// Few letters, so that stop strings overlap themselves, each other and the text.
const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 30 });
const stop = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 5 });

describe("text with stop strings", () => {
  test("is cut at the stop string that is complete first, in whatever pieces it comes", () => {
    const pieces = fc.array(letters, { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.array(stop, { maxLength: 3 }), (parts, stops) => {
        const whole = parts.join("");
        for (const split of [parts, [...whole], [whole]]) {
          const { text, given } = feed(stops, split);
          expect(given.join("")).toBe(cut(whole, stops));
          expect(text.text).toBe(cut(whole, stops));
          expect(text.stopped).toBe(cut(whole, stops) !== whole);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("nothing that was given out is taken back, and little is held", () => {
    fc.assert(
      fc.property(letters, fc.array(stop, { maxLength: 3 }), (whole, stops) => {
        const text = new StoppableText(stops);
        const longest = Math.max(0, ...stops.map((one) => one.length));
        let given = "";
        for (const [i, letter] of [...whole].entries()) {
          given += text.push(letter);
          expect(cut(whole, stops).startsWith(given)).toBe(true);
          if (!text.stopped) expect(i + 1 - given.length).toBeLessThanOrEqual(longest);
        }
      }),
    );
  });

  test("examples", () => {
    expect(feed(["\n\n"], ["a\n", "b\n", "\nc"]).given).toEqual(["a", "\nb", "", ""]);
    expect(feed(["END"], ["E", "N", "x"]).given).toEqual(["", "", "ENx", ""]);
    expect(feed(["END"], ["E", "N"]).given).toEqual(["", "", "EN"]);
    expect(feed(["ab", "b"], ["a", "b"]).given).toEqual(["", "", ""]);
    expect(feed(["abcd", "c"], ["xabcd"]).given).toEqual(["xab", ""]);
    expect(feed([""], ["a", "b"]).given).toEqual(["a", "b", ""]);
    expect(feed([], ["a", ""]).given).toEqual(["a", "", ""]);
  });

  test("is silent after its end", () => {
    const { text } = feed(["x"], ["1x2"]);
    expect(text.push("3")).toBe("");
    expect(text.end()).toBe("");
    expect(text.text).toBe("1");
  });
});
