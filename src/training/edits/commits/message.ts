// What the message of a commit asks for, as an instruction: its subject without numbers and prefixes. Most
// messages say what was done to somebody who knows; those that say nothing to others are left out.

const lettersMin = 12;
const lengthMax = 100;
/** With its prefixes and numbers; a longer one is not looked at. */
const subjectMax = 200;

/** Prefixes of kinds of commits that are no edits of what code does. */
const otherKinds = /^(?:chore|style|ci|build|release|tests?|revert)(?:\([^)]*\))?!?:/i;

const prefixes = [
  /^(?:fix|feat|feature|refactor|perf|docs?|bugfix|hotfix|improvement)(?:\([^)]*\))?!?:\s*/i,
  /^\[[^\]]{1,30}\]\s*/,
  /^[\w./-]{1,30}:\s+(?=[A-Za-z])/,
  /^(?:gh|bpo|issue|ticket|[A-Z]{2,8})-?\s?#?\d+[:,]?\s*/i,
];

/** Numbers of issues and requests behind it; white space can be read one way only, or it takes for ever. */
const suffixes = [
  /\s*[([](?:\s*(?:(?:gh|pr|issue|fixes|closes|see|refs?)[\s-]*)?#\d+,?)+\s*[)\]]\.?$/i,
  /[\s,.;-]*\b(?:fix(?:es)?|close[sd]?|resolves?|refs?|see)\s+#\d+\.?$/i,
];

/** What says nothing by itself: "Fix bug", "Update parser", "Address comments". */
const empty = [
  /^(?:wip|merge|revert|bump|release|version|fixup!|squash!|amend|oops|temp|initial|backport|cherry)\b/i,
  /^(?:update|fix|change|improve|tweak|clean|cleanup|refactor|modify|edit|adjust|rework|simplify|format|lint|polish|minor|misc|small|more|some|another|typo)\w*\s*(?:\S+\s*){0,2}$/i,
  /\b(?:review|feedback|comments? from|lint(?:er|ing)?|eslint|prettier|biome|ruff|flake8|pylint|mypy|pyright|black|isort|clippy|whitespace|changelog|typos?|formatting|as above|previous commit|follow.?up|part \d|ci|tests? fail\w*|build|deprecat\w*|release)\b/i,
  /https?:|@\w+|#\d|\bco-authored|signed-off|\bpr\b|\bpull request|\bissue\b/i,
];

/** The instruction; undefined where the message says too little, or nothing that an edit could follow. */
export function instructionOf(message: string): string | undefined {
  let subject = (message.trimStart().split("\n", 1)[0] ?? "").trim();
  if (subject.length > subjectMax || otherKinds.test(subject)) return undefined;
  for (const pattern of [...prefixes, ...suffixes]) subject = subject.replace(pattern, "");
  subject = subject.trim();
  // Cut off, in another language, or with signs that no instruction has.
  if (subject.length > lengthMax || /…|\.\.\.$|[^\x20-\x7e]/.test(subject)) return undefined;
  if ((subject.match(/[A-Za-z]/g)?.length ?? 0) < lettersMin) return undefined;
  if (subject.split(/\s+/).length < 3 || empty.some((pattern) => pattern.test(subject))) {
    return undefined;
  }
  return subject[0]!.toUpperCase() + subject.slice(1);
}

/** Words that say nothing of what is changed. */
const common = new Set(
  `this that with from when then into only also make made more less have should could would added adds
  removed removes fixed fixes using used uses instead after before where which while without some other
  code function method class file value values type types return returns error errors check`.split(
    /\s+/,
  ),
);

/** Whether the message speaks of what was changed: they share a word that is not everywhere. */
export function speaksOf(instruction: string, changed: string): boolean {
  const words = wordsOf(changed);
  return [...wordsOf(instruction)].some((word) => words.has(word));
}

/** Beginnings of words in small letters, names cut into their parts: plurals and tenses are one. */
function wordsOf(text: string): Set<string> {
  const parts = text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const words = parts.map((part) => part.toLowerCase()).filter((word) => word.length > 3);
  return new Set(words.filter((word) => !common.has(word)).map((word) => word.slice(0, 5)));
}
