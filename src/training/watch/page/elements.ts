// Elements of the page and of its drawings, made and found in one line each: what a framework would be
// asked for here.

/** The element with an id, which index.html has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element within `parent`. */
export function svg<K extends keyof SVGElementTagNameMap>(
  parent: Element,
  name: K,
  attributes: Attributes = {},
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  parent.append(made);
  return made;
}

/** An HTML element within `parent`. */
export function html<K extends keyof HTMLElementTagNameMap>(
  parent: Element,
  name: K,
  { text = "", ...attributes }: Attributes = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = String(text);
  parent.append(made);
  return made;
}

/** Changes a text only where it is another one: what reads it aloud stays quiet. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
