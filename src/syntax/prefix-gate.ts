// Tells, while a region is rewritten line by line, that the text so far can no longer become one without
// a new fault, so that a bad answer stops early.
//
// A parser reads from left to right: what it did before it saw the text's end, it will do again whatever
// follows. So a fault is definite where the parser found it before any token looked at the end, and a
// text whose whole parses never raises one. The parser's own log tells both.

import { Edit, type Tree } from "web-tree-sitter";
import { closingWordFaults } from "./closing-words.ts";
import { positionOf } from "./edit.ts";
import { excerpt, type Fault } from "./fault.ts";
import { indentationFaults } from "./indentation.ts";
import { orTooMuch, type Syntax } from "./syntax.ts";
import { tagFaults } from "./tags.ts";

/** A line that takes more steps, or is longer, is not worth the wait: the gate then stays open. */
const stepsMax = 2500;
const lineCharactersMax = 10_000;

export class PrefixGate {
  readonly #syntax: Syntax;
  /** Where the rewritten region starts, as a line of the whole text. */
  readonly #firstLine: number;
  /** Times that the parser stumbled over the text as it was. */
  #stumblesAllowed = 0;
  /** Python, in a text whose indentation was right. */
  #judgesIndentation = false;
  /** The original's tags and closing words matched. */
  #judgesMatches = false;
  /** Offset of each pushed line, and of the one to come. */
  readonly #lineStarts: number[];
  #text: string;
  /** Indentation was judged up to here. */
  #judged: number;
  /** The tree of #text, or one that was edited towards it; undefined when the gate has given up. */
  #tree: Tree | undefined;

  /**
   * For a region that was `original`, between `before` and `after`: whole lines all three. An
   * original that has faults itself raises no alarm for as many.
   */
  constructor(syntax: Syntax, before: string, original: string, after: string) {
    this.#syntax = syntax;
    this.#text = before;
    this.#lineStarts = [before.length];
    this.#judged = before.length;
    this.#firstLine = positionOf(before, before.length).row;
    orTooMuch(() => this.#readOriginal(before + original + after));
    this.#tree = orTooMuch(() => syntax.parseTree(before, null));
  }

  /** How many lines were pushed. */
  get lines(): number {
    return this.#lineStarts.length - 1;
  }

  /**
   * Takes the region's next line, as it will stand in the file, without its end. Returns the first
   * fault that is now certain, with its line in the whole text.
   */
  push(line: string): Fault | undefined {
    const tree = this.#tree;
    const text = `${this.#text}${line}\n`;
    tree?.edit(this.#appended(text.length));
    this.#lineStarts.push(text.length);
    this.#text = text;
    if (tree === undefined) return undefined;
    if (line.length > lineCharactersMax) {
      this.close();
      return undefined;
    }
    const stumbles = new Stumbles(this.#firstLine + this.lines);
    this.#tree = orTooMuch(() =>
      this.#syntax.parseTree(text, tree, { stepsMax }, stumbles.listener),
    );
    tree.delete();
    if (this.#tree === undefined) return undefined;
    return this.#stumble(stumbles) ?? this.#indentationFault() ?? this.#mismatch();
  }

  /** Judged once the statements are whole: inside an open bracket a column means nothing. */
  #indentationFault(): Fault | undefined {
    if (!this.#judgesIndentation || this.#tree === undefined) return undefined;
    if (this.#tree.rootNode.hasError) return undefined;
    const [fault] = indentationFaults(this.#tree, this.#text, this.#judged);
    this.#judged = this.#lineStarts.at(-2)!;
    // A block ahead of the region is left empty by the region's line.
    return fault && { ...fault, line: Math.max(fault.line, this.#firstLine) };
  }

  /** What the last line closes and nothing opened, where the grammar lets it pass. */
  #mismatch(): Fault | undefined {
    if (!this.#judgesMatches || this.#tree === undefined) return undefined;
    const { language } = this.#syntax;
    return (
      tagFaults(this.#tree, language, this.#firstLine + this.lines - 1)[0] ??
      closingWordFaults(this.#tree, language, this.#text, this.#lineStarts.at(-2))[0]
    );
  }

  /** Frees the parse; the gate then raises no alarm. */
  close(): void {
    this.#tree?.delete();
    this.#tree = undefined;
  }

  /** The edit that appends a line to the text. */
  #appended(newLength: number): Edit {
    const end = { row: this.#firstLine + this.lines, column: 0 };
    return new Edit({
      startIndex: this.#text.length,
      oldEndIndex: this.#text.length,
      newEndIndex: newLength,
      startPosition: end,
      oldEndPosition: end,
      newEndPosition: { row: end.row + 1, column: 0 },
    });
  }

  /** One more than allowed, that a parse from the start finds too: with an old tree it may differ. */
  #stumble({ count }: Stumbles): Fault | undefined {
    if (count <= this.#stumblesAllowed) return undefined;
    const stumbles = new Stumbles(this.#firstLine + this.lines);
    const tree = orTooMuch(() => this.#syntax.parseTree(this.#text, null, {}, stumbles.listener));
    tree?.delete();
    const line = stumbles.lines[this.#stumblesAllowed];
    if (tree === undefined || line === undefined) return undefined;
    const lineStart = this.#lineStarts[line - this.#firstLine] ?? this.#text.length;
    const text = excerpt(this.#text, lineStart, this.#text.length);
    return { line, column: 0, kind: "error", text };
  }

  #readOriginal(text: string): Tree {
    const tree = this.#syntax.parseTree(text, null);
    if (tree.rootNode.hasError) {
      // Its end is its own: what the parser stumbles over there counts too.
      const stumbles = new Stumbles(Number.POSITIVE_INFINITY);
      this.#syntax.parseTree(text, null, {}, stumbles.listener).delete();
      this.#stumblesAllowed = stumbles.count;
    }
    const { language } = this.#syntax;
    const isPython = language.id === "python";
    this.#judgesIndentation = isPython && indentationFaults(tree, text).length === 0;
    this.#judgesMatches =
      tagFaults(tree, language).length + closingWordFaults(tree, language, text).length === 0;
    tree.delete();
    return tree;
  }
}

/** Hears the parser's log: where it found no way on, before a token looked at the text's end. */
class Stumbles {
  /** Lines of the tokens that it stumbled over. */
  readonly lines: number[] = [];
  readonly #lineCount: number;
  #sawEnd = false;
  /** Line that the current token is looked for from, and lines skipped or taken since. */
  #line = 0;
  #skipped = 0;
  #taken = 0;

  /** The text's end is after so many lines. */
  constructor(lineCount: number) {
    this.#lineCount = lineCount;
  }

  get count(): number {
    return this.lines.length;
  }

  readonly listener = (message: string): void => {
    if (this.#sawEnd) return;
    if (message.startsWith("lex_")) {
      this.#line = Number(/row:(\d+)/.exec(message)![1]);
      this.#skipped = 0;
      this.#taken = 0;
    } else if (message === "skip character:10") this.#skipped++;
    else if (message === "consume character:10") this.#taken++;
    else if (message.startsWith("resume version")) this.lines.push(this.#line + this.#skipped);
    this.#sawEnd = this.#line + this.#skipped + this.#taken >= this.#lineCount;
  };
}
