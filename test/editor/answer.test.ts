// Answers as models give them: fences, talk, cuts. What is taken out must be the text and no more.

import { expect, test } from "bun:test";
import { type AnswerContext, extractAnswer } from "../../src/editor/answer.ts";

const original = "def f(a):\n    return a";
const context: AnswerContext = {
  original,
  finishReason: "stop",
  insideFence: false,
  fence: "```",
  stopsAtFence: false,
};
const edited = "def f(a):\n    return a + 1";

const taken: [string, string, Partial<AnswerContext>, string][] = [
  ["a block alone", `\`\`\`python\n${edited}\n\`\`\``, {}, edited],
  ["talk round it", `Sure!\n\n\`\`\`python\n${edited}\n\`\`\`\nI added one.`, {}, edited],
  ["tildes", `~~~\n${edited}\n~~~`, {}, edited],
  ["CRLF", `\`\`\`python\r\n${edited.replaceAll("\n", "\r\n")}\r\n\`\`\`\r\n`, {}, edited],
  ["a CR too many", `\`\`\`\n${edited.replaceAll("\n", "\r\r\n")}\n\`\`\``, {}, edited],
  ["a longer fence", `\`\`\`\`\n${edited}\n\`\`\`\nx\n\`\`\`\``, {}, `${edited}\n\`\`\`\nx`],
  ["an indented block", `  \`\`\`\n  def f(a):\n      return a\n  \`\`\``, {}, original],
  ["the prompt's own fence", `${edited}\n`, { insideFence: true }, `${edited}\n`],
  ["inside, then closed", `${edited}\n\`\`\`\nDone.`, { insideFence: true }, edited],
  ["inside, opened again", `\`\`\`python\n${edited}\n\`\`\``, { insideFence: true }, edited],
  ["no end, but the model stopped", `\`\`\`\n${edited}`, {}, edited],
  ["no fence at all", `\n${edited}\n`, {}, edited],
  ["first line indented", "```\n    x = 1\n```", {}, "    x = 1"],
  [
    "a fence in a docstring does not end it",
    '```python\ndef f(a):\n    """\n    ```\n    f(1)\n    ```\n    """\n    return a\n```',
    {},
    'def f(a):\n    """\n    ```\n    f(1)\n    ```\n    """\n    return a',
  ],
  [
    "the block most like the original wins",
    `\`\`\`sh\npip install x\n\`\`\`\nthen\n\`\`\`python\n${edited}\n\`\`\`\nand\n\`\`\`\nf(2)\n\`\`\``,
    {},
    edited,
  ],
];

const notes = "# Title\n```\nmake\n```\nThe end.";
const inside = { insideFence: true, original: notes };
const fenced = "```python\nmake()\n```";
taken.push(
  [
    "a text with fences of its own, whole",
    `${notes.replace("Title", "Heading")}\n\`\`\`\nDone.`,
    inside,
    notes.replace("Title", "Heading"),
  ],
  [
    "indented fences of its own, of which one is gone, where a stop text ends it",
    'def f(a):\n  """\n  ```\n  f(1)\n  """\n  return a',
    {
      insideFence: true,
      original: 'def f():\n  """\n  ```\n  f()\n  ```\n  """',
      stopsAtFence: true,
    },
    'def f(a):\n  """\n  ```\n  f(1)\n  """\n  return a',
  ],
  [
    "a text that begins with a fence",
    `${fenced}\n\`\`\``,
    { insideFence: true, original: fenced },
    fenced,
  ],
);

test.each(taken)("taken: %s", (_, answer, change, wanted) => {
  expect(extractAnswer(answer, { ...context, ...change })).toEqual({ text: wanted });
});

const refused: [string, string, Partial<AnswerContext>, RegExp][] = [
  ["nothing", "", {}, /empty/],
  ["blank lines", " \n\n", {}, /empty/],
  ["an empty block", "```\n\n```", {}, /empty/],
  ["talk only", "I would add one to the result.", {}, /no code block/],
  ["a cut block", `\`\`\`\n${edited}`, { finishReason: "length" }, /cut off/],
  ["cut inside the prompt's fence", edited, { finishReason: "length", insideFence: true }, /cut/],
  ["a fence of the text's own lost", "# Heading\n```\nmake\n```", inside, /fences of its own/],
  [
    "cut among indented fences of its own",
    "  ```\n  make",
    { ...inside, finishReason: "length", stopsAtFence: true },
    /cut off/,
  ],
  [
    "talk instead of a text with indented fences of its own",
    "I cannot do that.",
    { ...inside, original: "# A\n\n- b\n\n  ```\n  c\n  ```\n\n- d\n- e", stopsAtFence: true },
    /no code/,
  ],
  ["cut without a fence", edited, { finishReason: "length" }, /cut off/],
];

test.each(refused)("refused: %s", (_, answer, change, wanted) => {
  const result = extractAnswer(answer, { ...context, ...change });
  expect("refused" in result && result.refused).toMatch(wanted);
});

test("a fence of its own around a text that begins with a shorter one keeps all of it", () => {
  const original = "```ts\na();\n```\n\nText.\n\n```ts\nb();\n```";
  const context = {
    original,
    finishReason: "stop",
    insideFence: true,
    fence: "````",
    stopsAtFence: true,
  } as const;
  const text = original.replace("Text", "Words");
  expect(extractAnswer(`\`\`\`\`\n${text}\n\`\`\`\`\nDone.`, context)).toEqual({ text });
});
