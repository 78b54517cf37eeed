import { describe, expect, test } from 'vitest'
import { steim } from './steim.ts'

/** Frames as 32-bit words in hexadecimal, filled up with zeros. */
const frame = (...words: string[]): DataView => {
  const view = new DataView(new ArrayBuffer(64))
  words.forEach((word, k) => {
    view.setUint32(4 * k, Number.parseInt(word, 16))
  })
  return view
}

describe('Steim frames worked out by hand from the SEED 2.4 manual, Appendix B', () => {
  test('Steim-1: two words of 16-bit pairs and one 32-bit difference; the first difference is not used', () => {
    // Codes: words 3 and 4 are 10 (two of 16 bits), word 5 is 11 (one of 32): 2<<24 | 2<<22 | 3<<20.
    // Differences 2 (from the record before), 1, -2, 300, 70000.
    const data = frame('02B00000', '00000005', '000112A0', '00020001', 'FFFE012C', '00011170')
    expect([...(steim(data, 5, 1, false) as Int32Array)]).toEqual([5, 6, 4, 304, 70_304])
  })

  test('Steim-1: four 8-bit differences in a word', () => {
    const data = frame('01000000', 'FFFFFFFF', '0000007D', '007F8080', '00000000')
    // -1; -1 + 127 = 126; 126 - 128 = -2; -2 - 128 = -130
    expect(steim(data, 4, 1, false)).toEqual({
      expected: 'the last sample 125 that the first frame states',
      got: '-130',
    })
    const right = frame('01000000', 'FFFFFFFF', 'FFFFFF7E', '007F8080')
    expect([...(steim(right, 4, 1, false) as Int32Array)]).toEqual([-1, 126, -2, -130])
  })

  test('Steim-2: every packing, with the extremes of its range', () => {
    const data = frame(
      '03FA9000', // codes 3 3 3 2 2 2 1 for words 3 to 9
      '0000000A', // X0 = 10
      'E0000068', // Xn = -536870808
      '801F2E78', // dnib 2, seven of 4 bits: 0 1 -1 2 -2 7 -8
      '1F80017B', // dnib 0, five of 6 bits: 31 -32 0 5 -5
      '5F00FC5E', // dnib 1, six of 5 bits: 15 -16 1 -1 2 -2
      'DFF80064', // dnib 3, three of 10 bits: 511 -512 100
      '9FFFC000', // dnib 2, two of 15 bits: 16383 -16384
      '60000000', // dnib 1, one of 30 bits: -536870912
      '7F8001FF', // four of 8 bits: 127 -128 1 -1
    )
    expect([...(steim(data, 28, 2, false) as Int32Array)]).toEqual([
      ...[10, 11, 10, 12, 10, 17, 9],
      ...[40, 8, 8, 13, 8],
      ...[23, 7, 8, 7, 9, 7],
      ...[518, 6, 106],
      ...[16_489, 105],
      -536_870_807,
      ...[-536_870_680, -536_870_808, -536_870_807, -536_870_808],
    ])
  })

  test('Steim-2 with a "dnib" that the manual does not define is refused', () => {
    const data = frame('03000000', '00000000', '00000000', 'C0000000')
    expect(steim(data, 3, 2, false)).toEqual({ expected: 'a Steim-2 packing', got: 'code 3 in word 3 of frame 1' })
  })

  test('more samples than the frames hold, or no frame at all, are refused', () => {
    expect(steim(frame('01000000', '00000001', '00000001', '00000000'), 5, 1, false)).toEqual({
      expected: '5 samples',
      got: '4 samples in 1 frames',
    })
    expect(steim(new DataView(new ArrayBuffer(32)), 1, 1, false)).toEqual({
      expected: 'a Steim frame of 64 bytes',
      got: '32 bytes',
    })
  })
})
