// How well a run of changed lines fits into a text, by indentation and blank lines alone. The rule and
// its weights are those of git's indent heuristic, which its authors fitted to differences that
// people had placed by hand (Michael Haggerty's diff-slider-tools).

type Lines = readonly string[];

/** What the two ends of a run cost; less is better. */
export interface SplitCost {
  /** Sum of the indentations of the lines that begin after each end. */
  readonly indent: number;
  readonly penalty: number;
}

const weights = {
  startOfText: 1,
  endOfText: 21,
  /** For each blank line around the end. */
  blank: -30,
  /** More, for each of those that follow it. */
  blankAfter: 6,
  /** The line after it is deeper than the one before. */
  deeper: { tight: -4, spaced: 10 },
  /** It is less deep, and the one that follows is deeper again: the start of a block. */
  opensBlock: { tight: 24, spaced: 17 },
  /** It is less deep, and no block starts. */
  shallower: { tight: 23, spaced: 17 },
} as const;

/** What one step of indentation, however wide, is worth in penalty. */
const indentWeight = 60;

/** Indentations beyond this are one, and so are runs of blank lines beyond that. */
const indentMax = 200;
const blanksMax = 20;

/** The cost of a run [start, end) of `lines`. */
export function splitCost(lines: Lines, start: number, end: number): SplitCost {
  const first = endCost(lines, start);
  const second = endCost(lines, end);
  return { indent: first.indent + second.indent, penalty: first.penalty + second.penalty };
}

/** Below 0 where `left` is better, above where `right` is. */
export function compareSplits(left: SplitCost, right: SplitCost): number {
  const indents = Math.sign(left.indent - right.indent);
  return indentWeight * indents + left.penalty - right.penalty;
}

/** The cost of cutting `lines` ahead of line `at`. */
function endCost(lines: Lines, at: number): SplitCost {
  const here = at < lines.length ? indentOf(lines[at]!) : undefined;
  const above = nextText(lines, at - 1, -1);
  const below = nextText(lines, at + 1, 1);
  const blanksAfter = here === undefined ? 1 + below.blanks : 0;
  const blanks = above.blanks + blanksAfter;
  let penalty = weights.blank * blanks + weights.blankAfter * blanksAfter;
  if (above.indent === undefined && above.blanks === 0) penalty += weights.startOfText;
  if (at >= lines.length) penalty += weights.endOfText;
  const indent = here ?? below.indent ?? -1;
  const kind = stepOf(indent, above.indent, below.indent);
  if (kind !== undefined) penalty += weights[kind][blanks > 0 ? "spaced" : "tight"];
  return { indent, penalty };
}

function stepOf(
  indent: number,
  above: number | undefined,
  below: number | undefined,
): "deeper" | "opensBlock" | "shallower" | undefined {
  if (indent < 0 || above === undefined || indent === above) return undefined;
  if (indent > above) return "deeper";
  return below !== undefined && below > indent ? "opensBlock" : "shallower";
}

/** The indentation of the nearest line with text, and how many blank ones lie before it. */
function nextText(
  lines: Lines,
  from: number,
  step: 1 | -1,
): { indent: number | undefined; blanks: number } {
  let blanks = 0;
  for (let at = from; at >= 0 && at < lines.length; at += step) {
    const indent = indentOf(lines[at]!);
    if (indent !== undefined) return { indent, blanks };
    if (++blanks === blanksMax) return { indent: 0, blanks };
  }
  return { indent: undefined, blanks };
}

/** Columns ahead of the first character that is no white space, undefined for a blank line. */
function indentOf(line: string): number | undefined {
  let columns = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 0x20) columns++;
    else if (code === 0x09) columns += 8 - (columns % 8);
    else if (code > 0x20 || code < 0x09) return columns;
    // Other white space has no width that all agree on.
    if (columns >= indentMax) return indentMax;
  }
  return undefined;
}
