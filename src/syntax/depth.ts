// How deep a YAML text is nested, found before it is parsed: the scanner of its grammar keeps a stack in
// a buffer of fixed size and writes beyond it.

/** The scanner has room for some 250 levels. */
export const nestingMax = 150;

/** At least as many levels of blocks as are open at once anywhere in the text. */
export function nestingOf(text: string): number {
  const columns: number[] = [];
  let most = 0;
  for (const [, indent, markers] of text.matchAll(/^([ \t]*)((?:[-?:][ \t]+)*)[^\s]/gm)) {
    const column = indent!.length;
    while (columns.length > 0 && columns.at(-1)! >= column) columns.pop();
    columns.push(column);
    for (const marker of markers!.matchAll(/[-?:][ \t]+/g)) {
      columns.push(column + marker.index + marker[0].length);
    }
    most = Math.max(most, columns.length);
  }
  return most;
}
