// What the data verbs work on: one text of a corpus with what is known of it, and one that was dropped
// with the rule that says why.

/** A longer text is no source that a person wrote; it would also keep Ctrl-C waiting. */
export const documentBytesMax: number = 4 * 1024 * 1024;

export interface Document {
  readonly text: string;
  /** Where it is in its corpus, with "/"; undefined where a line of JSON names no path. */
  readonly path: string | undefined;
  /** What it is called in reports: its path, or its file's and its place there. */
  readonly name: string;
  /** Its line, from 1, where it is one of a JSON lines file. */
  readonly line?: number | undefined;
  /** The repository that it is of; undefined where that is not known. */
  readonly repository: string | undefined;
  /** An SPDX expression; undefined where no licence was recognised. */
  readonly license: string | undefined;
  /** The text was not UTF-8 and has been converted. */
  readonly converted?: boolean;
  /** What is written, in this order; the text takes the place of the text field's value. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly textField: string;
}

export interface Drop {
  /** The document's name. */
  readonly path: string;
  readonly line?: number | undefined;
  readonly rule: string;
  /** What was found, for a person: "a line of 5201 characters". */
  readonly detail?: string | undefined;
}

/** The document as a line of JSON, with the line's end. */
export function documentLine({ text, fields, textField }: Document): string {
  return `${JSON.stringify({ ...fields, [textField]: text })}\n`;
}

export function withText(document: Document, text: string): Document {
  return text === document.text ? document : { ...document, text };
}

export function dropOf({ name, line }: Document, rule: string, detail?: string): Drop {
  return { path: name, line, rule, detail };
}
