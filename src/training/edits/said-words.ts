// What a docstring says in its words, and whether that is more than what everybody knows of the unit: what
// says no more is neither worth learning nor what was asked for.

/** Words that say nothing of what a unit does. */
const empty =
  "a an the this that it is of to for in and or function method class docstring comment doc documentation def param parameter return args arguments todo description summary none";

/** Whether a text has a word that is not among the known ones. */
export function saysMore(text: string, known: string): boolean {
  const old = new Set(wordsOf(`${empty} ${known}`));
  return wordsOf(text).some((word) => !old.has(word));
}

export function hasWords(text: string): boolean {
  return wordsOf(text).length > 0;
}

/** In lower case, a plural or a verb's ending aside: "parses" is what "parse" is. */
function wordsOf(text: string): string[] {
  const words = text.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+/gu) ?? [];
  return words.map((word) => word.toLowerCase().replace(/(?<=\p{L}{3})(?:es|s|ing|ed|e)$/u, ""));
}
