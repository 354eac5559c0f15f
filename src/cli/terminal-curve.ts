// A curve in the characters of a terminal: Braille patterns, which have two dots by four each, so that a
// few lines show how a loss falls.

export interface CurvePoint {
  readonly step: number;
  readonly mean: number;
}

export interface CurveSize {
  /** Characters of a line, the axis included. */
  readonly width: number;
  readonly height: number;
}

/** The bit of each dot of a Braille pattern, by column and row. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/**
 * Lines from the highest value to the lowest, each with its value at the axis where it is the first, the
 * middle or the last one, and a line with the first and last step.
 */
export function terminalCurve(
  points: readonly CurvePoint[],
  { width, height }: CurveSize,
): string[] {
  const means = points.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const label = (row: number) => axisValue(high - ((high - low) * row) / Math.max(1, height - 1));
  const labels = Array.from({ length: height }, (_, row) =>
    row === 0 || row === height - 1 || row === Math.floor(height / 2) ? label(row) : "",
  );
  const margin = Math.max(...labels.map((text) => text.length));
  const columns = Math.max(1, width - margin - 2);
  const cells = drawn(points, { width: columns, height }, low, high);
  const rows = cells.map((row, index) => {
    const text = String.fromCodePoint(...row.map((bits) => 0x2800 + bits));
    return `${labels[index]!.padStart(margin)} │${text}`;
  });
  const [first, last] = [String(points[0]?.step ?? ""), String(points.at(-1)?.step ?? "")];
  const steps = `${" ".repeat(margin + 2)}${first}${last.padStart(columns - first.length)}`;
  return [...rows, steps];
}

function drawn(
  points: readonly CurvePoint[],
  { width, height }: CurveSize,
  low: number,
  high: number,
): number[][] {
  const cells = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const [first, last] = [points[0]?.step ?? 0, points.at(-1)?.step ?? 0];
  const place = ({ step, mean }: CurvePoint) => ({
    // Steps may be in any order: a file of metrics is whatever its writer put there.
    x: dotAt((step - first) / (last - first), 2 * width),
    y: high === low ? 2 * height : dotAt((high - mean) / (high - low), 4 * height),
  });
  let before = points.length > 0 ? place(points[0]!) : undefined;
  for (const point of points) {
    const at = place(point);
    const count = Math.max(1, Math.abs(at.x - before!.x), Math.abs(at.y - before!.y));
    for (let dot = 0; dot <= count; dot++) {
      const x = Math.round(before!.x + ((at.x - before!.x) * dot) / count);
      const y = Math.round(before!.y + ((at.y - before!.y) * dot) / count);
      cells[y >> 2]![x >> 1]! |= dots[(x & 1) as 0 | 1][(y & 3) as 0 | 1 | 2 | 3];
    }
    before = at;
  }
  return cells;
}

/** The dot of so many that is the share `part` from the first; the first for what is no number. */
function dotAt(part: number, count: number): number {
  return Math.round(Math.min(1, Math.max(0, part || 0)) * (count - 1));
}

function axisValue(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) < 10 ? 3 : 1);
}
