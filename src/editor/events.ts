// What an edit says while it runs, in the order in which it happens: for a progress line, a log, or a
// view that shows the answer as the model writes it.

export type EditEvent =
  /** The model is about to be asked. Lines count from 1, both included; region null: the whole file. */
  | {
      readonly type: "start";
      readonly region: string | null;
      readonly lines: readonly [number, number];
      readonly promptTokens: number;
    }
  /** More of an answer, as the model writes it, before anything is checked. */
  | { readonly type: "text"; readonly attempt: number; readonly text: string }
  /** The answer broke the file: it is taken back to before this line of it, from 1. */
  | {
      readonly type: "repair";
      readonly attempt: number;
      readonly line: number;
      readonly fault: string;
    }
  /** An answer has ended and was judged. */
  | {
      readonly type: "attempt";
      readonly attempt: number;
      readonly status: "edited" | "unchanged" | "rejected";
      readonly reason: string | undefined;
    }
  /** The user's own check of an answer begins, and has ended. */
  | { readonly type: "checking"; readonly attempt: number }
  | { readonly type: "check"; readonly attempt: number; readonly exitCode: number | null };
