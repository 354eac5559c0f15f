// A project of thousands of files in several languages, the same for the same count: modules of
// functions and classes that import and call each other, with words spread as in real code.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A generator of numbers from 0 to 1 that gives the same ones everywhere. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Small numbers far more often, as with words (Zipf). */
  zipf(count: number): number {
    return Math.floor(count ** this.next()) - 1;
  }
}

const syllables =
  "ba co de fi ga hu jo ka li mo nu pe qui ra so ti ve wo xy za ler nor tin mas pro con sub ver".split(
    " ",
  );
const wordCount = 4000;

function wordAt(index: number): string {
  const dice = new Dice(index + 1);
  dice.next();
  return Array.from(
    { length: 2 + (index % 3) },
    () => syllables[dice.below(syllables.length)],
  ).join("");
}

const words = Array.from({ length: wordCount }, (_, index) => wordAt(index));

interface Module {
  readonly folder: string;
  readonly name: string;
  readonly language: "py" | "ts" | "go";
  readonly functions: readonly string[];
}

const languages = ["py", "ts", "go"] as const;
const perFolder = 12;

export function generateProject(root: string, count: number): void {
  const dice = new Dice(20261121);
  const modules = Array.from({ length: count }, (_, at): Module => {
    const folder = `${words[Math.floor(at / perFolder / 20) % wordCount]}/${words[Math.floor(at / perFolder) % wordCount]}${Math.floor(at / perFolder)}`;
    const functions = Array.from({ length: 5 + dice.below(9) }, () => nameOf(dice, 3));
    const language = languages[Math.floor(at / perFolder) % languages.length]!;
    return { folder, name: `${nameOf(dice, 2)}_${at}`, language, functions };
  });
  for (const [at, module] of modules.entries()) {
    const others = Array.from(
      { length: 3 },
      () => modules[Math.floor(at / perFolder) * perFolder + dice.below(perFolder)] ?? module,
    );
    mkdirSync(join(root, module.folder), { recursive: true });
    writeFileSync(
      join(root, module.folder, `${module.name}.${module.language}`),
      textOf(dice, module, others),
    );
  }
}

function nameOf(dice: Dice, parts: number): string {
  return Array.from({ length: parts }, () => words[dice.zipf(wordCount)]).join("_");
}

function textOf(dice: Dice, module: Module, others: readonly Module[]): string {
  const { language } = module;
  const heads = others.map(({ name, functions }) =>
    language === "py"
      ? `from .${name} import ${functions[0]}`
      : language === "ts"
        ? `import { ${functions[0]} } from "./${name}.ts";`
        : `// see ${name}`,
  );
  const head = language === "go" ? [`package ${module.folder.split("/")[1]}`, ...heads] : heads;
  return `${[...head, ...module.functions.map((name) => functionOf(dice, language, name, others))].join("\n\n")}\n`;
}

/** Lines that every file has, as real code does. */
const common = {
  py: [
    "    if value is None:\n        return other",
    "    for item in value:\n        other.append(item)",
    "    self.count += 1",
  ],
  ts: [
    "  if (value === undefined) return;",
    "  for (const item of items) total += item.count;",
    "  await done;",
  ],
  go: [
    "\tif err != nil {\n\t\treturn nil, err\n\t}",
    "\tdefer value.Close()",
    "\tfor _, item := range items {\n\t\tcount += item\n\t}",
  ],
};

function functionOf(
  dice: Dice,
  language: Module["language"],
  name: string,
  others: readonly Module[],
): string {
  const lines = Array.from({ length: 4 + dice.below(12) }, () => {
    if (dice.next() < 0.5) return common[language][dice.below(common[language].length)]!;
    const callee = others[dice.below(others.length)]!.functions[0]!;
    const called = dice.next() < 0.2 ? callee : nameOf(dice, 1);
    const statement = `${nameOf(dice, 1)} = ${called}(${nameOf(dice, 1)}.${nameOf(dice, 2)}, other)`;
    if (language === "py") return `    ${statement}`;
    return language === "ts" ? `  const ${statement};` : `\t${statement.replace(" = ", " := ")}`;
  });
  const comment = Array.from({ length: 9 }, () => words[dice.zipf(wordCount)]).join(" ");
  const body = lines.join("\n");
  if (language === "py")
    return `def ${name}(value, other):\n    """${comment}."""\n${body}\n    return value`;
  if (language === "ts")
    return `/** ${comment}. */\nexport function ${name}(value: string, other: number) {\n${body}\n  return value;\n}`;
  return `// ${name} ${comment}.\nfunc ${name}(value string, other int) string {\n${body}\n\treturn value\n}`;
}
