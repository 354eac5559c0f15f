// Edits of a function as a person asks for them, made on its text: what an answer of a model that does
// what it is told would look like, and so what a draft has to follow.

export interface Piece {
  readonly language: "python" | "typescript";
  readonly lines: readonly string[];
  /** The first line of the body. */
  readonly body: number;
}

export type Edit = (piece: Piece) => readonly string[] | undefined;

const indentOf = (line: string) => line.slice(0, line.length - line.trimStart().length);
const indented = ({ lines, body }: Piece, text: readonly string[]) => {
  const indent = indentOf(lines[body] ?? "");
  return lines.toSpliced(body, 0, ...text.map((line) => (line === "" ? "" : indent + line)));
};

/** The first name that is a parameter. */
function parameterOf({ lines, body }: Piece): string | undefined {
  const signature = lines.slice(0, body).join("\n");
  const names = signature.slice(signature.indexOf("(") + 1).matchAll(/([A-Za-z_]\w*)\s*[,:=)?]/g);
  for (const [, name] of names) if (name !== "self" && name !== "cls") return name;
  return undefined;
}

function replacedOnce(piece: Piece, from: RegExp, to: string, start = 0): string[] | undefined {
  const at = piece.lines.findIndex((line, i) => i >= start && from.test(line));
  if (at < 0) return undefined;
  return piece.lines.with(at, piece.lines[at]!.replace(from, to));
}

function documented(piece: Piece): readonly string[] {
  if (piece.language === "python") {
    const text = [
      '"""Return the result for the given values.',
      "",
      "    None is kept as it is.",
      '"""',
    ];
    return indented(piece, text);
  }
  const indent = indentOf(piece.lines[0]!);
  const text = ["/**", " * Returns the result for the given values; undefined is kept.", " */"];
  return [...text.map((line) => indent + line), ...piece.lines];
}

function hinted(piece: Piece): readonly string[] | undefined {
  const { lines, body } = piece;
  if (piece.language === "typescript") {
    return replacedOnce(piece, /^(.*\w\()(.*)$/, "$1options: Options, $2");
  }
  const types = ["str", "int", "bool", "list[str]"];
  let count = 0;
  const hint = (line: string) =>
    line
      .replace(/([(,]\s*)(?!self\b|cls\b)([a-z_]\w*)(?=\s*[,=)])/g, (_, open, name) => {
        return `${open}${name}: ${types[count++ % types.length]}`;
      })
      .replace(/\):\s*$/, ") -> str:");
  const changed = lines.map((line, i) => (i < body ? hint(line) : line));
  return changed.some((line, i) => line !== lines[i]) ? changed : undefined;
}

function renamed(piece: Piece): readonly string[] | undefined {
  const name = parameterOf(piece);
  if (name === undefined) return undefined;
  const whole = new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g");
  return piece.lines.map((line) => line.replace(whole, "given_value"));
}

function guarded(piece: Piece): readonly string[] | undefined {
  const name = parameterOf(piece);
  if (name === undefined) return undefined;
  if (piece.language === "typescript") {
    return indented(piece, [`if (${name} === undefined) return undefined;`]);
  }
  return indented(piece, [`if ${name} is None:`, `    raise ValueError("${name} is missing")`]);
}

const middle = ({ lines, body }: Piece) => body + ((lines.length - body) >> 1);

function shortened(piece: Piece): readonly string[] {
  return piece.lines.toSpliced(middle(piece), 1);
}

function defaulted(piece: Piece): readonly string[] | undefined {
  const before = { ...piece, lines: piece.lines.slice(0, piece.body) };
  const python = piece.language === "python";
  const changed = python
    ? replacedOnce(before, /([(,]\s*)(?!self\b|cls\b)([a-z_]\w*)(?=\s*[,)])/, "$1$2=None")
    : replacedOnce(before, /: (number|string|boolean)(?=[,)])/, ": $1 = defaultValue");
  return changed && [...changed, ...piece.lines.slice(piece.body)];
}

function operated(piece: Piece): readonly string[] | undefined {
  const operators: [RegExp, string][] = [
    [/ <= | < /, " >= "],
    [/ === | == /, " != "],
    [/ \+ /, " - "],
    [/ and | && /, " or "],
  ];
  for (const [from, to] of operators) {
    const changed = replacedOnce(piece, from, to, piece.body);
    if (changed !== undefined) return changed;
  }
  return undefined;
}

function replaced(piece: Piece): readonly string[] {
  const at = middle(piece);
  const end = piece.language === "python" ? "" : ";";
  const line = `${indentOf(piece.lines[at]!)}total = compute(first, second)${end}`;
  return piece.lines.with(at, line);
}

function commented(piece: Piece): readonly string[] {
  const mark = piece.language === "python" ? "#" : "//";
  const { lines, body } = piece;
  return lines.flatMap((line, i) => {
    if (i < body || (i - body) % 3 > 0 || line.trim() === "") return [line];
    return [`${indentOf(line)}${mark} Go on with what is left of step ${i}.`, line];
  });
}

/** What is asked for, from what leaves nearly everything to what leaves nothing of a line's start. */
export const edits: Readonly<Record<string, Edit>> = {
  "operator changed": operated,
  "default given": defaulted,
  "line removed": shortened,
  "line replaced": replaced,
  "guard inserted": guarded,
  documented: documented,
  "signature hinted": hinted,
  "name replaced": renamed,
  "comments added": commented,
  "indented deeper": ({ lines, body }) => lines.map((line, i) => (i < body ? line : `  ${line}`)),
};
