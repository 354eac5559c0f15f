// Data for classification: texts with their labels, from CSV, TSV or JSON. The classes are the labels in
// the order of their names.

import { dataError, type Row, readRows } from "./rows.ts";

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

const labelLengthMax = 100;
const labelsMax = 10_000;

/** Throws CromwellError "input" naming file and row. */
export async function readLabelledTexts(
  path: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<LabelledText[]> {
  const texts: LabelledText[] = [];
  for await (const row of readRows(path, options)) texts.push(labelledText(row));
  return texts;
}

/** The distinct labels, sorted. Throws CromwellError "input" where there are fewer than two. */
export function labelsOf(path: string, texts: readonly LabelledText[]): string[] {
  const labels = [...new Set(texts.map(({ label }) => label))].sort();
  if (labels.length < 2) {
    throw dataError(path, `every row has the label ${JSON.stringify(labels[0])}`);
  }
  if (labels.length > labelsMax) {
    throw dataError(path, `${labels.length} labels are more than ${labelsMax}`);
  }
  return labels;
}

function labelledText({ value, place }: Row): LabelledText {
  const fields = typeof value === "object" && value !== null ? value : {};
  const text = "text" in fields ? fields.text : undefined;
  const given = "label" in fields ? fields.label : undefined;
  if (typeof text !== "string") throw dataError(place, '"text" is missing or not a text');
  if (typeof given !== "string" && typeof given !== "number" && typeof given !== "boolean") {
    throw dataError(place, '"label" is missing or neither a text nor a number');
  }
  const label = String(given).trim();
  // It is printed and stored: one line of text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal
  if (label === "" || label.length > labelLengthMax || /[\u0000-\u001f\u007f-\u009f]/.test(label)) {
    throw dataError(place, `"label" must be one line of 1 to ${labelLengthMax} characters`);
  }
  return { text: text.toWellFormed(), label: label.toWellFormed() };
}
