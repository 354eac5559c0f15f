// What the editor knows of a file from its name: the word after the fence in a prompt, and how
// comments and strings are written, so that brackets in them do not count.

export interface Language {
  /** The word that Markdown puts after a fence. */
  readonly fence: string;
  /** How a comment starts that runs to the end of the line. */
  readonly lineComments: readonly string[];
  readonly blockComment?: readonly [string, string];
  /** Quotes of strings that end on their line. */
  readonly quotes: readonly string[];
  /** Quotes of strings that may run over lines. */
  readonly longQuotes: readonly string[];
}

const slashes = {
  lineComments: ["//"],
  blockComment: ["/*", "*/"],
  quotes: ['"'],
  longQuotes: [],
} as const;
const script = { ...slashes, quotes: ['"', "'"], longQuotes: ["`"] } as const;

export const python: Language = {
  fence: "python",
  lineComments: ["#"],
  quotes: ['"', "'"],
  longQuotes: ['"""', "'''"],
};

const byExtension: Record<string, Language> = {
  py: python,
  pyi: python,
  js: { fence: "javascript", ...script },
  jsx: { fence: "jsx", ...script },
  mjs: { fence: "javascript", ...script },
  ts: { fence: "typescript", ...script },
  tsx: { fence: "tsx", ...script },
  c: { fence: "c", ...slashes },
  h: { fence: "c", ...slashes },
  cc: { fence: "cpp", ...slashes },
  cpp: { fence: "cpp", ...slashes },
  hpp: { fence: "cpp", ...slashes },
  java: { fence: "java", ...slashes },
  go: { fence: "go", ...slashes, longQuotes: ["`"] },
  json: { fence: "json", lineComments: [], quotes: ['"'], longQuotes: [] },
};

/** The language of a file by its extension; undefined where it is not known. */
export function languageOf(name: string): Language | undefined {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : byExtension[extension];
}

/** Whether a text without a telling name (standard input) is Python: most files of it show. */
export function looksLikePython(text: string): boolean {
  return /^(def \w+\s*\(|class \w+.*:|from [\w.]+ import |async def \w+)/m.test(text);
}
