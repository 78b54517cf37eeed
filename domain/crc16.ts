/** CRC-16/MODBUS, the checksum of every RTU frame: polynomial 0x8005 reflected, start 0xFFFF (Modbus over Serial Line 1.02, appendix B). */

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  return crc
})

/** Unsigned 16 bits; on the wire its low byte comes first. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return crc
}
