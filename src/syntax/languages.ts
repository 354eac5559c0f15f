// The languages that the program knows: by a file's name, by its first line, or by what a text without
// a telling name (standard input) shows.

export interface Language {
  /** How the program and `--language` name it: "python". */
  readonly id: string;
  /** How a person reads it: "Python". */
  readonly title: string;
  /** The word that Markdown puts after a fence. */
  readonly fence: string;
  /** Whether a grammar is embedded: faults, units and colours can be told. */
  readonly grammar: boolean;
  /** How a comment starts that runs to the end of the line; undefined where there is none. */
  readonly lineComment: string | undefined;
}

interface Entry {
  readonly title: string;
  /** Default: the id. */
  readonly fence?: string;
  readonly grammar: boolean;
  readonly lineComment?: string;
  readonly extensions: string;
  /** Whole file names, lower case. */
  readonly names?: string;
  /** Commands that a #! line names. */
  readonly interpreters?: string;
}

const parsed = { grammar: true } as const;
const unparsed = { grammar: false } as const;

const entries: Record<string, Entry> = {
  python: {
    ...parsed,
    title: "Python",
    lineComment: "#",
    extensions: "py pyi pyw",
    names: "sconstruct sconscript wscript",
    interpreters: "python python2 python3 pypy pypy3",
  },
  typescript: {
    ...parsed,
    title: "TypeScript",
    lineComment: "//",
    extensions: "ts mts cts",
    interpreters: "bun deno ts-node tsx",
  },
  tsx: { ...parsed, title: "TSX", lineComment: "//", extensions: "tsx" },
  javascript: {
    ...parsed,
    title: "JavaScript",
    lineComment: "//",
    extensions: "js mjs cjs jsx",
    interpreters: "node nodejs",
  },
  json: { ...parsed, title: "JSON", extensions: "json webmanifest geojson" },
  go: { ...parsed, title: "Go", lineComment: "//", extensions: "go" },
  rust: { ...parsed, title: "Rust", lineComment: "//", extensions: "rs" },
  java: { ...parsed, title: "Java", lineComment: "//", extensions: "java" },
  c: { ...parsed, title: "C", lineComment: "//", extensions: "c h" },
  cpp: {
    ...parsed,
    title: "C++",
    lineComment: "//",
    extensions: "cc cpp cxx c++ hh hpp hxx h++ ipp tpp",
  },
  csharp: { ...parsed, title: "C#", lineComment: "//", extensions: "cs csx" },
  ruby: {
    ...parsed,
    title: "Ruby",
    lineComment: "#",
    extensions: "rb rake gemspec ru",
    names: "gemfile rakefile guardfile vagrantfile podfile",
    interpreters: "ruby",
  },
  php: { ...parsed, title: "PHP", lineComment: "//", extensions: "php phtml", interpreters: "php" },
  bash: {
    ...parsed,
    title: "Bash",
    lineComment: "#",
    extensions: "sh bash",
    names: ".bashrc .bash_profile .profile .bash_aliases",
    interpreters: "sh bash dash ash",
  },
  html: { ...parsed, title: "HTML", extensions: "html htm xhtml" },
  css: { ...parsed, title: "CSS", extensions: "css" },
  yaml: {
    ...parsed,
    title: "YAML",
    lineComment: "#",
    extensions: "yaml yml",
    names: ".clang-format",
  },
  toml: {
    ...parsed,
    title: "TOML",
    lineComment: "#",
    extensions: "toml",
    names: "cargo.lock poetry.lock uv.lock pipfile",
  },
  markdown: { ...unparsed, title: "Markdown", extensions: "md markdown mdx" },
  zig: { ...unparsed, title: "Zig", lineComment: "//", extensions: "zig zon" },
  kotlin: { ...unparsed, title: "Kotlin", lineComment: "//", extensions: "kt kts" },
  swift: { ...unparsed, title: "Swift", lineComment: "//", extensions: "swift" },
  scala: { ...unparsed, title: "Scala", lineComment: "//", extensions: "scala sc" },
  dart: { ...unparsed, title: "Dart", lineComment: "//", extensions: "dart" },
  lua: { ...unparsed, title: "Lua", lineComment: "--", extensions: "lua", interpreters: "lua" },
  perl: { ...unparsed, title: "Perl", lineComment: "#", extensions: "pl pm", interpreters: "perl" },
  r: { ...unparsed, title: "R", lineComment: "#", extensions: "r", interpreters: "rscript" },
  sql: { ...unparsed, title: "SQL", lineComment: "--", extensions: "sql" },
  xml: { ...unparsed, title: "XML", extensions: "xml svg xsd xsl csproj" },
  ini: { ...unparsed, title: "INI", lineComment: ";", extensions: "ini cfg" },
  scss: { ...unparsed, title: "SCSS", lineComment: "//", extensions: "scss" },
  makefile: {
    ...unparsed,
    title: "Makefile",
    lineComment: "#",
    extensions: "mk",
    names: "makefile gnumakefile",
  },
  dockerfile: {
    ...unparsed,
    title: "Dockerfile",
    lineComment: "#",
    extensions: "dockerfile",
    names: "dockerfile containerfile",
  },
};

const byId = new Map<string, Language>();
const byExtension = new Map<string, Language>();
const byName = new Map<string, Language>();
const byInterpreter = new Map<string, Language>();

for (const [id, entry] of Object.entries(entries)) {
  const { title, fence = id, grammar, lineComment } = entry;
  const language: Language = { id, title, fence, grammar, lineComment };
  byId.set(id, language);
  for (const extension of words(entry.extensions)) byExtension.set(extension, language);
  for (const name of words(entry.names)) byName.set(name, language);
  for (const command of words(entry.interpreters)) byInterpreter.set(command, language);
}

function words(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(" ");
}

/** Every language, in the order of the table. */
export function allLanguages(): Language[] {
  return [...byId.values()];
}

export function languageById(id: string): Language | undefined {
  return byId.get(id);
}

/** The language of a file by its name, path or not; undefined where the name does not tell. */
export function languageOf(name: string): Language | undefined {
  const base = name
    .slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1)
    .toLowerCase();
  const dot = base.lastIndexOf(".");
  return byName.get(base) ?? (dot < 0 ? undefined : byExtension.get(base.slice(dot + 1)));
}

/** The language by the file's name, else by a #! line, else by what the text shows. */
export function guessLanguage(name: string, text: string): Language | undefined {
  const named = languageOf(name);
  // A header is C unless it says otherwise.
  if (named?.id === "c" && name.toLowerCase().endsWith(".h") && showsCpp.test(text)) {
    return byId.get("cpp");
  }
  return named ?? byFirstLine(text) ?? byShape(text);
}

const showsCpp = /^\s*(?:class\s+\w+[^;]*$|namespace\b|template\s*<|(?:public|private):|using\s)/m;

function byFirstLine(text: string): Language | undefined {
  if (!text.startsWith("#!")) return undefined;
  const [path = "", ...rest] = text.slice(2, 200).split("\n", 1)[0]!.trim().split(/\s+/);
  const run = path.endsWith("/env") ? rest.find((word) => !/^-|=/.test(word)) : path;
  const command = (run ?? "").replace(/^.*\//, "").toLowerCase();
  return byInterpreter.get(command) ?? byInterpreter.get(command.replace(/[\d.]+$/, ""));
}

/** Marks that one language shows and those after it do not, tried in this order. */
const shapes: readonly (readonly [string, RegExp])[] = [
  ["php", /^\s*<\?php\b/],
  ["html", /^\s*(?:<!doctype html|<html\b)/i],
  ["go", /^package \w+$/m],
  ["rust", /^(?:pub(?:\(\w+\))? )?(?:fn \w+|impl\b.*\{|use \w+::|mod \w+;)/m],
  ["java", /^(?:package [\w.]+;|import (?:static )?[\w.]+(?:\.\*)?;|public (?:\w+ )*class )/m],
  ["csharp", /^(?:using [\w.]+;|namespace [\w.]+(?:;|$))/m],
  ["cpp", /^#include <\w+>/m],
  ["c", /^[ \t]*#[ \t]*include[ \t]+[<"]/m],
  ["typescript", /^(?:export )?(?:interface \w+.*\{|type \w+.* = |function \w+\(\w+\??: )/m],
  ["cpp", /^(?:template ?<|namespace [\w:]+ ?\{)/m],
  ["python", /^(?:def \w+ ?\(|class \w+.*:$|from [\w.]+ import |async def \w)/m],
  ["ruby", /^[ \t]*(?:def [\w.?!]+(?:\(.*\))?$|require ['"]|module [A-Z]\w*$)/m],
  ["javascript", /^(?:import .* from ['"]|export |(?:const|let) \w+ = |function\*? \w+\()/m],
];

/** How much of a text is looked at. */
const shapeMax = 1 << 14;

function byShape(whole: string): Language | undefined {
  const text = whole.slice(0, shapeMax);
  if (looksLikeJson(text)) return byId.get("json");
  const found = shapes.find(([, shape]) => shape.test(text));
  return found === undefined ? undefined : byId.get(found[0]);
}

function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*(?:"(?:[^"\\\n]|\\.)*"\s*:|\}\s*$)|\[\s*(?:["[{\]]|-?\d))/.test(text);
}
