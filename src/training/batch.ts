// What one pass of training reads: sequences of tokens, what each should be followed by, and how much
// that counts. Rows lie sequence by sequence; documents packed into one sequence do not see each other.

export interface Batch {
  readonly sequences: number;
  /** Tokens of each sequence, padding included; rows = sequences * length. */
  readonly length: number;
  /** [rows] token ids. */
  readonly inputs: Uint32Array;
  /** [rows] rows of the output matrix: the token that follows, or a class where the head is one. */
  readonly targets: Uint32Array;
  /** [rows] what each row's loss counts; 0: nothing (padding, prompts); negative: to be made unlikely. */
  readonly weights: Float32Array;
  /** [rows] first position of its sequence that the row sees: its document's; its own where it is padding. */
  readonly starts: Uint32Array;
  /** [rows] position from its document's start, for rotary or learned positions. */
  readonly positions: Uint32Array;
}
