// The colours of a diff on a terminal. With 256 colours changed lines have a background and their own
// text colours, readable on any theme; with 16 they are red and green, and changed words reversed.

import type { TokenKind } from "../syntax/tokens.ts";

/** Parameters of the escape sequence that sets colours: "1;31". */
type Codes = string;

export interface LineStyle {
  readonly base: Codes;
  /** Added for words that changed. */
  readonly changed: Codes;
  /** Added for what the language gives a colour. */
  readonly tokens: Readonly<Partial<Record<TokenKind, Codes>>>;
  /** Whether the line is coloured to the terminal's edge. */
  readonly fills: boolean;
}

export interface Palette {
  readonly header: Codes;
  readonly position: Codes;
  /** Of what is said about the text. */
  readonly note: Codes;
  readonly context: LineStyle;
  readonly removed: LineStyle;
  readonly added: LineStyle;
}

const common = {
  header: "1",
  position: "36",
  note: "2",
  context: {
    base: "",
    changed: "",
    // No red and no green: they say what was removed and added.
    tokens: {
      keyword: "35",
      string: "33",
      comment: "2",
      number: "36",
      function: "34",
      type: "36",
      constant: "36",
    },
    fills: false,
  },
} as const;

const few: Palette = {
  ...common,
  removed: { base: "31", changed: "7", tokens: {}, fills: false },
  added: { base: "32", changed: "7", tokens: {}, fills: false },
};

/** Light colours that stand out on dark red and dark green alike. */
const onDark = {
  keyword: "38;5;183",
  string: "38;5;222",
  comment: "38;5;250",
  number: "38;5;153",
  function: "38;5;117",
  type: "38;5;159",
  constant: "38;5;153",
} as const;

const many: Palette = {
  ...common,
  removed: { base: "38;5;255;48;5;52", changed: "1;48;5;124", tokens: onDark, fills: true },
  added: { base: "38;5;255;48;5;22", changed: "1;48;5;28", tokens: onDark, fills: true },
};

/** The colours that a terminal has, as TERM and COLORTERM say. */
export function paletteOf(env: Readonly<Record<string, string | undefined>>): Palette {
  const { TERM = "", COLORTERM = "" } = env;
  return COLORTERM !== "" || /256color|direct|kitty|ghostty|alacritty/.test(TERM) ? many : few;
}
