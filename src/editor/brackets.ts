// Follows brackets and strings through a text as it comes, so that what is filled in opens and closes in
// step with what stands round it. It is no parser: unfinished text has no tree that would tell.

import type { Language } from "../syntax/languages.ts";

/** A bracket that was opened. */
export interface OpenBracket {
  readonly closer: string;
  /** The line that it stands on, from 0, in all that was read. */
  readonly line: number;
  /** What ends the template that a `${` stands in, where that began in the same text. */
  readonly within?: string;
}

const closers: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

const blockComments =
  /^(?:javascript|typescript|tsx|go|rust|java|c|cpp|csharp|php|css|zig|kotlin)$/;
/** Languages in which ' quotes a string; elsewhere it is a character's or an apostrophe. */
const singleQuotes = /^(?:python|javascript|typescript|tsx|ruby|php|bash|css|toml|lua|perl|sql)$/;
const noQuotes = /^(?:html|markdown|yaml|xml)$/;
/** Quotes whose string may run over lines. */
const longQuotes: Record<string, readonly string[]> = {
  python: ['"""', "'''"],
  toml: ['"""', "'''"],
  javascript: ["`"],
  typescript: ["`"],
  tsx: ["`"],
  go: ["`"],
};

/** Languages in which `${` opens code within a string in backquotes. */
const templates = /^(?:javascript|typescript|tsx)$/;

/** A character between apostrophes, where they quote no string. */
const character = /'(?:\\[^\n]{1,9}?|[^'\\\n])'/y;

export class Brackets {
  readonly open: OpenBracket[] = [];
  /** Closing brackets that closed nothing read so far. */
  readonly surplus: string[] = [];
  readonly #language: Language | undefined;
  /** What ends the string or block comment that the text is in. */
  #until: string | undefined;
  /** Whether that began before this text. */
  #inherited: boolean;
  /** Templates that code stands in, each with the number of brackets that are open around its `${`. */
  readonly #templates: { readonly depth: number; readonly inherited: boolean }[] = [];
  #line = 0;

  /** With `before`, goes on inside the string or comment that it ends in; its brackets are its own. */
  constructor(language: Language | undefined, before?: Brackets) {
    this.#language = language;
    this.#until = before === undefined ? undefined : before.#until;
    this.#inherited = this.#until !== undefined;
  }

  /** What closes the string that this text began and has not left; undefined outside of one. */
  get quote(): string | undefined {
    return this.#until === "*/" || this.#inherited ? undefined : this.#until;
  }

  /** Whether the text is in a string or a block comment. */
  get inText(): boolean {
    return this.#until !== undefined;
  }

  /**
   * Reads one line without its end. Returns the offset of the first bracket that closes more than was
   * opened, beyond `allowed` of them, and stops there; undefined where there is none.
   */
  read(line: string, allowed = Number.POSITIVE_INFINITY): number | undefined {
    for (let at = 0; at < line.length; ) {
      if (this.#until !== undefined) {
        at = this.#leave(line, at);
        continue;
      }
      if (this.#isComment(line, at)) break;
      const quote = this.#quoteAt(line, at);
      if (quote !== undefined) {
        this.#until = quote === "/*" ? "*/" : quote;
        at += quote.length;
        continue;
      }
      character.lastIndex = at;
      if (line[at] === "'" && character.test(line)) {
        at = character.lastIndex;
        continue;
      }
      const bracket = line[at]!;
      const closer = closers[bracket];
      if (closer !== undefined) this.open.push({ closer, line: this.#line });
      else if (")]}".includes(bracket) && !this.#close(bracket)) {
        if (this.surplus.length >= allowed) return at;
        this.surplus.push(bracket);
      }
      at++;
    }
    return undefined;
  }

  /** Goes on to the next line: an ordinary string does not. */
  endLine(): void {
    this.#line++;
    const until = this.#until;
    if (until === undefined || until === "*/" || this.#long().includes(until)) return;
    if (/^(?:ruby|php|bash|rust)$/.test(this.#language?.id ?? "")) return;
    this.#until = undefined;
    this.#inherited = false;
  }

  #close(bracket: string): boolean {
    if (this.open.at(-1)?.closer !== bracket) return false;
    this.open.pop();
    const template = this.#templates.at(-1);
    if (template?.depth === this.open.length) {
      this.#templates.pop();
      this.#until = "`";
      this.#inherited = template.inherited;
    }
    return true;
  }

  /** Where the string or comment ends, or the line does. */
  #leave(line: string, from: number): number {
    const until = this.#until!;
    for (let at = from; at < line.length; at++) {
      if (line[at] === "\\" && until !== "*/") at++;
      else if (until === "`" && this.#isCode(line, at)) return this.#enterCode(at);
      else if (line.startsWith(until, at)) {
        this.#until = undefined;
        this.#inherited = false;
        return at + until.length;
      }
    }
    return line.length;
  }

  /** Whether code begins here, within a template. */
  #isCode(line: string, at: number): boolean {
    return line.startsWith("${", at) && templates.test(this.#language?.id ?? "");
  }

  #enterCode(at: number): number {
    const inherited = this.#inherited;
    this.#templates.push({ depth: this.open.length, inherited });
    const bracket = { closer: "}", line: this.#line };
    this.open.push(inherited ? bracket : { ...bracket, within: "`" });
    this.#until = undefined;
    this.#inherited = false;
    return at + 2;
  }

  #isComment(line: string, at: number): boolean {
    const start = this.#language?.lineComment;
    if (start === undefined || !line.startsWith(start, at)) return false;
    return start !== "#" || at === 0 || /\s/.test(line[at - 1]!);
  }

  #quoteAt(line: string, at: number): string | undefined {
    const id = this.#language?.id ?? "";
    if (blockComments.test(id) && line.startsWith("/*", at)) return "/*";
    const long = this.#long().find((quote) => line.startsWith(quote, at));
    if (long !== undefined) return long;
    const quote = line[at]!;
    if (quote === '"' && !noQuotes.test(id)) return quote;
    return quote === "'" && singleQuotes.test(id) ? quote : undefined;
  }

  #long(): readonly string[] {
    return longQuotes[this.#language?.id ?? ""] ?? [];
  }
}

/** Reads a whole text. */
export function bracketsOf(text: string, language: Language | undefined): Brackets {
  const brackets = new Brackets(language);
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (index > 0) brackets.endLine();
    brackets.read(line);
  }
  return brackets;
}
