// How many guesses are checked: many where they are right, none where they are not, again where they
// begin to be; by what passes cost, which a stall of the machine does not change.

import { describe, expect, test } from "bun:test";
import { DraftLength, longestDraft } from "../../src/inference/draft-length.ts";
import { PassCost } from "../../src/inference/pass-cost.ts";

/** Milliseconds of a pass on a machine that reads its weights in 6 and multiplies a token in 1.5. */
const machine = (size: number) => Math.max(6, 4 + 1.5 * size);

/** Says `tokens` guesses' fate one after the other; returns milliseconds with drafts and without. */
function simulate(length: DraftLength, fates: readonly boolean[], cost = machine) {
  let at = 0;
  let milliseconds = 0;
  const chosen: number[] = [];
  while (at < fates.length) {
    const proposed = Math.min(longestDraft, fates.length - at);
    const guesses = length.choose(proposed);
    let right = 0;
    while (right <= guesses && right < proposed && fates[at + right]) right++;
    const wrong = right <= guesses && right < proposed;
    const took = cost(guesses + 1);
    length.learn({ guesses, proposed, right, wrong, milliseconds: took });
    at += Math.min(right, guesses) + 1;
    milliseconds += took;
    chosen.push(guesses);
  }
  return { milliseconds, plain: fates.length * cost(1), chosen };
}

const always = (count: number) => Array<boolean>(count).fill(true);
const never = (count: number) => Array<boolean>(count).fill(false);

describe("the length of a draft", () => {
  test("grows where guesses are right", () => {
    const { milliseconds, plain, chosen } = simulate(new DraftLength(), always(2000));
    expect(plain / milliseconds).toBeGreaterThan(3.3);
    expect(Math.max(...chosen)).toBeGreaterThan(32);
  });

  test("is nothing where none is, at less than 5 % of the time", () => {
    for (const count of [100, 500, 3000]) {
      const { milliseconds, plain } = simulate(new DraftLength(), never(count));
      expect(milliseconds / plain).toBeLessThan(count < 200 ? 1.2 : 1.05);
    }
  });

  test("costs little where most guesses are wrong", () => {
    const fates = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 10 < 3);
    const { milliseconds, plain } = simulate(new DraftLength(), fates);
    expect(milliseconds / plain).toBeLessThan(1.05);
  });

  test("recovers after guesses that failed for long", () => {
    const length = new DraftLength();
    simulate(length, never(1000));
    const { milliseconds, plain, chosen } = simulate(length, always(1000));
    expect(chosen.findIndex((guesses) => guesses > 8)).toBeLessThan(60);
    expect(plain / milliseconds).toBeGreaterThan(2.5);
  });

  test("stays short where a pass costs as much as its tokens one by one", () => {
    const { milliseconds, plain } = simulate(new DraftLength(), always(1000), (size) => 5 * size);
    expect(milliseconds / plain).toBeLessThan(1.05);
  });
});

describe("what a pass costs", () => {
  test("is learnt for sizes that were never timed", () => {
    const cost = new PassCost();
    for (let i = 0; i < 30; i++) for (const size of [1, 9, 40]) cost.learn(size, machine(size));
    for (const size of [1, 5, 24, 64, 100]) {
      expect(cost.of(size) / machine(size)).toBeCloseTo(1, 1);
    }
  });

  test("follows a context that grows", () => {
    const cost = new PassCost();
    for (let i = 0; i < 100; i++) {
      cost.learn(33, 50 + i);
      cost.learn(9, 15 + i / 4);
    }
    expect(cost.of(33)).toBeGreaterThan(135);
    expect(cost.of(33)).toBeLessThan(155);
  });

  test("hardly changes by a stall", () => {
    const cost = new PassCost();
    for (let i = 0; i < 20; i++) for (const size of [1, 9, 40]) cost.learn(size, machine(size));
    const before = [1, 9, 40].map((size) => cost.of(size));
    cost.learn(40, 5000);
    cost.learn(1, 900);
    for (const [i, size] of [1, 9, 40].entries()) {
      expect(cost.of(size) / before[i]!).toBeLessThan(1.35);
    }
  });

  test("one size alone scales what is usual", () => {
    const cost = new PassCost();
    for (let i = 0; i < 300; i++) cost.learn(8, 20);
    expect(cost.of(8)).toBeCloseTo(20, 1);
    expect(cost.of(16)).toBeGreaterThan(25);
    expect(cost.of(16)).toBeLessThan(40);
    expect(Number.isFinite(cost.of(1))).toBe(true);
  });
});
