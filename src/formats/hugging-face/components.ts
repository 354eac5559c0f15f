// The steps of tokenizer.json: a step stands alone or in sequences within one another. A file from
// outside may nest them as deep as it likes, so they are kept on a stack of our own.

export type Component = Readonly<Record<string, unknown>>;

/** The steps in order, sequences taken apart; `list` is the field that holds a sequence's steps. */
export function components(json: unknown, list: string): Component[] {
  const found: Component[] = [];
  const rest = [json];
  while (rest.length > 0) {
    const component = rest.pop();
    if (typeof component !== "object" || component === null) continue;
    const inner = (component as Component)[list];
    if (!Array.isArray(inner)) found.push(component as Component);
    else for (const step of inner.toReversed()) rest.push(step);
  }
  return found;
}
