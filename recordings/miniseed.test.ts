import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import type { RecordingInput } from './recording.ts'
import { concatenated, type Encoding, type SeedOptions, writeMiniSeed } from './test/miniseed-writer.ts'
import { axis, refusal, wave } from './test/samples.ts'

const file = (bytes: Uint8Array, name = 'x.mseed'): RecordingInput => ({ name, bytes })
const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s+/g, '').match(/../g)!, (byte) => Number.parseInt(byte, 16))
const read = (samples: readonly number[], options: SeedOptions) =>
  wave(file(writeMiniSeed(samples, options)), { unit: 'm/s2' })

describe('a miniSEED record worked out by hand from the SEED 2.4 manual', () => {
  // 48 bytes of fixed header, blockette 1000 (int16, big endian, 2^7 bytes), data from byte 64.
  const record = hex(`
    303030303031 44 20  504C4D4220 3030 484E5A 5858
    07E8 005E 07 3A 09 00 04D2  0004  0064 0001  00 00 00 01 00000000 0040 0030
    03E8 0000 01 01 07 00  0000000000000000
    0001 FFFF 7FFF 8000 ${'00'.repeat(56)}`)

  test('gives its samples, rate and start: day 94 of 2024 is 3 April', () => {
    const w = wave(file(record), { unit: '0.5 m/s2' })
    expect(record.length).toBe(128)
    expect([...axis(w, 'up')]).toEqual([0.5, -0.5, 16_383.5, -16_384])
    expect(toIso(w.start)).toBe('2024-04-03T07:58:09.1234Z')
    expect(w.sample_rate_hz).toBe(100)
    expect(w.components![0]).toMatchObject({ label: 'XX.PLMB.00.HNZ', vertical: true, original: { scale: 0.5 } })
  })

  test('without --unit is refused: counts have none, and none is assumed', () => {
    expect(refusal(file(record))).toBe(
      'x.mseed:1: expected a unit of acceleration from --unit (what one count is, e.g. "4.8e-6 m/s2"): miniSEED states none (m/s2, cm/s2, mm/s2, gal, g, mg, m, cm, mm, ft or in), got "none"',
    )
    expect(refusal(file(record), { unit: 'm' })).toContain('a unit of acceleration')
  })

  test.each([
    [39, '00', 'byte 46: expected a blockette 1000, which makes SEED data miniSEED, got none'],
    [22, '016F', 'byte 20: expected a start time in either byte order, got year 2024'],
    [
      52,
      '20',
      'byte 64: expected an encoding of 1 (int16), 2 (int24), 3 (int32), 4 (float32), 5 (float64), 10 (Steim-1), 11 (Steim-2), got 32',
    ],
    [54, '08', 'byte 0: expected a record of 256 bytes, got 128 bytes to the end of the file'],
    [30, '0040', 'byte 64: expected 64 samples of 2 bytes, got 64 bytes of data'],
    [32, '0000', 'byte 32: expected a sampling rate above 0 and up to 100000 Hz, got 0'],
    [52, '0B', 'byte 64: expected the last sample 0 that the first frame states, got 2147450880'],
  ])('with byte %i changed to %s is refused: %s', (at, bytes, message) => {
    const spoilt = record.slice()
    spoilt.set(hex(bytes), at)
    expect(refusal(file(spoilt), { unit: 'gal' })).toBe(`x.mseed: ${message}`)
  })

  test('cut anywhere, or followed by what is no record, is refused with the byte', () => {
    for (const length of [48, 60, 64, 127])
      expect(refusal(file(record.slice(0, length)), { unit: 'gal' })).toContain('x.mseed')
    expect(refusal(file(concatenated([record, hex('FFFF')])), { unit: 'gal' })).toBe(
      'x.mseed: byte 128: expected a miniSEED record header, got 2 bytes that are none',
    )
  })
})

describe('miniSEED', () => {
  const encodings: Encoding[] = ['int16', 'int24', 'int32', 'float32', 'float64', 'steim1', 'steim2']
  const samples = Array.from({ length: 700 }, (_, k) => Math.round(3000 * Math.sin(k / 5)) + (k === 400 ? 20_000 : 0))

  test.each(
    encodings.flatMap((e) => [true, false].flatMap((little) => [7, 9, 12].map((x) => [e, little, x] as const))),
  )('in %s, little endian %s, records of 2^%i bytes comes back as it was written', (encoding, little, exponent) => {
    const w = read(samples, { encoding, little, exponent })
    expect([...axis(w, 'up')]).toEqual(samples)
    expect(w.gaps).toEqual([])
    expect(toIso(w.start)).toBe('2024-04-02T23:58:09.000Z')
  })

  test('any series of 24-bit counts comes back in Steim-1 and Steim-2', () => {
    const counts = fc.array(fc.integer({ min: -8_388_608, max: 8_388_607 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(counts, fc.constantFrom<Encoding>('steim1', 'steim2'), fc.boolean(), (list, encoding, little) => {
        expect([...axis(read(list, { encoding, little, exponent: 8 }), 'up')]).toEqual(list)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    [[-50, 1], 1 / 50],
    [[50, -2], 25],
    [[-10, -5], 1 / 50],
    [[200, 1], 200],
  ] as const)('takes the rate factor and multiplier %j as %d Hz', (rate, hz) => {
    expect(read([1, 2, 3], { rate, encoding: 'int32' }).sample_rate_hz).toBeCloseTo(hz, 12)
  })

  test('takes the exact rate of blockette 100 and the microseconds of blockette 1001', () => {
    const w = read([1, 2, 3], { exactRate: 62.5, microseconds: -25, encoding: 'int32' })
    expect(w.sample_rate_hz).toBe(62.5)
    expect(toIso(w.start)).toBe('2024-04-02T23:58:08.999975Z')
  })

  test('adds the time correction unless the activity flags say that it is in already', () => {
    expect(toIso(read([1, 2], { correction: [1234, false], encoding: 'int16' }).start)).toBe(
      '2024-04-02T23:58:09.1234Z',
    )
    expect(toIso(read([1, 2], { correction: [1234, true], encoding: 'int16' }).start)).toBe('2024-04-02T23:58:09.000Z')
  })

  test('puts channels together whatever their order and interleaving, vertical last for several files', () => {
    const of = (channel: string, sign: number) =>
      writeMiniSeed(
        samples.map((v) => sign * v),
        { id: ['XX', 'PLMB', '', channel], exponent: 9 },
      )
    const [z, n, e] = [of('HNZ', 1), of('HNN', 2), of('HNE', 3)]
    const mixed = [0, 512, 1024].flatMap((at) => [z, n, e].map((bytes) => bytes.slice(at, at + 512)))
    const rest = [z, n, e].map((bytes) => bytes.slice(1536))
    const one = wave(file(concatenated([...mixed, ...rest])), { unit: 'gal' })
    expect(one.axes.map((a) => a.axis)).toEqual(['up', 'ns', 'ew'])
    expect([...axis(one, 'ew')]).toEqual(samples.map((v) => 3 * v * 0.01))
    const three = wave([file(z, 'z'), file(e, 'e'), file(n, 'n')], { unit: 'gal' })
    expect(three.axes.map((a) => a.axis)).toEqual(['ns', 'ew', 'up'])
    expect([...axis(three, 'up')]).toEqual([...axis(one, 'up')])
  })

  test('lists missing records as a gap of NaN', () => {
    const [before, after] = [samples.slice(0, 100), samples.slice(150, 250)]
    const start_ms = Date.UTC(2024, 3, 3)
    const bytes = concatenated([
      writeMiniSeed(before, { start_ms }),
      writeMiniSeed(after, { start_ms: start_ms + 1500 }),
    ])
    const w = wave(file(bytes), { unit: 'm/s2' })
    expect(w.gaps).toEqual([{ axis: 'up', first: 100, count: 50 }])
    expect([...axis(w, 'up').slice(150)]).toEqual(after)
  })

  test.each([
    ['overlap', 900, {}, 'one that overlaps it by 10 samples'],
    ['lie off the sampling grid', 1004.6, {}, 'intervals off it'],
    ['change their rate', 1000, { rate: [200, 1] }, '100 Hz as in the other records of XX.PLMB.00.HNZ, got 200 Hz'],
    ['are years apart', 5e11, {}, 'records of XX.PLMB.00.HNZ that lie together'],
  ] as const)('whose records %s is refused', (_, later_ms, change, message) => {
    const start_ms = Date.UTC(2024, 3, 3)
    const first = writeMiniSeed(samples.slice(0, 100), { start_ms })
    const second = writeMiniSeed(samples.slice(0, 100), { start_ms: start_ms + later_ms, ...change })
    expect(refusal(file(concatenated([first, second])), { unit: 'gal' })).toContain(message)
  })

  test('whose channels differ in start, rate or length is refused', () => {
    const z = writeMiniSeed(samples, { id: ['XX', 'PLMB', '00', 'HNZ'] })
    const other = (change: SeedOptions, list = samples) =>
      writeMiniSeed(list, { id: ['XX', 'PLMB', '00', 'HNN'], ...change })
    const both = (bytes: Uint8Array) => refusal(file(concatenated([z, bytes])), { unit: 'gal' })
    expect(both(other({ start_ms: Date.UTC(2024, 3, 2, 23, 58, 10) }))).toContain('the start')
    expect(both(other({ rate: [50, 1] }))).toContain('the sampling rate [Hz] 100')
    expect(both(other({}, samples.slice(1)))).toContain('the number of samples 700')
  })
})
