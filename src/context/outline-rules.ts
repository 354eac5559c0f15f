// How definitions begin in each language, as far as one line shows it. Rules, not grammars: ten
// thousand files are outlined in a second or two, where parsing them takes half a minute.

export interface OutlineRules {
  /** Matches a line that opens a unit; groups "container" or "unit" hold its name. Sticky. */
  readonly header: RegExp;
  /** Matches a line at the margin that defines a name which is no unit. Sticky. */
  readonly variable?: RegExp;
  /** Functions are also written as a bare name with parameters: everywhere, or inside containers. */
  readonly bare?: "anywhere" | "inside";
  /** What ends a body: a line that begins with a brace, or any line that is not deeper. */
  readonly body: "braces" | "indent";
  /** A body ends with the word `end`, at the depth where it began. */
  readonly endWord?: boolean;
  /** Lines that begin with # are for a preprocessor. */
  readonly directives?: boolean;
  /** Strings and comments that run over lines, in which indentation means nothing. */
  readonly long?: LongText;
}

interface LongText {
  /** What ends each of them, by what begins it. */
  readonly ends: Readonly<Record<string, string>>;
  /** Matches a beginning, and whatever may hold one that is none, within bounds. Global. */
  readonly any: RegExp;
}

const name = "[A-Za-z_$][\\w$]*";

function header(modifiers: string, containers: string, units: string, named = name): RegExp {
  const before = `[ \\t]*(?:(?:${modifiers})[ \\t]+)*`;
  return new RegExp(
    `${before}(?:(?:${containers})[ \\t]+(?<container>${named})|(?:${units})[ \\t]+(?<unit>${named}))`,
    "y",
  );
}

const script: OutlineRules = {
  header: header(
    "export|default|declare|abstract|async|const(?=[ \\t]+enum)",
    "class|interface|namespace|module",
    `function\\*?|type|enum|(?:const|let|var)(?=[ \\t]+${name}[^=\\n]{0,160}=[ \\t]*(?:async[ \\t]*)?(?:function\\b|\\([^()\\n]*(?:$|\\)[^=\\n]*=>)|${name}[ \\t]*=>))`,
  ),
  variable: new RegExp(
    `(?:export[ \\t]+)?(?:declare[ \\t]+)?(?:const|let|var)[ \\t]+(${name})`,
    "y",
  ),
  bare: "inside",
  body: "braces",
  long: {
    ends: { "`": "`", "/*": "*/" },
    // Short strings, comments and regular expressions, where a value may begin.
    any: /`|\/\*|"(?:\\.|[^"\\\n]){0,500}"|'(?:\\.|[^'\\\n]){0,500}'|\/\/[^\n]*|(?<=[(,=:[!&|?{};]\s{0,3})\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,100}\]|[^/\\\n[]){1,300}\//g,
  },
};

const c: OutlineRules = {
  header: header(
    "typedef|static|const|template[ \\t]*<[^>\\n]*>|export|inline",
    "class|struct|union|namespace(?:[ \\t]+inline)?|enum[ \\t]+class|enum",
    "concept",
  ),
  variable: new RegExp(`#[ \\t]*define[ \\t]+(${name})`, "y"),
  bare: "anywhere",
  body: "braces",
  directives: true,
};

const managed: OutlineRules = {
  header: header(
    "public|private|protected|internal|static|abstract|final|sealed|partial|readonly|unsafe|new|file|strictfp|non-sealed|open|data|inner|companion|ref",
    "class|interface|enum|struct|record(?:[ \\t]+(?:class|struct))?|namespace|object|@interface",
    "fun|delegate",
    `${name}(?:\\.${name})*`,
  ),
  bare: "inside",
  body: "braces",
};

const rules: Record<string, OutlineRules> = {
  python: {
    header: header("async", "class", "def"),
    variable: new RegExp(`(${name})[ \\t]*(?::[^=\\n]{0,200})?=(?!=)`, "y"),
    body: "indent",
    long: {
      ends: { '"""': '"""', "'''": "'''" },
      any: /"""|'''|"(?:\\.|[^"\\\n]){0,500}"|'(?:\\.|[^'\\\n]){0,500}'|#[^\n]*/g,
    },
  },
  typescript: script,
  c,
  java: managed,
  go: {
    header: /(?:type[ \t]+(?<container>\w+)|func[ \t]+(?:\([^)\n]*\)[ \t]*)?(?<unit>\w+))/y,
    variable: /(?:var|const)[ \t]+(\w+)/y,
    body: "braces",
  },
  rust: {
    header:
      /[ \t]*(?:(?:pub(?:\([^)\n]*\))?|default|async|const(?=[ \t]+(?:fn|unsafe|extern|async))|unsafe|extern(?:[ \t]+"[^"\n]*")?)[ \t]+)*(?:(?:impl(?:<[^\n{]{0,160}?>)?[ \t]+(?:[\w:<>', &]{1,160}[ \t]for[ \t]+)?|(?:struct|enum|trait|union|mod)[ \t]+)(?<container>\w+)|(?:fn|type|macro_rules![ \t]*)[ \t]*(?<unit>\w+))/y,
    variable: /(?:pub(?:\([^)\n]*\))?[ \t]+)?(?:const|static)[ \t]+(?:mut[ \t]+)?(\w+)/y,
    body: "braces",
  },
  ruby: {
    header:
      /[ \t]*(?:(?:class|module)[ \t]+(?<container>[\w:]+)|def[ \t]+(?:self\.)?(?<unit>\w+[?!=]?))/y,
    variable: /([A-Z]\w*)[ \t]*=(?!=)/y,
    body: "indent",
    endWord: true,
  },
  php: {
    header: header(
      "public|private|protected|static|abstract|final|readonly",
      "class|interface|trait|enum",
      "function(?:[ \\t]*&)?",
    ),
    variable: /(?:const[ \t]+|define\(['"])(\w+)/y,
    body: "braces",
  },
  bash: {
    header: /[ \t]*(?:function[ \t]+|(?=[\w:-]+[ \t]*\(\)))(?<unit>[\w:-]+)/y,
    body: "braces",
  },
  zig: {
    header:
      /[ \t]*(?:(?:pub|export|extern|inline|noinline)[ \t]+)*(?:const[ \t]+(?<container>\w+)[ \t]*=[ \t]*(?:(?:extern|packed)[ \t]+)?(?:struct|enum|union|opaque)\b|fn[ \t]+(?<unit>\w+))/y,
    variable: /(?:pub[ \t]+)?(?:const|var)[ \t]+(\w+)/y,
    body: "braces",
  },
};

/** Languages that are outlined as another one is. */
const likeness: Record<string, string> = {
  tsx: "typescript",
  javascript: "typescript",
  jsx: "typescript",
  cpp: "c",
  csharp: "java",
  kotlin: "java",
  scala: "java",
};

/** The rules of a language by its id; undefined for one that is cut into blocks of lines. */
export function rulesOf(language: string | undefined): OutlineRules | undefined {
  if (language === undefined) return undefined;
  const id = likeness[language] ?? language;
  return Object.hasOwn(rules, id) ? rules[id] : undefined;
}
