// Random ignore files, and names for them to match: pieces that git treats in ways of their own, put
// together at random, so that every rule meets every other.

import fc from "fast-check";

const pieces = [
  ...["a", "b", "A", "ab", "d", "e", "é", "Z", ".", "-", "#", "!", " ", "\t", "\r"],
  ...["*", "*", "**", "***", "?", "/", "/", "d/", "/**/", "**/", "/**", "**\\/"],
  ...["\\", "\\a", "\\A", "\\*", "\\ ", "\\!", "\\#", "\\/"],
  ...["[a-c]", "[!a]", "[^b]", "[]a]", "[!]a]", "[a\\]]", "[\\a-c]", "[[a]", "[a-]", "[--a]"],
  ...["[a-", "[b-a]", "[Z-c]", "[/]", "[!/]", "[,-0]", "[é]"],
  ...[
    "[[:alpha:]]",
    "[[:upper:]]",
    "[[:upper:]-]",
    "[[:space:]]",
    "[[:foo:]]",
    "[[:]",
    "[[:alpha:",
  ],
];

/** A line of an ignore file, without its end. */
const wildLine = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

/** What people write, in a tree of these names. */
const tameLine = fc.constantFrom(
  ...["a", "*.o", "/a", "d/", "d/*", "!d/a", "!a", "!*.o", "**/e", "d/**", "!d/e/", "e/**/a", "*"],
  ...["/*", "!/d", "!/d/", "a*", "!b.o", "/d/e/f", "!**/a", "# a", "", "f/", "!f/", "d/e", "!d/**"],
);

const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

export const wildFile = fc.array(wildLine, { minLength: 1, maxLength: 4 }).map(text);
export const tameFile = fc.array(tameLine, { maxLength: 4 }).map(text);
export const anyFile = fc.oneof(
  { weight: 4, arbitrary: tameFile },
  { weight: 1, arbitrary: wildFile },
);

/** Names in a folder that an ignore file is tried on; each is a file, the folders come of themselves. */
export const wildNames = [
  ...["a", "b", "A", "B", "ab", "Ab", "abc", "a b", "a ", "b ", "[a]", "a]", "]", "[", "!a", "#a"],
  ...["\\a", "\\", "a\\", "é", "a-b", ".a", "*", "**", "?", "-", "^", "a\tb", "a\r", "z"],
  ...["d/a", "d/b", "d/ab", "d/e/a", "d/e/ab", "d/e/f/a", "A.d/b", "x/a", "x/b/a", "x y/a"],
  ...["c/a/d", "c/a/e", "D/a", "dd/a"],
];

export const tameNames = [
  ...["a", "b.o", "c.o", "d/a", "d/b.o", "d/e/a", "d/e/b.o", "d/e/f/a", "d/e/f/c.o", "d/f/a"],
  ...["e/a", "e/d/a", "e/f/g/a", "f", "g/h"],
];
