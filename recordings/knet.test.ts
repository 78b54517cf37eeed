import { describe, expect, test } from 'vitest'
import { toIso } from '../domain/time.ts'
import { knet, numbers } from './test/builders.ts'
import { axis, demeaned, hasSamples, input, peak_gal, refusal, sample, wave } from './test/samples.ts'

const counts = numbers(200, 9000).map(Math.round)
const textOf = (file = knet()) => new TextDecoder().decode(file.bytes)

describe('a K-NET file (NIED, "About K-NET ASCII format")', () => {
  test('gives integer x scale factor, in m/s²', () => {
    const w = wave(knet({ counts }))
    expect([...axis(w, 'ns')]).toEqual(counts.map((n) => n * ((3920 / 6182761) * 0.01)))
    expect(w.sample_rate_hz).toBe(100)
    expect(w.components![0]).toMatchObject({
      axis: 'ns',
      label: 'N-S',
      vertical: false,
      azimuth_deg: 0,
      published_peak_m_s2: 0.4806,
    })
    expect(w.station).toBe('XYZ001')
  })

  test('starts 15 s before its Record Time, which is Japan Standard Time (line 10)', () => {
    expect(toIso(wave(knet()).start)).toBe('2006-01-18T14:25:31.000Z')
  })

  test('three files of one event are one waveform, in whatever order they come', () => {
    const [ns, ew, ud] = ['N-S', 'E-W', 'U-D'].map((dir, k) => knet({ dir, counts: counts.map((n) => n + k) })) as [
      never,
      never,
      never,
    ]
    for (const order of [
      [ns, ew, ud],
      [ud, ns, ew],
      [ew, ud, ns],
    ]) {
      const w = wave(order)
      expect(w.axes.map((a) => a.axis)).toEqual(['ns', 'ew', 'ud'])
      expect(w.components!.map((c) => c.vertical)).toEqual([false, false, true])
      expect(w.name).toBe('XYZ001.N-S')
    }
  })

  test('of KiK-net numbers its sensors: 4 to 6 at the surface, 1 to 3 in the borehole, told apart where both are given', () => {
    const dirs = (...list: string[]) =>
      wave(list.map((dir) => knet({ dir, station: 'AICH04' }))).axes.map((a) => a.axis)
    expect(dirs('4', '5', '6')).toEqual(['ns', 'ew', 'ud'])
    expect(dirs('3', '1', '2')).toEqual(['ns', 'ew', 'ud'])
    expect(dirs('1', '2', '3', '4', '5', '6')).toEqual(['ns1', 'ns2', 'ew1', 'ew2', 'ud1', 'ud2'])
  })

  test.each([
    ['another station', { dir: 'E-W', station: 'XYZ002' }, 'the station XYZ001'],
    ['another start', { dir: 'E-W', time: '2006/01/18 23:25:47' }, 'the start'],
    ['another rate', { dir: 'E-W', rate: 200 }, 'the sampling rate [Hz] 100'],
    ['another length', { dir: 'E-W', counts: counts.slice(100) }, 'the number of samples 200'],
    ['the same component', {}, 'a component that no other file holds'],
  ])('two files of %s are refused', (_, change, message) => {
    expect(refusal([knet(), knet(change)])).toContain(message)
  })

  test.each([
    [10, 'Record Time       2006/02/30 23:25:46', ':10: expected Record Time as 2018/01/24 19:51:40 (JST)'],
    [11, 'Sampling Freq(Hz) fast', ':11: expected a sampling rate above 0'],
    [13, 'Dir.              N-E', ':13: expected Dir. N-S, E-W, U-D or 1 to 6, got "N-E"'],
    [14, 'Scale Factor      3920(furlong)/6182761', ':14: expected a unit of acceleration in the Scale Factor'],
    [14, 'Scale Factor      3920(gal)', ':14: expected Scale Factor as 3920(gal)/6182761'],
    [15, 'Memo.', ':15: expected header line "Max. Acc. (gal)"'],
    [20, '    12x4     1234', ':20: expected integers'],
    [20, '      1.5', ':20: expected integers'],
    [
      12,
      'Duration Time(s)  3',
      ':43: expected 300 samples (Duration x Sampling Freq), got "200 samples to the end of the file"',
    ],
    [12, 'Duration Time(s)  1', ':30: expected 100 samples (Duration x Sampling Freq), no more'],
  ])('with line %i as %j is refused', (line, text, message) => {
    const lines = textOf()
      .split('\n')
      .with(line - 1, text)
    expect(refusal(input('a.ns', lines.join('\n')))).toContain(`a.ns${message}`)
  })

  test('cut anywhere is refused, also inside its last number', () => {
    const text = textOf().trimEnd()
    for (let cut = 1; cut < 40; cut++) expect(refusal(input('a.ns', text.slice(0, -cut)))).toContain('a.ns:')
  })
})

describe.skipIf(!hasSamples)('K-NET records beside the project (knet-2018-aomori/README.md)', () => {
  test.each([
    ['AOM0051801241951.EW', 'ew', 9500, 29.07],
    ['AOM0051801241951.NS', 'ns', 9500, 28.821],
    ['AOM0051801241951.UD', 'ud', 9500, 11.817],
    ['obspy_test.knet', 'ew', 5900, 4.383],
  ])('%s: %s, %i samples, header maximum %f gal after removing the mean', (file, name, count, gal) => {
    const w = wave(sample(`knet-2018-aomori/${file}`))
    expect(axis(w, name).length).toBe(count)
    expect(Math.abs(peak_gal(demeaned(axis(w, name))).gal)).toBeCloseTo(gal, 3)
    expect(w.components![0]!.published_peak_m_s2).toBeCloseTo(gal / 100, 9)
  })

  test('AOM005: three files are one waveform; raw means NS 4.0 and UD 37.2 gal', () => {
    const w = wave(['UD', 'EW', 'NS'].map((c) => sample(`knet-2018-aomori/AOM0051801241951.${c}`)))
    const mean_gal = (name: string) => axis(w, name).reduce((sum, v) => sum + v, 0) / 95
    expect(mean_gal('ns')).toBeCloseTo(4.0, 1)
    expect(mean_gal('ud')).toBeCloseTo(37.2, 1)
    expect(toIso(w.start)).toBe('2018-01-24T10:51:25.000Z')
  })

  test('obspy reads the same start of its own file: 1996-08-10T18:12:24Z', () => {
    expect(toIso(wave(sample('knet-2018-aomori/obspy_test.knet')).start)).toBe('1996-08-10T18:12:24.000Z')
  })
})
