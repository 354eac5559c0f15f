// A test of a function, below it, as a person wrote one in the same repository. `cromwell edit` changes one
// region: so the answer is the function with its test, which can be moved to where tests are.

import type { EditKind, EditUnit, Reverse } from "../kind.ts";
import { phrase } from "../phrased.ts";

/** `{title}` is what the test is called, where the language has such titles. */
const phrasings = [
  "Add a unit test for {name}.",
  "Add a test for {name}.",
  "Add a unit test.",
  "Add a small test below {name}.",
  "Write a unit test for {name}.",
  "Write a test for {name}.",
  "Write a test that calls {name}.",
  "Write a unit test for this function.",
  "Write a test for this function below it.",
  "Test {name}.",
  "{name} has no test, write one.",
  "{name} needs a unit test.",
  "Put a test of {name} below it.",
  "Cover {name} with a unit test.",
];

const titled = [
  'Add a test "{title}" for {name}.',
  'Add a unit test for {name}: "{title}".',
  'Add a test that {name} "{title}".',
  'Write a test of {name} called "{title}".',
  'Write a unit test "{title}".',
  "Test {name}: {title}.",
  "Add a test for {name}: {title}.",
  "Cover this case of {name} with a test: {title}.",
  "{name} needs a test: {title}.",
  'Put a test "{title}" below {name}.',
  "Write the unit test {title}.",
  "Add the unit test {title} for {name}.",
];

const addTest: Reverse = (unit, random) => {
  const { what, text, name, language } = unit;
  if (what !== "function" || name.includes(".") || unit.testsOf === undefined) return undefined;
  const [test] = unit.testsOf(name);
  if (test === undefined) return undefined;
  const gap = language === "python" ? "\n\n\n" : "\n\n";
  const words = { name, title: test.title };
  const instruction = phrase(random.next() < 0.4 ? titled : phrasings, words, random);
  return { before: text, after: text + gap + test.text, instruction, facts: factsOf(unit) };
};

function factsOf({ name }: EditUnit): Readonly<Record<string, string>> {
  return { tested: name };
}

export const unitTest: EditKind = {
  name: "unit-test",
  reversals: { python: addTest, typescript: addTest, javascript: addTest },
};
