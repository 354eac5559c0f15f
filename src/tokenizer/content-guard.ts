// Marks places in a message where a special token's text stands or could come to stand, with a character
// that occurs nowhere else. The template's tokens are then the only ones left whole; the marks are taken out again.

import { CromwellError } from "../errors.ts";
import { toUtf8 } from "./bytes.ts";
import { TokenMatcher } from "./special-tokens.ts";
import { characterLength } from "./unicode.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class ContentGuard {
  private readonly mark: string;
  private readonly matcher = new TokenMatcher();
  private readonly specials: string[];
  private readonly longest: number;

  /**
   * @param specials the texts of special tokens
   * @param texts every text that the mark must not occur in
   */
  constructor(specials: readonly string[], texts: readonly string[]) {
    this.mark = unusedCharacter(texts);
    // A template may change the case of what it is given.
    this.specials = specials.map(lowerAscii);
    for (const special of this.specials) this.matcher.add(toUtf8(special), 0);
    this.longest = this.specials.reduce((most, special) => Math.max(most, special.length), 0);
  }

  /** The content, marked within each special token's text and where its ends could complete one. */
  protect(content: string): string {
    if (content === "") return content;
    const lower = lowerAscii(content);
    const start = this.endsSpecial(lower) ? this.mark : "";
    const end = this.startsSpecial(lower) ? this.mark : "";
    return start + this.markWithin(content, lower) + end;
  }

  /** The text without marks. */
  restore(text: string): string {
    return text.replaceAll(this.mark, "");
  }

  private markWithin(content: string, lower: string): string {
    const folded = toUtf8(lower);
    if (this.matcher.next(folded, 0, folded.length) === folded.length) return content;
    const bytes = toUtf8(content);
    let marked = "";
    let from = 0;
    for (let at = 0; at < folded.length; ) {
      const next = this.matcher.next(folded, at, folded.length);
      if (next === folded.length) break;
      at = next + characterLength(folded[next]!);
      marked += decoder.decode(bytes.subarray(from, at)) + this.mark;
      from = at;
    }
    return marked + decoder.decode(bytes.subarray(from));
  }

  /** Whether the text starts with the end of a special token's text. */
  private endsSpecial(text: string): boolean {
    return this.specials.some((special) => {
      for (let at = 1; at < special.length; at++) {
        if (special[at] === text[0] && text.startsWith(special.slice(at))) return true;
      }
      return false;
    });
  }

  /** Whether the text ends with the start of a special token's text, or is within one. */
  private startsSpecial(text: string): boolean {
    const tail = text.slice(-this.longest);
    return this.specials.some((special) => {
      if (text.length < special.length && special.includes(text)) return true;
      for (let length = Math.min(special.length - 1, tail.length); length > 0; length--) {
        if (special[length - 1] === tail.at(-1) && tail.endsWith(special.slice(0, length))) {
          return true;
        }
      }
      return false;
    });
  }
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A noncharacter or private character that no text has. */
function unusedCharacter(texts: readonly string[]): string {
  const ranges = [
    [0xfdd0, 0xfdef],
    [0xe000, 0xf8ff],
  ] as const;
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code++) {
      const character = String.fromCharCode(code);
      if (!texts.some((text) => text.includes(character))) return character;
    }
  }
  throw new CromwellError("input", "the messages use every private character there is", {
    hint: "remove some of U+E000 to U+F8FF",
  });
}
