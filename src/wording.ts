// Figures in words, alike in what the verbs say and on the page of a training that is watched. This runs in
// the browser too and imports nothing.

/** Four digits that count: "2.314", "0.04213"; "NaN" for what is not finite. */
export function figure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "NaN";
  const size = Math.abs(value);
  if (size >= 1_000) return grouped(value);
  return size > 0 && size < 0.001 ? value.toExponential(2) : value.toPrecision(4);
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 step", "5,000 steps". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Weights of a model: "6.9 M", "135 M", "1.2 B". */
export function size(parameters: number): string {
  const units = ["", " k", " M", " B"];
  let value = parameters;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1_000;
  return `${Number(value.toPrecision(value < 10 ? 2 : 3))}${units[unit]}`;
}

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** In its two largest units: "2 d 3 h", "2 h 13 min", "4 min 5 s", "12 s". */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const first = units.findIndex(([, length]) => whole >= length);
  if (first < 0) return "0 s";
  const [name, length] = units[first]!;
  const text = `${Math.floor(whole / length)} ${name}`;
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % length) / next[1]);
  return next === undefined || rest === 0 ? text : `${text} ${rest} ${next[0]}`;
}
