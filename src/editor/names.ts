// Names in texts: whether one stands there as a word of its own, and what a dotted one ends in. What an
// instruction names decides which part is sent to the model and what an answer may lose.

/** Finds a name as a word: not as a part of a longer one. */
export function namePattern(name: string, flags = ""): RegExp {
  return new RegExp(`(?<![\\w$])${RegExp.escape(name)}(?![\\w$])`, flags);
}

/** "push" of "Stack.push". */
export function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
