import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlumblineError } from '../domain/errors.ts'
import { readRecording } from './detect.ts'
import type { ReadOptions, Recording, RecordingInput } from './recording.ts'
import { at2, cell, cells, cosmos, csmipV1, csmipV2, cwb, geonet, knet, numbers, rdb, smc } from './test/builders.ts'
import { writeMiniSeed } from './test/miniseed-writer.ts'
import { hasSamples, input, refusal, sample, shipped, wave } from './test/samples.ts'

const values = numbers(60, 20)
const counts = values.map((v) => Math.round(100 * v))
const block = [{ what: 'accel', unit: 'cm/sec2', values }]
const pairs = values.flatMap((v, k) => [0.005 * k, v / 100])

/** One file of every format; the first word of the format that must be found. */
const FILES: ReadonlyArray<readonly [format: string, file: RecordingInput, options?: ReadOptions]> = [
  ['K-NET ASCII', knet()],
  ['USGS SMC', smc()],
  ['CSMIP V2', input('c.v2', csmipV2(1, 'Up', block) + csmipV2(2, '90 Deg', block))],
  ['CSMIP V1', input('c.v1', csmipV1('UNITS OF UNCOR ACCEL ARE SEC AND G/10.', cells(pairs, 10, cell(7, 3)), 60))],
  ['COSMOS 1.20', input('c.v2c', cosmos())],
  ['GeoNet V1A', input('g.v1a', geonet('N10E', values) + geonet('Up', values))],
  ['GeoNet V2A', input('g.v2a', geonet('Up', values, true))],
  ['CWA/CWB text', input('c.dat', cwb())],
  ['PEER AT2', input('p.at2', at2('UP', values))],
  [
    'npts dt text',
    input('p.txt', ['test', '60 0.01', ...values.map((v) => v.toExponential(3))].join('\n')),
    { unit: 'm/s2' },
  ],
  ['miniSEED', { name: 'm.mseed', bytes: writeMiniSeed(counts, { exponent: 7 }) }, { unit: 'gal' }],
  [
    'miniSEED',
    { name: 'm.mseed', bytes: writeMiniSeed(counts, { exponent: 8, encoding: 'steim1', little: true, exactRate: 50 }) },
    { unit: 'gal' },
  ],
  ['CSV', input('w.csv', ['time,x[gal],y[gal]', ...values.map((v, k) => `${k / 100},${v},${-v}`)].join('\n'))],
  [
    'CSV',
    input(
      's.csv',
      ['time,stage (m)', ...values.map((v, k) => `2018-06-01T04:${String(k).padStart(2, '0')}:00Z,${v}`)].join('\n'),
    ),
  ],
  ['USGS RDB', input('u.rdb', rdb(values.map((v, k) => `2018-06-01 00:${String(k).padStart(2, '0')}\tEDT\t${v}\tA`)))],
  [
    'EA JSON',
    input(
      'e.json',
      JSON.stringify(
        values.map((v, k) => ({ ts: `2020-10-13T16:${String(k).padStart(2, '0')}Z`, _: v, err: false })),
        null,
        2,
      ),
    ),
  ],
]

describe('the format is told from the content', () => {
  test.each(FILES.map(([format, file, options]) => [format, file.name, file, options] as const))(
    '%s (%s)',
    (format, _, file, options) => {
      const renamed = { name: 'record.bin', bytes: file.bytes }
      expect(readRecording([renamed], options).format).toBe(format)
    },
  )

  test('JMA CSV, of the record that ships: 30,000 samples of 100 Hz, ud vertical', () => {
    const w = wave(shipped('jma-yonago-2000/AA06EA01.csv'))
    expect(w.format).toBe('JMA CSV')
    expect(w.axes.map((a) => [a.axis, a.samples.length])).toEqual([
      ['ns', 30_000],
      ['ew', 30_000],
      ['ud', 30_000],
    ])
    expect(w.components!.map((c) => c.vertical)).toEqual([false, false, true])
  })

  test('line ends and a byte order mark make no difference', () => {
    for (const [format, file, options] of FILES.filter(([f]) => f !== 'miniSEED')) {
      const text = new TextDecoder().decode(file.bytes).replaceAll('\r\n', '\n')
      const [unix, dos, marked] = [text, text.replaceAll('\n', '\r\n'), `\uFEFF${text}`].map((t) =>
        readRecording([input(file.name, t)], options),
      )
      expect(unix!.format, format).toBe(format)
      expect(dos, format).toEqual(unix)
      expect(marked, format).toEqual(unix)
    }
  })

  test.each([
    [
      'an empty file',
      input('a', ''),
      'a:1: expected a format that is known (miniSEED, EA JSON, K-NET, COSMOS, USGS SMC, CSMIP V1/V2, GeoNet V1A/V2A, CWA text, JMA CSV, PEER AT2, USGS RDB, npts dt text, CSV with a header), got the end of the file',
    ],
    [
      'a picture',
      { name: 'a.png', bytes: Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0]) },
      'a.png:1: expected a format that is known',
    ],
    ['numbers alone', input('a', '1 2 3\n4 5 6\n'), 'a:1: expected a format that is known'],
  ])('%s is refused', (_, file, message) => {
    expect(refusal(file)).toContain(message)
  })

  test('files of two formats, two files of stage, no file and too many are refused', () => {
    expect(refusal([knet(), smc()])).toContain('expected the format')
    const stage = FILES.find(([, f]) => f.name === 's.csv')![1]
    expect(refusal([stage, stage])).toContain('one file alone')
    expect(refusal([])).toBe('expected 1 to 100 files, got 0')
    expect(refusal(Array<RecordingInput>(101).fill(knet()))).toBe('expected 1 to 100 files, got 101')
  })
})

/** Either a whole recording or the one error; never anything else, never slow, never larger than the limits. */
function mustBeWholeOrRefused(file: RecordingInput, options: ReadOptions | undefined): void {
  const before = performance.now()
  let read: Recording | undefined
  try {
    read = readRecording([file], options)
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== 'RECORDING_INVALID') throw error
    expect(error.message).toMatch(/^RECORDING_INVALID: .+: expected [\s\S]+, got [\s\S]+$|^RECORDING_INVALID: .+:\d+: /)
  }
  expect(performance.now() - before).toBeLessThan(5000)
  if (read?.kind === 'waveform') {
    expect(read.sample_rate_hz).toBeGreaterThan(0)
    const lengths = new Set(read.axes.map((a) => a.samples.length))
    expect(lengths.size).toBe(1)
    for (const { samples } of read.axes)
      for (const v of samples.slice(0, 1000))
        expect(v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY).toBe(false)
  }
  if (read?.kind === 'series') expect(read.t.every((t, k) => k === 0 || t > read.t[k - 1]!)).toBe(true)
}

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('byte' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.integer({ min: 0, max: 255 }),
  }),
  fc.record({
    kind: fc.constant('digit' as const),
    at: fc.double({ min: 0, max: 0.2, noNaN: true }),
    value: fc.integer({ min: 48, max: 57 }),
  }),
  fc.record({
    kind: fc.constant('drop' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({
    kind: fc.constant('twice' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.integer({ min: 1, max: 200 }),
  }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function spoilt(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = Math.min(bytes.length - 1, Math.floor(change.at * bytes.length))
  if (change.kind === 'cut') return bytes.slice(0, at)
  if (change.kind === 'byte' || change.kind === 'digit') {
    const out = bytes.slice()
    out[at] = change.value
    return out
  }
  const [head, tail] = [
    bytes.subarray(0, at),
    bytes.subarray(change.kind === 'drop' ? at + change.value : Math.max(0, at - change.value)),
  ]
  return Uint8Array.from([...head, ...tail])
}

describe('whatever happens to a file, it is read whole or refused with the one error', () => {
  test.each(FILES.map(([format, file, options]) => [format, file.name, file, options] as const))(
    '%s (%s)',
    (_, __, file, options) => {
      fc.assert(
        fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (changes) => {
          const bytes = changes.reduce((b, change) => (b.length === 0 ? b : spoilt(b, change)), file.bytes)
          mustBeWholeOrRefused({ name: file.name, bytes }, options)
        }),
        { numRuns: 150 },
      )
    },
  )

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) =>
        mustBeWholeOrRefused({ name: 'r', bytes }, { unit: 'gal', dt_s: 0.01 }),
      ),
      { numRuns: 200 },
    )
  })

  const real = [
    'building-575market-1989/891018_1.cra-1.0210k.smc',
    'csmip-2014-napa-concord/CE58667.V2',
    'cwb-2018-hualien/2-ECU.dat',
    'knet-2018-aomori/AOM0051801241951.EW',
    'flood-ea-spike-2020/spikeTelem.json',
    'elcentro-1940/elcentro_chopra.csv',
    'qartod-kotzebue/water_level_example.csv',
  ]
  test.skipIf(!hasSamples).each(real)('%s', { timeout: 60_000 }, (path) => {
    const file = sample(path)
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = changes.reduce((b, change) => (b.length === 0 ? b : spoilt(b, change)), file.bytes)
        mustBeWholeOrRefused({ name: file.name, bytes }, path.startsWith('qartod') ? { unit: 'm' } : undefined)
      }),
      { numRuns: 25 },
    )
  })
})
