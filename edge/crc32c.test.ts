import { describe, expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

describe('CRC-32C', () => {
  test('gives the check value of the catalogue of parametrised CRC algorithms (CRC-32/ISCSI)', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283)
  })

  test('gives the examples of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c)
  })

  test('goes on where an earlier part ended', () => {
    expect(crc32c(ascii('6789'), crc32c(ascii('12345')))).toBe(0xe3069283)
  })
})
