// Code that an instruction quotes, as in "catch KeyError around `d[k].append(v)`": where the text has it is
// where the change is wanted.

/** Characters of a text, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the text has what stands between backticks in the instruction, quotation by quotation. A name
 * alone is none, as it stands in many places, nor is a value: both are also said of what is to come.
 */
export function quotedCode(instruction: string, text: string): readonly (readonly Span[])[] {
  return Array.from(instruction.matchAll(/`([^`\n]+)`/g), ([, quoted]) => quoted!.trim())
    .filter((quoted) => !isNameOrValue(quoted))
    .map((quoted) => places(quoted, text))
    .filter(({ length }) => length > 0);
}

const nameOrValue = /^(?:[\w$.-]*|"[^"]*"|'[^']*')$/;

function isNameOrValue(code: string): boolean {
  return nameOrValue.test(code);
}

function places(quoted: string, text: string): readonly Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + quoted.length)) {
    found.push({ start: at, end: at + quoted.length });
  }
  return found;
}

/**
 * The lines that a span stands in, from the line break before them, and the next line as far as its first
 * letter: what is put before the lines, between them or behind them begins there.
 */
export function linesAround({ start, end }: Span, text: string): Span {
  const behind = text.indexOf("\n", end - 1);
  return {
    start: Math.max(0, text.lastIndexOf("\n", start - 1)),
    end: behind < 0 ? text.length : behind + /^\s*\S?/.exec(text.slice(behind))![0].length,
  };
}
