// Matches a glob as git does (gitignore(5), wildmatch), byte by byte: strings hold a byte in each
// character. Backs up to the last wildcard only, so that no pattern takes longer than pattern times name.

/** What a place of the pattern takes: one byte of a set, a run, or whole folders. */
type Token =
  | { readonly kind: "byte"; readonly code: number }
  | { readonly kind: "set"; readonly set: Uint8Array }
  /** Any run of bytes, without "/" where the glob is one of paths. */
  | { readonly kind: "run" }
  /** Any run of bytes. */
  | { readonly kind: "all" }
  /** Nothing, or any run of bytes that ends with "/". */
  | { readonly kind: "folders" };

export interface GlobOptions {
  /** The glob is one of paths: only "**" goes over a "/". */
  readonly path: boolean;
  /** ASCII letters match in either case. */
  readonly ignoreCase: boolean;
}

const slash = 0x2f;
const star = 0x2a;
const backslash = 0x5c;

export class Glob {
  readonly #tokens: readonly Token[] | undefined;
  readonly #lengthMin: number;
  readonly #options: GlobOptions;

  constructor(pattern: string, options: GlobOptions) {
    this.#tokens = tokensOf(pattern, options);
    this.#options = options;
    const ones = this.#tokens?.filter(({ kind }) => kind === "byte" || kind === "set");
    this.#lengthMin = ones?.length ?? 0;
  }

  /** Whether all of `text` from `start` on matches; with ignoreCase, `text` is in lower case. */
  matches(text: string, start: number): boolean {
    const tokens = this.#tokens;
    if (tokens === undefined || text.length - start < this.#lengthMin) return false;
    // Where to go on when what follows a wildcard does not match: one more byte, or one more folder.
    let run = { token: -1, at: 0 };
    let wide = { token: -1, at: 0 };
    let index = 0;
    let at = start;
    for (;;) {
      const token = tokens[index];
      if (token === undefined && at === text.length) return true;
      if (token !== undefined) {
        if (token.kind === "run") {
          run = { token: index++, at };
          continue;
        }
        if (token.kind === "all" || token.kind === "folders") {
          run = { token: -1, at: 0 };
          wide = { token: index++, at };
          continue;
        }
        if (at < text.length && takes(token, text.charCodeAt(at))) {
          index++;
          at++;
          continue;
        }
      }
      const isStuck = run.at === text.length || text.charCodeAt(run.at) === slash;
      if (run.token >= 0 && !(isStuck && (this.#options.path || run.at === text.length))) {
        at = ++run.at;
        index = run.token + 1;
        continue;
      }
      if (wide.token < 0) return false;
      run = { token: -1, at: 0 };
      wide.at =
        tokens[wide.token]!.kind === "folders" ? text.indexOf("/", wide.at) + 1 : wide.at + 1;
      if (wide.at === 0 || wide.at > text.length) return false;
      at = wide.at;
      index = wide.token + 1;
    }
  }
}

function takes(token: Token, code: number): boolean {
  if (token.kind === "byte") return token.code === code;
  return token.kind === "set" && token.set[code] === 1;
}

/** undefined for a pattern that matches nothing: a set without end, a "\" at the end. */
function tokensOf(pattern: string, options: GlobOptions): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const code = pattern.charCodeAt(at);
    if (code === star) {
      let end = at;
      while (pattern.charCodeAt(end) === star) end++;
      const { token, next } = starToken(pattern, at, end, options);
      tokens.push(token);
      at = next;
    } else if (code === 0x3f) {
      tokens.push({ kind: "set", set: allBut(options.path) });
      at++;
    } else if (code === 0x5b) {
      const found = readSet(pattern, at, options);
      if (found === undefined) return undefined;
      tokens.push({ kind: "set", set: found.set });
      at = found.end;
    } else if (code === backslash) {
      if (at + 1 === pattern.length) return undefined;
      tokens.push({ kind: "byte", code: pattern.charCodeAt(at + 1) });
      at += 2;
    } else {
      tokens.push({ kind: "byte", code: options.ignoreCase ? lower(code) : code });
      at++;
    }
  }
  return tokens;
}

/** Two stars and more are folders where they fill the space between two slashes. */
function starToken(pattern: string, at: number, end: number, { path }: GlobOptions) {
  const isWhole = at === 0 || pattern.charCodeAt(at - 1) === slash;
  const rest = pattern.slice(end, end + 2);
  if (end - at >= 2 && path && isWhole) {
    if (rest.startsWith("/")) return { token: { kind: "folders" } as const, next: end + 1 };
    if (rest === "" || rest === "\\/") return { token: { kind: "all" } as const, next: end };
  }
  return { token: { kind: "run" } as const, next: end };
}

function allBut(path: boolean): Uint8Array {
  const set = new Uint8Array(256).fill(1);
  if (path) set[slash] = 0;
  return set;
}

interface FoundSet {
  readonly set: Uint8Array;
  readonly end: number;
}

/** The bracket expression at `start`; undefined where it does not end or names an unknown class. */
function readSet(pattern: string, start: number, options: GlobOptions): FoundSet | undefined {
  const set = new Uint8Array(256);
  let at = start + 1;
  const isNegated = pattern[at] === "!" || pattern[at] === "^";
  if (isNegated) at++;
  // The byte that a "-" would begin a range from.
  let from = 0;
  for (let isFirst = true; isFirst || pattern[at] !== "]"; isFirst = false) {
    if (at >= pattern.length) return undefined;
    const named = pattern.startsWith("[:", at) ? readClass(pattern, at) : undefined;
    if (named === "unknown") return undefined;
    if (named !== undefined) {
      addClass(set, named.name, options);
      at = named.end;
      from = 0;
      continue;
    }
    const next = pattern[at + 1];
    const isRange = pattern[at] === "-" && from !== 0 && next !== undefined && next !== "]";
    if (isRange) at++;
    if (pattern.charCodeAt(at) === backslash) at++;
    if (at >= pattern.length) return undefined;
    const code = pattern.charCodeAt(at++);
    if (isRange) addRange(set, from, code, options);
    else set[code] = 1;
    from = isRange ? 0 : code;
  }
  if (isNegated) for (let code = 0; code < 256; code++) set[code] = 1 - set[code]!;
  if (options.path) set[slash] = 0;
  return { set, end: at + 1 };
}

function addRange(set: Uint8Array, from: number, to: number, { ignoreCase }: GlobOptions): void {
  for (let code = from; code <= to; code++) {
    set[code] = 1;
    if (ignoreCase) set[lower(code)] = 1;
  }
}

const classes: Record<string, RegExp> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class is of them
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** "[:name:]" at `at`; undefined where it is none, so that "[" is a member like others. */
function readClass(
  pattern: string,
  at: number,
): { name: string; end: number } | "unknown" | undefined {
  const end = pattern.indexOf("]", at + 2);
  if (end < 0) return "unknown";
  if (end === at + 2 || pattern[end - 1] !== ":") return undefined;
  const name = pattern.slice(at + 2, end - 1);
  return Object.hasOwn(classes, name) ? { name, end: end + 1 } : "unknown";
}

function addClass(set: Uint8Array, name: string, { ignoreCase }: GlobOptions): void {
  for (const code of classCodes(name)) set[code] = 1;
  if (ignoreCase && name === "upper") for (const code of classCodes("lower")) set[code] = 1;
}

const knownCodes = new Map<string, readonly number[]>();

function classCodes(name: string): readonly number[] {
  const known = knownCodes.get(name);
  if (known !== undefined) return known;
  const ascii = Array.from({ length: 128 }, (_, code) => code);
  const codes = ascii.filter((code) => classes[name]!.test(String.fromCharCode(code)));
  knownCodes.set(name, codes);
  return codes;
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

/** ASCII letters in lower case, every other byte as it is. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
