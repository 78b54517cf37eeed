import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameLimit } from './frame-limit.ts'

/** A frame with the given length after the fixed header (MQTT 3.1.1, 2.2.3). */
function frame(length: number): number[] {
  const bytes = [0x30]
  let rest = length
  do {
    const byte = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? byte | 0x80 : byte)
  } while (rest > 0)
  return [...bytes, ...Array<number>(length).fill(0xff)]
}

const passes = (limit: FrameLimit, bytes: number[], chunk: number): boolean => {
  for (let at = 0; at < bytes.length; at += chunk)
    if (limit.take(Uint8Array.from(bytes.slice(at, at + chunk))) !== undefined) return false
  return true
}

describe('frames', () => {
  test('up to the limit pass and larger ones are refused, however the bytes are cut', () => {
    const lengths = fc.array(fc.nat(500), { maxLength: 20 })
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 700 }), fc.integer({ min: 2, max: 500 }), (all, chunk, max) => {
        const allow = all.every((length) => frame(length).length <= max)
        expect(passes(new FrameLimit(max), all.flatMap(frame), chunk)).toBe(allow)
      }),
    )
  })

  test('are refused by the announced length, before their bytes come', () => {
    expect(new FrameLimit(2 ** 20).take(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe('frame-too-large')
  })

  test('with a length that never ends are refused', () => {
    expect(new FrameLimit(2 ** 40).take(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe('malformed')
  })

  test('may grow once the client is known', () => {
    const limit = new FrameLimit(100)
    expect(limit.take(Uint8Array.from(frame(50)))).toBeUndefined()
    limit.raise(1000)
    expect(limit.take(Uint8Array.from(frame(900)))).toBeUndefined()
  })

  test.each([
    ['SUBSCRIBE', [0x82, 6, 0, 0, 0, 1, 0x61, 0], [0x82, 6, 1, 0, 0, 1, 0x61, 0]],
    ['UNSUBSCRIBE', [0xa2, 5, 0, 0, 0, 1, 0x61], [0xa2, 5, 0, 1, 0, 1, 0x61]],
  ])('%s with the identifier 0 or without a filter is refused, however the bytes are cut', (_, zero, right) => {
    for (const chunk of [1, 2, 3, 8]) {
      expect(passes(new FrameLimit(100), zero, chunk)).toBe(false)
      expect(passes(new FrameLimit(100), [...right, ...right, ...frame(3)], chunk)).toBe(true)
      expect(passes(new FrameLimit(100), [right[0]!, 2, 0, 1], chunk)).toBe(false)
    }
  })

  test('of a type that no client sends are refused by their first byte', () => {
    const passing = Array.from({ length: 16 }, (_, type) => type).filter(
      (type) => new FrameLimit(100).take(Uint8Array.of(type << 4)) === undefined,
    )
    expect(passing).toEqual([1, 3, 4, 5, 6, 7, 8, 10, 12, 14])
  })
})
