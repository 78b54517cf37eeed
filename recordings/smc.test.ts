import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { numbers, smc } from './test/builders.ts'
import { axis, hasSamples, input, peak_gal, refusal, sample, wave } from './test/samples.ts'

const values = numbers(50, 100)
const textOf = (file = smc()) => new TextDecoder().decode(file.bytes)

describe('a USGS SMC file', () => {
  test('evenly spaced gives m/s² from cm/s², with rate, start and orientation of its headers', () => {
    const w = wave(smc({ values }))
    axis(w, 'az133').forEach((v, k) => {
      expect(v).toBeCloseTo(values[k]! / 100, 4)
    })
    expect(w.sample_rate_hz).toBe(200)
    expect(toIso(w.start)).toBe('1989-10-18T00:04:05.250Z')
    expect(w.corrected).toBe(true)
    expect(w.station).toBe('APEEL Array #2 - Redwood City')
    expect(w.instrument).toBe('SMA-1')
  })

  test('three components, one of them vertical, and the published velocity are put together', () => {
    const w = wave([
      smc({ component: '133', azimuth: 133 }),
      smc({ component: 'Up', vertical: 0, channel: 2 }),
      smc({ component: '43', azimuth: 43, channel: 3 }),
      smc({ component: '133', azimuth: 133, type: '3 VELOCITY' }),
    ])
    expect(w.axes.map((a) => a.axis)).toEqual(['az133', 'up', 'az43'])
    expect(w.components![0]!.velocity_m_s!.length).toBe(50)
    expect(w.components!.map((c) => c.vertical)).toEqual([false, true, false])
  })

  test('unevenly spaced (undefined rate) is time and value in turn, interpolated to an even grid and noted', () => {
    const pairs = [0, 1, 0.001, 3, 0.002, 2, 0.004, 6, 0.005, 6, 0.005, 8]
    const w = wave(smc({ type: '1 UNCORRECTED ACCELEROGRAM', values: pairs, rate: 1.7e38 }))
    expect([...axis(w, 'az133')].map((v) => Math.round(v * 1e6) / 1e4)).toEqual([1, 3, 2, 4, 6, 7])
    expect(w.sample_rate_hz).toBe(1000)
    expect(w.notes).toEqual(['6 samples at uneven times (median interval 0.001 s) interpolated linearly to 1000 Hz'])
    expect(w.corrected).toBe(false)
  })

  test('times that run backwards are refused', () => {
    const pairs = [0, 1, 0.002, 3, 0.001, 2]
    expect(refusal(smc({ values: pairs, rate: 1.7e38 }))).toContain(
      'expected times that do not run backwards (pair 3 of 3)',
    )
  })

  test('the undefined value is a gap', () => {
    const text = textOf().replace(/ 1\.4286E\+1/, ' 1.7000E38')
    const w = wave(input('a.smc', text))
    expect(w.gaps).toEqual([{ axis: 'az133', first: 0, count: 1 }])
  })

  test.each([
    [1, '5 RESPONSE SPECTRA', 'expected one of 1 UNCORRECTED ACCELEROGRAM'],
    [14, '     x7183    -32768', ':14: expected integers of the integer header'],
    [28, 'no bar', ':28: expected comment line starting with |'],
    [33, ' 1.0000E+0 2.0000E+0', ':33: expected 8 values in columns of 10 (24 of 50 read)'],
    [19, '  0.17000x0E+39', ':19: expected numbers of the real header'],
  ])('with line %i as %j is refused', (line, text, message) => {
    expect(
      refusal(
        input(
          'a.smc',
          textOf()
            .split('\r\n')
            .with(line - 1, text)
            .join('\r\n'),
        ),
      ),
    ).toContain(message)
  })

  test('cut anywhere is refused, also inside its last number', () => {
    const text = textOf().trimEnd()
    for (let cut = 1; cut < 40; cut++) expect(refusal(input('a.smc', text.slice(0, -cut)))).toContain('a.smc:')
  })

  test('one stale line behind the counted values is left out and noted; two are a wrong count', () => {
    const stale = `${textOf()} 1.0000E+0 2.0000E+0\r\n`
    expect(wave(input('a.smc', stale)).notes).toEqual(['2 values behind the 50 that the header counts were left out'])
    expect(refusal(input('a.smc', `${stale} 1.0000E+0\r\n`))).toContain('expected the end of the file after 50 values')
  })
})

test.skipIf(!hasSamples)(
  'building-575market-1989/README.md: ground 315 deg, uncorrected, peak 136.6 gal, 1989-10-18 00:04 UTC',
  () => {
    const w = wave(sample('building-575market-1989/891018_1.cra-1.0210k.smc'))
    const { gal, index } = peak_gal(axis(w, 'az315'))
    expect(gal).toBeCloseTo(136.6, 1)
    expect(index / w.sample_rate_hz).toBeCloseTo(10.752, 3)
    expect(w.components![0]!.published_peak_m_s2).toBeCloseTo(1.366321, 6)
    expect(toIso(w.start)).toBe('1989-10-18T00:04:00.000Z')
    expect(w.notes![0]).toMatch(/^33532 samples at uneven times \(median interval 0\.0014 s\)/)
    expect(w.corrected).toBe(false)
  },
)
