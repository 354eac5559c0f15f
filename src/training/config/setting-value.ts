// What the configurations of training and fine-tuning have in common: how a value is checked, shown in an
// error and written as TOML.

export interface NumberBounds {
  readonly kind: "whole" | "number";
  readonly minimum: number;
  readonly maximum: number;
}

/** undefined where the number is one that the key may have; else what it must be, in words. */
export function misfit({ kind, minimum, maximum }: NumberBounds, value: unknown) {
  const fits = typeof value === "number" && value >= minimum && value <= maximum;
  if (fits && (kind === "number" || Number.isInteger(value))) return undefined;
  return `a ${kind === "whole" ? "whole number" : "number"} from ${minimum} to ${maximum}`;
}

/** A value in an error. Of a list or table no more than that: YAML's may contain itself. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a table";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return String(value).slice(0, 60);
}

/** JSON's texts, lists and numbers are TOML's too, but for DEL, which TOML wants escaped. */
export function tomlValue(value: string | number | boolean | readonly string[]): string {
  return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}
