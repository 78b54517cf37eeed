import { describe, expect, test } from 'vitest'
import { at2, numbers } from './test/builders.ts'
import { axis, hasSamples, input, peak_gal, refusal, sample, wave } from './test/samples.ts'

const g = numbers(23, 0.3)

describe('a PEER AT2 file', () => {
  test.each([
    ['NGA', undefined],
    ['old, with NPTS and DT behind their numbers', `  23   0.0050   NPTS, DT`],
    ['without commas', 'NPTS=     23  DT=  0.00500 SEC'],
    ['of 1999', 'NPTS=   23, DT= .00500 SEC'],
  ])('(%s) gives m/s² from g', (_, fourth) => {
    const w = wave(input('a.AT2', at2('180', g, fourth)))
    expect(axis(w, 'az180')[7]).toBeCloseTo(g[7]! * 9.80665, 6)
    expect(w.sample_rate_hz).toBe(200)
    expect(w.start_known).toBe(false)
    expect(w.station).toBe('Imperial Valley-06, 10/15/1979, El Centro Array #9')
  })

  test('numbers without a blank between them are told apart', () => {
    const text = at2('180', [-0.12, -0.34, 0.5, -0.6, -0.7], 'NPTS=  5, DT= .01 SEC').replace(
      /\n[^\n]*\n$/,
      '\n -.1200000E+00-.3400000E+00 .5000000E+00-.6000000E+00-.7000000E+00\n',
    )
    expect([...axis(wave(input('a.AT2', text)), 'az180')].map((v) => v / 9.80665)).toEqual(
      [-0.12, -0.34, 0.5, -0.6, -0.7].map((v) => expect.closeTo(v, 9)),
    )
  })

  test('the files of one station are one waveform, vertical last', () => {
    const w = wave(['UP', '270', '180'].map((c) => input(`${c}.AT2`, at2(c, g))))
    expect(w.axes.map((a) => a.axis)).toEqual(['az180', 'az270', 'up'])
    expect(w.components![2]!.vertical).toBe(true)
  })

  test.each([
    [
      'too few values',
      at2('180', g, 'NPTS=  24, DT= .005 SEC'),
      ':10: expected 24 values (NPTS), got "23 values to the end of the file"',
    ],
    ['too many values', at2('180', g, 'NPTS=  22, DT= .005 SEC'), ':9: expected 22 values (NPTS), no more'],
    ['an interval of zero', at2('180', g, 'NPTS=  23, DT= .000 SEC'), ':4: expected a sampling rate above 0'],
    ['an unknown unit', at2('180', g).replace('UNITS OF G', 'UNITS OF ZORK'), ':3: expected a unit of acceleration'],
    [
      'a velocity alone',
      at2('180', g).replace('ACCELERATION TIME SERIES IN UNITS OF G', 'VELOCITY TIME SERIES IN UNITS OF CM/SEC'),
      'expected an acceleration record, got "velocity"',
    ],
    ['a word', at2('180', g).replace(/\S+\n$/, 'end\n'), ':9: expected numbers, got'],
    [
      'a cut inside its last number',
      at2('180', g).trimEnd().slice(0, -1),
      ':9: expected a whole number at the end of the file',
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(refusal(input('a.AT2', text))).toContain(message)
  })
})

test.skipIf(!hasSamples)(
  'eqsig-test-motion/README.md: dt 0.01 s, 4,684 samples, PGA 1.41 m/s², unit from --unit',
  () => {
    const file = sample('eqsig-test-motion/test_motion_dt0p01.txt')
    const w = wave(file, { unit: 'm/s2' })
    expect(w.sample_rate_hz).toBe(100)
    expect(axis(w, 'a').length).toBe(4684)
    expect(Math.abs(peak_gal(axis(w, 'a')).gal)).toBeCloseTo(141, 9)
    expect(refusal(file)).toContain(':2: expected a unit of acceleration from --unit: the file states none')
  },
)
