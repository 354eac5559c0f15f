// A text as its language's grammar sees it: faults, units, names, colours. Trees live in WebAssembly
// memory: close() gives it back.

import type { LogCallback, Parser, Tree } from "web-tree-sitter";
import { CromwellError } from "../errors.ts";
import { nestingMax, nestingOf } from "./depth.ts";
import { difference } from "./edit.ts";
import type { Fault } from "./fault.ts";
import { findFaults } from "./faults.ts";
import type { Import } from "./imports.ts";
import type { Language } from "./languages.ts";
import { type Definition, type Names, namesOf, type Reference } from "./names.ts";
import { type SyntaxNode, syntaxNode } from "./node.ts";
import { type Token, tokensOf } from "./tokens.ts";
import { type Unit, unitsOf } from "./units.ts";

/** A longer text is refused: what takes seconds to parse is no source that a person edits. */
const charactersMax = 8 * 1024 * 1024;

/**
 * Parsing that takes more steps is given up: about two seconds on a slow machine, and two million
 * characters of an ordinary source. A busy machine gives the same answer as an idle one.
 */
const defaultStepsMax = 20_000;

/** For texts made to make each step a hundred times as long: the processor's time, not the clock's. */
const processorMsMax = 5000;

export interface ParseOptions {
  /** Steps of the parser, each about a hundred characters and a tenth of a millisecond. Default: 20000. */
  readonly stepsMax?: number;
}

/** Lines and columns count from 0, columns and offsets in UTF-16 units. */
export interface SyntaxTree {
  readonly language: Language;
  readonly text: string;
  /** The node of the whole text. */
  readonly root: SyntaxNode;
  /** What the grammar cannot make sense of, one fault for what lies inside another. */
  faults(): readonly Fault[];
  /** Functions, methods, classes, types, ... in order of their place, nested ones included. */
  units(): readonly Unit[];
  /** Names that the text defines, at any depth, in order; parameters and variables too. */
  definitions(): readonly Definition[];
  /** Names that are used, in order: member accesses and the definitions themselves left out. */
  references(): readonly Reference[];
  /**
   * References that nothing in the text defines or imports and that the language does not bring;
   * undefined for a language where that cannot be told.
   */
  unresolved(): readonly Reference[] | undefined;
  imports(): readonly Import[];
  /** What has a colour, in order, without overlap; of the text from `from` to `to`. */
  tokens(from?: number, to?: number): readonly Token[];
  /** The tree of a changed text, parsed anew only where it differs; this one stays as it is. */
  edit(text: string, options?: ParseOptions): SyntaxTree;
  /** Frees the tree; nothing may be asked of it afterwards. */
  close(): void;
}

const loaded = new Map<string, Promise<Syntax>>();

/** The syntax of a language; undefined where there is no grammar. */
export async function loadSyntax(language: Language): Promise<Syntax | undefined> {
  if (!language.grammar) return undefined;
  let loading = loaded.get(language.id);
  if (loading === undefined) {
    loading = import("./engine.ts").then(async ({ createParser }) => {
      return new Syntax(language, await createParser(language));
    });
    loaded.set(language.id, loading);
  }
  return await loading;
}

/** What `parse` gives; undefined where the text is too much for the grammar. */
export function orTooMuch<Parsed>(parse: () => Parsed): Parsed | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CromwellError && error.code === "input") return undefined;
    throw error;
  }
}

export class Syntax {
  readonly language: Language;
  readonly #parser: Parser;

  constructor(language: Language, parser: Parser) {
    this.language = language;
    this.#parser = parser;
  }

  /** Throws CromwellError "input" for a text that is too long or takes too long to parse. */
  parse(text: string, options: ParseOptions = {}): SyntaxTree {
    return new ParsedTree(this, text, this.parseTree(text, null, options));
  }

  /**
   * The bare tree, made with what `old`, already edited, shares; `onMessage` hears what the parser
   * does. The caller deletes it.
   */
  parseTree(
    text: string,
    old: Tree | null,
    { stepsMax = defaultStepsMax }: ParseOptions = {},
    onMessage: LogCallback | null = null,
  ): Tree {
    const { title } = this.language;
    if (text.length > charactersMax) {
      throw new CromwellError("input", `the text is too long to parse as ${title}`, {
        hint: `at most ${charactersMax / 1024 / 1024} Mi characters are parsed`,
      });
    }
    if (broken) {
      throw new CromwellError("input", "an earlier text broke the parser of this process", {
        hint: "start the program anew to have texts parsed",
      });
    }
    if (this.language.id === "yaml" && nestingOf(text) > nestingMax) {
      throw new CromwellError("input", `the text is too deep to parse as ${title}`, { hint });
    }
    const tree = this.#run(text, old, stepsMax, onMessage);
    if (tree !== null) return tree;
    this.#parser.reset();
    throw new CromwellError("input", `the text takes too long to parse as ${title}`, { hint });
  }

  #run(
    text: string,
    old: Tree | null,
    stepsMax: number,
    onMessage: LogCallback | null,
  ): Tree | null {
    let steps = 0;
    const started = processorMs();
    this.#parser.setLogger(onMessage);
    try {
      return this.#parser.parse((index) => text.slice(index, index + chunk), old, {
        progressCallback: () => ++steps > stepsMax || processorMs() - started > processorMsMax,
      });
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      broken = true;
      const { title } = this.language;
      throw new CromwellError("input", `the text broke the parser of ${title}`, {
        hint,
        cause: error,
      });
    }
  }
}

const hint = "it is nested or broken beyond what a source file is";

/** Time that the processor spent on this process. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Set when a grammar ran out of its memory: nothing in there is to be trusted any more, and
 * web-tree-sitter starts one engine in a process and no second.
 */
let broken = false;

/** Characters handed to the parser at a time. */
const chunk = 4096;

class ParsedTree implements SyntaxTree {
  readonly text: string;
  readonly #syntax: Syntax;
  readonly #tree: Tree;
  /** What was asked for once is asked for again: an original is judged beside each answer. */
  #faults: readonly Fault[] | undefined;
  #units: readonly Unit[] | undefined;
  #names: Names | undefined;
  #root: SyntaxNode | undefined;

  constructor(syntax: Syntax, text: string, tree: Tree) {
    this.#syntax = syntax;
    this.text = text;
    this.#tree = tree;
  }

  get language(): Language {
    return this.#syntax.language;
  }

  get root(): SyntaxNode {
    this.#root ??= syntaxNode(this.#tree.rootNode, this.text);
    return this.#root;
  }

  faults(): readonly Fault[] {
    this.#faults ??= findFaults(this.#tree, this.language, this.text);
    return this.#faults;
  }

  units(): readonly Unit[] {
    this.#units ??= unitsOf(this.#tree, this.language, this.text);
    return this.#units;
  }

  definitions(): readonly Definition[] {
    return this.#ownNames().definitions;
  }

  references(): readonly Reference[] {
    return this.#ownNames().references;
  }

  unresolved(): readonly Reference[] | undefined {
    return this.#ownNames().unresolved;
  }

  imports(): readonly Import[] {
    return this.#ownNames().imports;
  }

  tokens(from = 0, to = this.text.length): readonly Token[] {
    return tokensOf(this.#tree, this.text, from, to);
  }

  edit(text: string, options: ParseOptions = {}): SyntaxTree {
    const old = this.#tree.copy();
    try {
      old.edit(difference(this.text, text));
      return new ParsedTree(this.#syntax, text, this.#syntax.parseTree(text, old, options));
    } finally {
      old.delete();
    }
  }

  close(): void {
    this.#tree.delete();
  }

  #ownNames(): Names {
    this.#names ??= namesOf(this.#tree, this.language, this.text);
    return this.#names;
  }
}
