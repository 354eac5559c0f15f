// CRC-32C (Castagnoli), as TensorFlow's record files have it: the checksum of RFC 3720, and masked, since
// a file of records may itself be a record.

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f6_3b78 : 0);
  return value;
});

export function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 0xff]!;
  return ~value >>> 0;
}

export function maskedCrc32c(bytes: Uint8Array): number {
  const value = crc32c(bytes);
  const rotated = ((value >>> 15) | (value << 17)) >>> 0;
  return (rotated + 0xa282_ead8) >>> 0;
}
