/** CRC-16 of Modbus RTU (Modbus over Serial Line 1.02, appendix B): 0x4B37 for the ASCII text "123456789". */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
