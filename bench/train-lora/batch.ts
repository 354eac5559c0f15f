// The batch of a step, on both sides: about 2,400 tokens.

export const sequences = 8;
export const length = 300;
