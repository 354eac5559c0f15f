// What kinds of tokens a vocabulary has, with the numbers that GGUF gives them
// (tokenizer.ggml.token_type): read by the tokenizer, written by the converters.

export const tokenType = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;
