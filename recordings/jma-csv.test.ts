import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { readJmaCsv } from './jma-csv.ts'
import { loadRecording } from './load.ts'
import type { Waveform } from './recording.ts'

const about = { name: 'r', file: 'r.csv', source: 'test' }
const HEADER = [
  'SITE CODE= EA0M',
  ' LAT.=    0.0000',
  ' LON.=    0.0000',
  ' SAMPLING RATE= 100Hz ',
  ' UNIT  = gal(cm/s/s) ',
  'INITIAL TIME = 2000 10 06 13 30 10',
  ' NS,EW,UD',
]
const read = (lines: string[]) => readJmaCsv(new TextEncoder().encode(`${lines.join('\r\n')}\r\n`), about)
/** HEADER with one line (1-based) replaced, and one sample. */
const withLine = (line: number, text: string) => [...HEADER.with(line - 1, text), '1,2,3']

describe('a JMA strong-motion file', () => {
  test('gives m/s² on three axes with rate and start of its header', () => {
    const wave = read([...HEADER, '-0.018,0.000,-0.017', '100,-200.5,0.1'])
    expect(wave.sample_rate_hz).toBe(100)
    expect(wave.axes.map((a) => a.axis)).toEqual(['ns', 'ew', 'ud'])
    expect(wave.axes.map((a) => a.samples[1])).toEqual([1, -2.005, 0.001])
  })

  test('states its start in Japan Standard Time, nine hours ahead of UTC', () => {
    expect(toIso(read([...HEADER, '1,2,3']).start)).toBe('2000-10-06T04:30:10.000Z')
  })

  test.each([
    [1, 'K-NET', 'r.csv:1: expected header line "SITE CODE=", got "K-NET"'],
    [
      4,
      ' SAMPLING RATE= fast',
      'r.csv:4: expected header line "SAMPLING RATE= <number>Hz", got " SAMPLING RATE= fast"',
    ],
    [4, ' SAMPLING RATE= 0Hz', 'r.csv:4: expected a sampling rate above 0 Hz, got " SAMPLING RATE= 0Hz"'],
    [5, ' UNIT = g', 'r.csv:5: expected header line "UNIT = gal(cm/s/s)", got " UNIT = g"'],
    [
      6,
      'INITIAL TIME = yesterday',
      'r.csv:6: expected header line "INITIAL TIME = YYYY MM DD hh mm ss", got "INITIAL TIME = yesterday"',
    ],
    [
      6,
      'INITIAL TIME = 2000 13 06 13 30 10',
      'r.csv:6: expected a date and time that exist, got "INITIAL TIME = 2000 13 06 13 30 10"',
    ],
    [
      6,
      'INITIAL TIME = 2001 02 29 13 30 10',
      'r.csv:6: expected a date and time that exist, got "INITIAL TIME = 2001 02 29 13 30 10"',
    ],
    [7, ' EW,NS,UD', 'r.csv:7: expected header line "NS,EW,UD", got " EW,NS,UD"'],
  ])('with a wrong header line %i is refused: %s', (line, text, message) => {
    expect(() => read(withLine(line, text))).toThrow(`RECORDING_INVALID: ${message}`)
  })

  test.each([
    ['1,2', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,2"'],
    ['1,2,3,4', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,2,3,4"'],
    ['1,,3', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,,3"'],
    ['1,NaN,3', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,NaN,3"'],
    ['1,0x10,3', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,0x10,3"'],
    ['1,1e999,3', 'r.csv:9: expected three numbers NS,EW,UD in gal, got "1,1e999,3"'],
    ['', 'r.csv:9: expected three numbers NS,EW,UD in gal, got ""'],
  ])('with the sample line %j is refused with its line', (text, message) => {
    expect(() => read([...HEADER, '1,2,3', text, '4,5,6'])).toThrow(`RECORDING_INVALID: ${message}`)
  })

  test('that is empty or has no samples is refused', () => {
    expect(() => readJmaCsv(new Uint8Array(), about)).toThrow('r.csv:5: expected header line'.replace('5', '1'))
    expect(() => read(HEADER)).toThrow('r.csv:8: expected at least one line of samples, got the end of the file')
  })
})

describe('the record of Yonago that ships', () => {
  const peak = (samples: Float64Array) => {
    const mean = samples.reduce((sum, a) => sum + a, 0) / samples.length
    const centred = samples.map((a) => a - mean)
    const k = centred.reduce((best, a, i) => (Math.abs(a) > Math.abs(centred[best]!) ? i : best), 0)
    return { centred, gal: Math.abs(centred[k]!) * 100, at_s: k / 100 }
  }

  test('has the peaks that its README publishes', async () => {
    const wave = (await loadRecording('jma-yonago-2000')) as Waveform
    expect(wave.axes.map((a) => a.samples.length)).toEqual([30_000, 30_000, 30_000])
    const [ns, ew, ud] = wave.axes.map((a) => peak(a.samples)) as [
      ReturnType<typeof peak>,
      ReturnType<typeof peak>,
      ReturnType<typeof peak>,
    ]
    expect(ns.gal).toBeCloseTo(280.24, 2)
    expect(ns.at_s).toBe(20.14)
    expect(ew.gal).toBeCloseTo(219.15, 2)
    expect(ew.at_s).toBe(20.67)
    expect(ud.gal).toBeCloseTo(144.46, 2)
    expect(ud.at_s).toBe(19.32)
    const vector = ns.centred.map((a, k) => Math.hypot(a, ew.centred[k]!, ud.centred[k]!) * 100)
    expect(vector.reduce((a, b) => Math.max(a, b))).toBeCloseTo(285.2, 2)
  })
})
