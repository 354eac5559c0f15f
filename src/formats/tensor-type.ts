// The element types of tensors, with GGML's numeric ids: a block of `blockSize` elements takes
// `blockBytes` bytes. The same ids select the dequantiser in the kernels (kernels/quant).

export interface TensorType {
  readonly id: number;
  readonly name: string;
  readonly blockSize: number;
  readonly blockBytes: number;
}

function type(id: number, name: string, blockSize: number, blockBytes: number): TensorType {
  return { id, name, blockSize, blockBytes };
}

export const tensorTypes = {
  F32: type(0, "F32", 1, 4),
  F16: type(1, "F16", 1, 2),
  Q4_0: type(2, "Q4_0", 32, 18),
  Q4_1: type(3, "Q4_1", 32, 20),
  Q5_0: type(6, "Q5_0", 32, 22),
  Q5_1: type(7, "Q5_1", 32, 24),
  Q8_0: type(8, "Q8_0", 32, 34),
  Q2_K: type(10, "Q2_K", 256, 84),
  Q3_K: type(11, "Q3_K", 256, 110),
  Q4_K: type(12, "Q4_K", 256, 144),
  Q5_K: type(13, "Q5_K", 256, 176),
  Q6_K: type(14, "Q6_K", 256, 210),
  BF16: type(30, "BF16", 1, 2),
} as const satisfies Record<string, TensorType>;

export type TensorTypeName = keyof typeof tensorTypes;

const byId = new Map<number, TensorType>(Object.values(tensorTypes).map((t) => [t.id, t]));

/** The type with this GGML id, or undefined where cromwell does not know it. */
export function tensorTypeById(id: number): TensorType | undefined {
  return byId.get(id);
}
