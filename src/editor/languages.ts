// What the editor knows of a file from its name: the word after the fence in a prompt, and how
// comments and strings are written, so that brackets in them do not count.

export interface Language {
  /** The word that Markdown puts after a fence. */
  readonly fence: string;
  /** Undefined where brackets cannot be told from text without a parser (JSX). */
  readonly lexical?: Lexical;
}

export interface Lexical {
  /** How a comment starts that runs to the end of the line. */
  readonly lineComments: readonly string[];
  readonly blockComment?: readonly [string, string];
  /** Quotes of strings that end on their line. */
  readonly quotes: readonly string[];
  /** Quotes of strings that may run over lines. */
  readonly longQuotes: readonly string[];
  /** What else holds no brackets: a pattern, sticky, tried at each place. */
  readonly literal?: RegExp;
}

const slashes = {
  lineComments: ["//"],
  blockComment: ["/*", "*/"],
  quotes: ['"'],
  longQuotes: [],
  // A character. An apostrophe between digits is none.
  literal: /'(?:\\[^\n]{1,9}?|[^'\\\n])'/y,
} as const satisfies Lexical;

const script = {
  ...slashes,
  quotes: ['"', "'"],
  longQuotes: ["`"],
  // A regular expression: a slash where a value may start.
  literal:
    /(?<=(?:^|[(,=:[!&|?{};+*%<>~^-]|=>|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//my,
} as const satisfies Lexical;

export const python: Language = {
  fence: "python",
  lexical: {
    lineComments: ["#"],
    quotes: ['"', "'"],
    longQuotes: ['"""', "'''"],
  },
};

const byExtension: Record<string, Language> = {
  py: python,
  pyi: python,
  js: { fence: "javascript", lexical: script },
  mjs: { fence: "javascript", lexical: script },
  cjs: { fence: "javascript", lexical: script },
  ts: { fence: "typescript", lexical: script },
  jsx: { fence: "jsx" },
  tsx: { fence: "tsx" },
  c: { fence: "c", lexical: slashes },
  h: { fence: "c", lexical: slashes },
  cc: { fence: "cpp", lexical: slashes },
  cpp: { fence: "cpp", lexical: slashes },
  hpp: { fence: "cpp", lexical: slashes },
  java: { fence: "java", lexical: slashes },
  go: { fence: "go", lexical: { ...slashes, longQuotes: ["`"] } },
  json: { fence: "json", lexical: { lineComments: [], quotes: ['"'], longQuotes: [] } },
  md: { fence: "markdown" },
  sh: { fence: "sh" },
  rs: { fence: "rust" },
  zig: { fence: "zig" },
};

/** The language of a file by its extension; undefined where it is not known. */
export function languageOf(name: string): Language | undefined {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined || !Object.hasOwn(byExtension, extension)) return undefined;
  return byExtension[extension];
}

/** Whether a text without a telling name (standard input) is Python: most files of it show. */
export function looksLikePython(text: string): boolean {
  return /^(def \w+\s*\(|class \w+.*:|from [\w.]+ import |async def \w+)/m.test(text);
}
