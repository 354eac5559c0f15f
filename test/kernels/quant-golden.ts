// What the tests of block formats share: the golden file, the generator that its make.py uses too,
// and the forms in which values are compared.

export { default as golden } from "../golden/quant/quant.json";

/** `count` states of the linear congruential generator. */
export function states(seed: number, count: number): Uint32Array {
  let state = seed;
  return new Uint32Array(count).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  });
}

export function sha256(values: Uint8Array | Uint32Array): string {
  return new Bun.CryptoHasher("sha256").update(values).digest("hex");
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

export function floats(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
}

const nanBits = 0x7fc00000;

/** Bits with every NaN made one: sign and payload of a NaN are the CPU's own affair. */
export function comparable(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bits.map((pattern, i) => (Number.isNaN(values[i]) ? nanBits : pattern));
}
