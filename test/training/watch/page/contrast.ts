// How well texts stand out from their ground, as WCAG 2 has it (1.4.3). Runs in the page, so it names
// nothing outside itself.

/** Texts with less than 4.5 times their ground's light. */
export function lowContrasts(): string[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const rgb = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour: number[]) => {
    const [r, g, b] = colour.map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const ground = (element: Element): number[] => {
    const body = element.closest(".sphere")?.querySelector(".body");
    if (body != null) return rgb(getComputedStyle(body).fill);
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgb(getComputedStyle(document.body).backgroundColor);
  };
  const low: string[] = [];
  for (const element of document.querySelectorAll(
    "h1, h2, h3, p, span, dt, dd, button, summary, text, pre",
  )) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.nodeValue?.trim(),
    );
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = rgb(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a! + 0.05) / (b! + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} ${element.textContent} ${ratio.toFixed(2)}`);
  }
  return low;
}
