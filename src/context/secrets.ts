// Tells what must never enter a prompt or an index: files that hold keys by their name, and lines that
// show a key, a token or a password. Wrong alarms cost a unit of context, misses cost a secret.

/** Names of files, lower case, that exist to hold secrets. */
const secretNames =
  /^(?:\.env(?:rc)?(?:\..+)?|.*\.env|\.?(?:npmrc|pypirc|netrc|htpasswd|pgpass|git-credentials|dockercfg|my\.cnf|s3cfg|boto|vault-token|vault[-_]pass.*)|_netrc|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|key|p12|pfx|pkcs12|jks|keystore|bks|ppk|kdbx?|gpg|pgp|asc|ovpn|tfstate|tfstate\.backup|tfvars|kubeconfig|mobileprovision|agekey|sops)|(?:.*[-_.])?credentials?(?:\.(?!(?:[jt]sx?|mjs|cjs|py|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|md|zig|swift|scala)$).+)?|(?:.*[-_.])?secrets?(?:\.(?:ya?ml|json|toml|ini|txt|env|properties|conf|cfg|xml))?|service[-_]?account.*\.json|.*[-_]adminsdk[-_].*\.json|wallet\.dat|shadow|.*\.secret)$/;

/** Templates of such files hold no secrets, and are looked through line by line as all others. */
const templates = /\.(?:example|sample|template|dist|defaults?)$/;

/** Folders whose files are secrets, as parts of a path. */
const secretFolders = /(?:^|\/)(?:\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.docker|\.secrets?)\//;

/** Whether a file, by its path with slashes, exists to hold secrets. */
export function isSecretFile(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf("/") + 1);
  if (secretFolders.test(lower)) return true;
  return secretNames.test(name) && !templates.test(name) && !name.endsWith(".pub");
}

/** Prefixes by which services mark their tokens, with as much of the rest as is always there. */
const marked = [
  "-----BEGIN[A-Z ]{0,40} PRIVATE KEY",
  "AGE-SECRET-KEY-1[0-9A-Z]{20}",
  "\\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\\b",
  "\\bgh[pousr]_[A-Za-z0-9]{30}",
  "\\bgithub_pat_[A-Za-z0-9_]{30}",
  "\\bgl(?:pat|ptt|rt|soat|cbt|dt)-[A-Za-z0-9_-]{20}",
  "\\bxox[abeoprs]-[A-Za-z0-9-]{10}",
  "\\bxapp-\\d-[A-Za-z0-9-]{10}",
  "hooks\\.slack\\.com/services/T\\w{6,12}/B\\w{6,12}/\\w{16}",
  "\\b[sr]k_(?:live|test)_[A-Za-z0-9]{16}",
  "\\bwhsec_[A-Za-z0-9]{24}",
  "\\bsk-(?:[a-z]{1,20}\\d{0,4}-){0,6}[A-Za-z0-9_-]{32}",
  "\\bAIza[A-Za-z0-9_-]{35}",
  "\\bya29\\.[A-Za-z0-9_-]{20}",
  "\\bGOCSPX-[A-Za-z0-9_-]{20}",
  "\\beyJ[A-Za-z0-9_-]{10,300}\\.eyJ[A-Za-z0-9_-]{10}",
  "\\bhf_[A-Za-z0-9]{30}",
  "\\bnpm_[A-Za-z0-9]{36}",
  "\\bpypi-AgE[A-Za-z0-9_-]{30}",
  "\\bSG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16}",
  "\\bdo[opr]_v1_[a-f0-9]{32}",
  "\\bshp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}",
  "\\bSK[0-9a-f]{32}\\b",
  "\\bkey-[0-9a-f]{32}\\b",
  "\\bAccountKey=[A-Za-z0-9+/]{40}",
  "\\bLTAI[A-Za-z0-9]{16}",
];

const markedToken = new RegExp(marked.join("|"), "g");

/** A password in an address, if it is not a variable or a placeholder. */
const addressPassword = /:\/\/[^\s:/@"'`<>{}$]{1,80}:([^\s:/@"'`<>{}$%*]{4,100})@[\w.[-]/g;

/** A name that says secret, then a value in quotes, or bare as in configuration. */
const named =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private|auth|encryption|signing|account|master)[-_ ]?key|credential|bearer|(?<=[_.-])key)s?(?:["'`\]]{0,2}[ \t]{0,4}(?::=|=>|=|:)[ \t]{0,4}|["'`][ \t]{0,4},[ \t]{0,4}(?=["'`]))(?:Bearer[ \t]+)?["'`]?([^\s"'`,;(){}[\]<>]{6,200})/gi;

/** A long run of the letters of base64 or hexadecimal. */
const longRun = /(?<![A-Za-z0-9+/_.-])[A-Za-z0-9+/_-]{32,}/g;

/** The lines (from 0) of a text that show a secret, in order. */
export function secretLines(text: string): number[] {
  const places: number[] = [];
  for (const { index } of text.matchAll(markedToken)) places.push(index);
  for (const { 1: value, index } of text.matchAll(addressPassword)) {
    if (isPassword(value!)) places.push(index);
  }
  for (const { 1: value, index } of text.matchAll(named)) if (isKey(value!)) places.push(index);
  for (const { 0: run, index } of text.matchAll(longRun)) {
    if (isRandom(run) && !isPublicHash(text, index)) places.push(index);
  }
  return places.length === 0 ? [] : linesOf(text, places);
}

function linesOf(text: string, places: number[]): number[] {
  places.sort((a, b) => a - b);
  const lines: number[] = [];
  let line = 0;
  let next = text.indexOf("\n");
  for (const place of places) {
    while (next >= 0 && next < place) {
      line++;
      next = text.indexOf("\n", next + 1);
    }
    if (lines.at(-1) !== line) lines.push(line);
  }
  return lines;
}

/** Whether the line says before the run that it is a checksum, as in lock files. */
function isPublicHash(text: string, at: number): boolean {
  return /sha-?(?:1|256|384|512)|integrity|checksum|digest|fingerprint/i.test(
    text.slice(Math.max(0, at - 60, text.lastIndexOf("\n", at) + 1), at + 8),
  );
}

/** Words that stand where a person is to put a secret. */
const placeholder =
  /^(?:x+|\*+|\.+|-+|_+)$|example|sample|placeholder|change[-_ ]?me|your[-_]|my[-_]|dummy|fake|redacted|insert|todo|undefined|null|none|true|false|secret|password|passwd|process\.|env\.|os\.|\$\{|%\(|{{|<.*>|localhost/i;

function isPassword(value: string): boolean {
  return !placeholder.test(value) && !/^(?:user|pass|pw|pwd|test)\w{0,4}$/i.test(value);
}

/** Whether a value given to a secret's name is one: mixed characters, no word and no expression. */
function isKey(value: string): boolean {
  if (placeholder.test(value)) return false;
  // An identifier, a path, a call or a type is code that handles secrets, not a secret.
  const isName = /^[A-Za-z_$][\w$]*(?:[.:?!]+[A-Za-z_$][\w$]*)*[.?!:]?$/.test(value);
  if (isName && !isMixed(value)) return false;
  if (/^(?:\.{0,2}\/|[a-z]+:\/\/)/i.test(value)) return false;
  return entropy(value) >= 2.5 && /\d/.test(value) && /[A-Za-z]/.test(value);
}

/** Digits between letters more than once: no name that a person gave. */
function isMixed(value: string): boolean {
  return (value.match(/\d+/g)?.length ?? 0) >= 3;
}

/** Whether a run is random: not words, not a path, not hexadecimal, which names public contents. */
function isRandom(run: string): boolean {
  if (run.length > 512 || /^[0-9a-fA-F-]+$/.test(run)) return false;
  const digits = run.match(/\d/g)?.length ?? 0;
  const mixed = /[a-z]/.test(run) && /[A-Z]/.test(run);
  if (digits < (mixed ? 2 : run.length / 6) || isAlphabet(run)) return false;
  return changes(run) >= run.length * (mixed ? 0.45 : 0.3) && entropy(run) >= 4;
}

/** Runs such as ABCDEFGH or 0123456: tables of characters. */
function isAlphabet(run: string): boolean {
  let steps = 0;
  for (let at = 1; at < run.length; at++) {
    if (run.charCodeAt(at) - run.charCodeAt(at - 1) === 1) steps++;
  }
  return steps > run.length / 4;
}

/** How often the kind of character changes: rarely in names, often in random text. */
function changes(run: string): number {
  const kind = (code: number) =>
    code >= 97 ? 2 : code >= 65 ? 1 : code >= 48 && code <= 57 ? 0 : 3;
  let count = 0;
  for (let at = 1; at < run.length; at++) {
    if (kind(run.charCodeAt(at)) !== kind(run.charCodeAt(at - 1))) count++;
  }
  return count;
}

/** Bits a character, of the text's own frequencies (Shannon). */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
