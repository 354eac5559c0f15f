// A text as the set of its shingles, runs of five tokens: two texts are as alike as these sets are, which
// Jaccard's index says, the part of all shingles that both have.

import { mixed, tokenHashes } from "./tokens.ts";

const shingleTokens = 5;

/** The distinct shingles' hashes in ascending order. A text of fewer tokens is one shingle. */
export function shinglesOf(text: string): Uint32Array {
  const { hashes, length } = tokenHashes(text);
  if (length === 0) return new Uint32Array(0);
  const size = Math.min(shingleTokens, length);
  const shingles = new Uint32Array(length - size + 1);
  for (let at = 0; at < shingles.length; at++) {
    let hash = 0;
    for (let i = at; i < at + size; i++) hash = (Math.imul(hash, 0x9e3779b1) + hashes[i]!) | 0;
    shingles[at] = mixed(hash);
  }
  shingles.sort();
  let distinct = 1;
  for (let at = 1; at < shingles.length; at++) {
    if (shingles[at] !== shingles[at - 1]) shingles[distinct++] = shingles[at]!;
  }
  return shingles.subarray(0, distinct);
}

/** Jaccard's index of two ascending sets: 0 for nothing in common, 1 for equal ones. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let common = 0;
  let at = 0;
  let other = 0;
  while (at < a.length && other < b.length) {
    const difference = a[at]! - b[other]!;
    if (difference === 0) common++;
    if (difference <= 0) at++;
    if (difference >= 0) other++;
  }
  const all = a.length + b.length - common;
  return all === 0 ? 1 : common / all;
}
