// A diff with colours for a terminal; where a line begins says what it is, but for the two lines
// that name the files, which begin as changed lines do.

/** The diff with colours for a terminal: removed red, added green, hunk headers cyan. */
export function colouredDiff(diff: string): string {
  const colours: [string, number][] = [
    ["---", 1],
    ["+++", 1],
    ["@@", 36],
    ["-", 31],
    ["+", 32],
  ];
  const lines = diff.split("\n").map((line, index) => {
    const found = colours.find(
      ([start], rank) => line.startsWith(start) && (rank > 1 || index < 2),
    );
    return found === undefined ? line : `\x1b[${found[1]}m${line}\x1b[0m`;
  });
  return lines.join("\n");
}
