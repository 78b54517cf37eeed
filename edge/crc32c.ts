/** CRC-32C (Castagnoli), the checksum of every outbox record. Reflected polynomial 0x82F63B78, RFC 3720 appendix B.4. */

const POLYNOMIAL = 0x82f63b78

/**
 * Four tables of 256 in a row: the k-th gives what a byte followed by k zero bytes leaves, so that four bytes are taken at
 * once (Kounavis and Berry, "slicing-by-4"). Signed, because the engine keeps 32-bit integers only below 2^31 unboxed.
 */
const TABLE = new Int32Array(4 * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  TABLE[byte] = crc
}
for (let at = 256; at < TABLE.length; at++) {
  const before = TABLE[at - 256]!
  TABLE[at] = TABLE[before & 0xff]! ^ (before >>> 8)
}

/** Checksum of `bytes` after whatever gave `before`; unsigned 32 bits. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before
  let i = 0
  for (const whole = bytes.length - (bytes.length % 4); i < whole; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      TABLE[768 + (crc & 0xff)]! ^
      TABLE[512 + ((crc >>> 8) & 0xff)]! ^
      TABLE[256 + ((crc >>> 16) & 0xff)]! ^
      TABLE[crc >>> 24]!
  }
  for (; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
