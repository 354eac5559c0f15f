// Random first weights: each value depends on a key ("SEED/NAME") and its own index alone, so that a
// tensor may be drawn in pieces of any size. The same key gives the same bits.

export type Draw = (key: number, index: number) => number;

/** A number in [-1, 1) (the finaliser of MurmurHash3). */
export function uniform(key: number, index: number): number {
  let h = (key + Math.imul(index, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) / 2 ** 31;
}

/** A number of the standard normal distribution (Box and Muller, 1958). */
export function normal(key: number, index: number): number {
  const radius = (uniform(key, 2 * index) + 1) / 2 + 2 ** -33;
  return Math.sqrt(-2 * Math.log(radius)) * Math.cos(Math.PI * uniform(key, 2 * index + 1));
}

/** FNV-1a, 32 bits. */
export function drawKey(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h | 0;
}
