import { expect, test } from 'vitest'
import { crc16 } from './crc16.ts'

test('CRC-16/MODBUS gives the check value of the catalogue of parametrised CRC algorithms', () => {
  expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x4b37)
})

test('CRC-16/MODBUS of 02 07 is 0x1241 (Modbus over Serial Line 1.02, appendix B)', () => {
  expect(crc16(Uint8Array.of(0x02, 0x07))).toBe(0x1241)
})
