// What drafts propose: the text that is rewritten from where the answer is in it, found again after
// any change and with the names that changed; what followed the last tokens before.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openModelFile } from "../../src/formats/model-file.ts";
import { type Draft, PromptDraft, RewriteDraft } from "../../src/inference/draft.ts";
import { Indents } from "../../src/inference/indents.ts";
import { Renames } from "../../src/inference/renames.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { bytePairKeys, tinyBytePair } from "../tokenizer/tiny.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-draft-"));
const tokenizer = Tokenizer.of(openModelFile(await writeTinyModel(join(folder, "tiny.gguf"))));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = Array.from(
  { length: 40 },
  (_, i) => `    ${["read", "write", "move", "join"][i % 4]}${i}(state, ${i * 37}, count)`,
);
const original = tokenizer.encode(lines.join("\n"));
const draftOf = (ids: readonly number[] = original) => new RewriteDraft(ids, tokenizer);

/** Which tokens of the answer the draft would not have guessed from those before them. */
function missed(draft: Draft, answer: readonly number[]): number[] {
  return answer.flatMap((id, i) => (draft.propose(answer.slice(0, i), 1)[0] === id ? [] : [i]));
}

/** Tokens of the answer's text up to these lines. */
const tokensTo = (changed: readonly string[], count: number) =>
  tokenizer.encode(`${changed.slice(0, count).join("\n")}\n`).length;

describe("the text that is rewritten", () => {
  test("is proposed from where the answer is, never more than asked for", () => {
    const draft = draftOf();
    expect(draft.propose([], 7)).toEqual(original.slice(0, 7));
    expect(draft.propose(original.slice(0, 100), 20)).toEqual(original.slice(100, 120));
    expect(draft.propose(original.slice(0, -3), 20)).toEqual(original.slice(-3));
    expect(draft.propose(original, 20)).toEqual([]);
  });

  test.each([
    ["a line that is changed", (all: string[]) => all.with(20, "    other(7)")],
    ["a line that is new", (all: string[]) => all.toSpliced(20, 0, "    if all(state): stop")],
    ["lines that are gone", (all: string[]) => all.toSpliced(20, 5)],
    ["an argument more", (all: string[]) => all.with(20, all[20]!.replace("count", "count, 8"))],
  ])("is found again after %s", (_, change) => {
    const changed = change([...lines]);
    const answer = tokenizer.encode(changed.join("\n"));
    const wrong = missed(draftOf(), answer);
    const from = tokensTo(changed, 20);
    expect(wrong.filter((at) => at < from)).toEqual([]);
    // Within the changed line and the first words of the next one.
    expect(wrong.filter((at) => at > tokensTo(changed, 21) + 12)).toEqual([]);
    expect(wrong.length).toBeGreaterThan(0);
  });

  test("any lines may change: what is proposed follows the answer as it grows", () => {
    const edit = fc.tuple(fc.nat({ max: 39 }), fc.constantFrom("", "x", "a = b", lines[3]!));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        const changed = edits.reduce((all, [at, line]) => all.with(at, line), lines);
        const answer = tokenizer.encode(changed.join("\n"));
        const draft = draftOf();
        const proposals = answer.map((_, i) => draft.propose(answer.slice(0, i), 5));
        expect(Math.max(...proposals.map((ids) => ids.length))).toBeLessThanOrEqual(5);
        expect(Math.max(...proposals.flat())).toBeLessThan(tokenizer.size);
        // Eight changed lines of forty leave most of it to be guessed.
        expect(missed(draftOf(), answer).length).toBeLessThan(answer.length * 0.6);
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test("several tokens at a time give the same as one by one", () => {
    const answer = tokenizer.encode(lines.with(9, "    new").join("\n"));
    const [single, together] = [draftOf(), draftOf()];
    for (let i = 0; i < answer.length; i++) {
      const proposed = single.propose(answer.slice(0, i), 9);
      if (i % 13 === 0 && i < tokensTo(lines, 9)) {
        expect(together.propose(answer.slice(0, i), 9)).toEqual(proposed);
      }
    }
  });

  test("an id that is in no vocabulary is refused", () => {
    expect(() => draftOf([5, 100_000])).toThrow("not in the vocabulary");
  });
});

describe("line breaks", () => {
  // As in many vocabularies, a line's end and the next one's indentation are one token.
  const merges = ["Ġ Ġ", "ĠĠ Ġ", "Ċ ĠĠĠ"];
  const keys = bytePairKeys();
  const tokens = [
    ...(keys["tokenizer.ggml.tokens"] as string[]),
    ...merges.map((pair) => pair.replace(" ", "")),
  ];
  const joining = tinyBytePair({
    "tokenizer.ggml.tokens": [...new Set(tokens)],
    "tokenizer.ggml.token_type": undefined,
    "tokenizer.ggml.merges": merges,
  });
  const text = Array.from({ length: 12 }, (_, i) => `    step${i}(state, ${i * 7})`).join("\n");
  const joined = joining.encode(text);
  const apart = text.split(/(\n)/).flatMap((piece) => joining.encode(piece));

  test("are said as the answer says them, from the second one on", () => {
    expect(apart.length).toBe(joined.length + 11);
    const wrong = missed(new RewriteDraft(joined, joining), apart);
    expect(wrong.length).toBe(1);
    expect(missed(new RewriteDraft(joined, joining), joined)).toEqual([]);
  });

  test("that are joined once do not change what is expected", () => {
    const split = text.slice(0, text.indexOf("\n    step8"));
    const answer = [
      ...split.split(/(\n)/).flatMap((piece) => joining.encode(piece)),
      ...joining.encode("\n    step8(state, 56)"),
      ...text
        .slice(split.length + 21)
        .split(/(\n)/)
        .flatMap((piece) => joining.encode(piece)),
    ];
    const wrong = missed(new RewriteDraft(joined, joining), answer);
    // The first one at all, and the one that is joined after all.
    expect(wrong.length).toBe(2);
  });
});

describe("indentation that changes", () => {
  const nested = Array.from({ length: 20 }, (_, i) => {
    return `${"  ".repeat(1 + (i % 3))}step${i}(state, ${i * 7})`;
  });
  const deeper = nested.map((line) => `    ${line}`);
  const wider = nested.map((line) => line.replace(/^ +/, (indent) => indent + indent));
  const joining = tinyBytePair();

  test.each([
    ["another unit", wider],
    ["a level more", deeper],
  ])("is expected in the lines to come: %s", (_, changed) => {
    const answer = joining.encode(changed.join("\n"));
    const from = joining.encode(`${changed.slice(0, 6).join("\n")}\n`).length;
    const wrong = missed(new RewriteDraft(joining.encode(nested.join("\n")), joining), answer);
    expect(wrong.filter((at) => at > from)).toEqual([]);
  });

  test("is no reason to lose the place", () => {
    const odd = nested.map((line, i) => " ".repeat((i * 5) % 7) + line);
    const wrong = missed(
      draftOf(tokenizer.encode(nested.join("\n"))),
      tokenizer.encode(odd.join("\n")),
    );
    const words = tokenizer.encode(odd.map((line) => line.trim()).join("\n")).length;
    expect(wrong.length).toBeLessThan(words * 0.3);
  });

  test("is learnt from lines that begin alike", () => {
    const indents = new Indents();
    expect(indents.learn("    return x;", "  return x;")).toBe(true);
    expect(indents.learn("        # of another line", "  return x;")).toBe(false);
    expect(indents.apply("a\n  b\n\n    c\n  ")).toBe("a\n    b\n\n        c\n  ");
    expect(indents.learn("      deep();", "    deep();")).toBe(true);
    expect(indents.apply("    c")).toBe("      c");
    expect(indents.learn("  kept();", "  kept();")).toBe(true);
    expect(indents.apply("  b")).toBe("  b");
  });
});

describe("names that change", () => {
  const renamed = lines.map((line) => line.replaceAll("state", "buffer"));

  test("are expected in the lines to come, as the tokenizer writes them", () => {
    const answer = tokenizer.encode(renamed.join("\n"));
    const from = tokensTo(renamed, 1);
    expect(missed(draftOf(), answer).filter((at) => at > from)).toEqual([]);
    const proposed = draftOf().propose(answer.slice(0, from + 5), 200);
    expect(proposed).toEqual(answer.slice(from + 5, from + 205));
  });

  test("are forgotten where the answer keeps the old name after all", () => {
    const mixed = [...renamed.slice(0, 10), ...lines.slice(10)];
    const wrong = missed(draftOf(), tokenizer.encode(mixed.join("\n")));
    const from = tokensTo(mixed, 11);
    expect(wrong.filter((at) => at > from)).toEqual([]);
  });

  test("are whole words, learnt from lines that are otherwise the same", () => {
    const renames = new Renames();
    expect(renames.learn("let total = f(sum);", "let total = f(x);")).toBe(true);
    expect(renames.apply("total, x; xs = x + $x")).toBe("total, sum; xs = sum + $x");
    expect(renames.learn("let total = f(sum, 1);", "let other = f(sum);")).toBe(false);
    // Kept in a line before: only when it is seen again.
    expect(renames.learn("a(total)", "a(count)")).toBe(true);
    expect(renames.learn("b(size)", "b(total)")).toBe(false);
    expect(renames.learn("c(size)", "c(total)")).toBe(true);
  });
});

describe("what was said before", () => {
  test("is proposed where its last tokens come again, the longest and latest of them", () => {
    const draft = new PromptDraft([1, 2, 3, 4, 9, 2, 3, 5, 8, 7]);
    expect(draft.propose([], 4)).toEqual([]);
    expect(draft.propose([2, 3], 2)).toEqual([5, 8]);
    const longer = new PromptDraft([1, 2, 3, 4, 9, 2, 3, 5, 8, 7, 1]);
    expect(longer.propose([2, 3], 3)).toEqual([4, 9, 2]);
  });

  test("the answer counts too, and one token alone is no reason", () => {
    const draft = new PromptDraft([50, 51]);
    expect(draft.propose([60, 61, 62, 63, 62], 3)).toEqual([]);
    expect(draft.propose([60, 61, 62, 63, 62, 60, 61], 3)).toEqual([62, 63, 62]);
  });

  test("a text of one token over and over is no work without end", () => {
    const draft = new PromptDraft(Array(100_000).fill(7));
    const started = performance.now();
    expect(draft.propose(Array(2000).fill(7), 5)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
