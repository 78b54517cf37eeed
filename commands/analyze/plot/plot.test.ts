/** The plots: well-formed XML that needs nothing from elsewhere, and everything that was found is marked in it. */
import { describe, expect, test } from 'vitest'
import { analyzeWaveform } from '../ground-motion.ts'
import { DEAD_RUN, motionOf, optionsOf, stage, waterOf, waveform, YONAGO } from '../test/records.ts'
import { analyzeSeries } from '../water.ts'
import { plotGroundMotion } from './ground-motion.ts'
import { linear, linearTicks, logTicks, niceFloor, niceStep, timeTicks } from './scale.ts'
import { escaped } from './svg.ts'
import { runsOf, tracePath } from './trace.ts'
import { plotWater } from './water.ts'

/** Names of all elements; throws where the text is not well-formed (tags nest, attributes quoted, entities known). */
function elements(xml: string): string[] {
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  const names: string[] = []
  const open: string[] = []
  let end = 0
  for (const tag of body.matchAll(/<(\/?)([a-z]+)((?:\s+[a-zA-Z][\w:-]*="[^"<]*")*)\s*(\/?)>/g)) {
    const between = body.slice(end, tag.index)
    if (/[<>]/.test(between) || /&(?!(amp|lt|gt|quot|#39);)/.test(between + tag[3]))
      throw new Error(`stray: ${between}`)
    end = tag.index + tag[0].length
    if (tag[1] === '/') {
      if (open.pop() !== tag[2]) throw new Error(`</${tag[2]}> closes nothing`)
    } else {
      names.push(tag[2]!)
      if (tag[4] !== '/') open.push(tag[2]!)
    }
  }
  if (open.length > 0 || body.slice(end).trim() !== '') throw new Error(`not closed: ${open.join()}`)
  return names
}

const count = (xml: string, what: RegExp) => [...xml.matchAll(what)].length

function selfContained(xml: string): void {
  expect(new Set(elements(xml))).toEqual(
    new Set(
      [...elements(xml)].filter((n) =>
        ['svg', 'title', 'desc', 'g', 'path', 'rect', 'line', 'circle', 'text'].includes(n),
      ),
    ),
  )
  expect(xml).not.toMatch(/href|url\(|<script|<style|@import|NaN|Infinity|undefined/)
  expect(count(xml, /https?:/g)).toBe(1)
}

describe('ground motion', () => {
  const svg = plotGroundMotion(motionOf([YONAGO]))
  test('is self-contained', () => selfContained(svg))
  test('three quantities of three components with peaks and units, two spectra, six triggers', () => {
    for (const words of [
      'Acceleration  [gal]',
      'Velocity  [cm/s]',
      'Displacement  [cm]',
      'Period  [s]',
      'Frequency  [Hz]',
    ])
      expect(svg).toContain(`>${words}<`)
    expect(count(svg, /class="row"/g)).toBe(9)
    expect(count(svg, /class="peak"/g)).toBe(9)
    expect(svg).toContain('PGA 280.2 gal at 20.14 s')
    expect(svg).toContain('trigger 11.38-20.66 s')
    // All six in the strip of the whole record, the first one again behind the panels.
    expect(count(svg, /class="trigger"/g)).toBe(7)
    expect(svg).toContain('JMA intensity 5.1 (class 5+)')
  })
  test('a record with a gap, a still one and one of two samples are drawn too', () => {
    const broken = Float64Array.from({ length: 2000 }, (_, k) => Math.sin(k / 7))
    broken.fill(Number.NaN, 500, 600)
    const gap = plotGroundMotion(analyzeWaveform(waveform({ ns: broken, ud: broken }), ['x'], optionsOf()))
    selfContained(gap)
    expect(count(gap, /class="gap"/g)).toBe(2)
    expect(gap).toContain('not computed: the record has gaps')
    for (const samples of [new Float64Array(500), Float64Array.of(1, -1)])
      selfContained(plotGroundMotion(analyzeWaveform(waveform({ ns: samples }), ['x'], optionsOf())))
  })
})

describe('hydrograph', () => {
  const args = ['--level', 'two=2ft', '--level', 'four <&"=4ft', '--level', 'never=9ft', '--deadband', '0.2ft']
  const svg = plotWater(waterOf([DEAD_RUN], args))
  test('is self-contained, whatever the names hold', () => {
    selfContained(svg)
    expect(svg).toContain('four &lt;&amp;&quot;')
  })
  test('levels with value and unit, an episode bar each, the peak', () => {
    expect(count(svg, /class="episode"/g)).toBe(6)
    expect(svg).toContain('>0.61 m (2 ft)<')
    expect(svg).toContain('never: never reached')
    expect(svg).toContain('peak 1.88 m, 2018-06-03T22:05:00Z')
    expect(svg).toContain('>Stage  [m]<')
    expect(svg).toContain('flags: all good')
  })
  test('failed, suspect and missing values are marked, and the line is broken where rows are not there', () => {
    const values = [1, 1.1, 1.2, 2.4, 1.2, Number.NaN, Number.NaN, 1.1, 1000, 1.1, 1.1]
    const marked = plotWater(analyzeSeries(stage(values), ['x'], optionsOf('--level', 'a=2m')))
    selfContained(marked)
    expect(count(marked, /class="fail"/g)).toBe(1)
    expect(marked).toContain('1000.00 m, failed')
    expect(count(marked, /class="suspect"/g)).toBeGreaterThan(0)
    expect(count(marked, /class="flag-9"/g)).toBe(1)
    expect(/class="stage" [^>]*|<path [^>]*class="stage"[^>]*/.exec(marked)).not.toBeNull()
    selfContained(plotWater(analyzeSeries(stage([1]), ['x'], optionsOf())))
  })
})

describe('traces and ticks', () => {
  test('no peak is lost where samples are denser than pixels; gaps stay open', () => {
    const x = new Float64Array(10_000)
    x[7777] = 5
    x.fill(Number.NaN, 3000, 3100)
    const d = tracePath(
      x,
      (k) => k / 100,
      (v) => -v,
    )
    expect(d).toContain('77.77 -5')
    expect(count(d, /M/g)).toBe(2)
    expect(count(d, /[ML]/g)).toBeLessThan(450)
    expect(runsOf(6, (k) => k === 1 || k > 3)).toEqual([
      [1, 1],
      [4, 5],
    ])
  })
  test('ticks are round and inside', () => {
    expect(linearTicks(0, 300, 10)).toEqual([0, 50, 100, 150, 200, 250, 300])
    expect(linearTicks(-1.3, 0.9, 4)).toEqual([-1, 0])
    expect(linearTicks(2, 2, 4)).toEqual([2])
    expect([niceStep(0.03), niceStep(5.1), niceStep(100), niceFloor(238), niceFloor(8.4), niceFloor(0.1)]).toEqual([
      0.05, 10, 100, 200, 5, 0.1,
    ])
    expect(
      logTicks(0.02, 10)
        .filter((t) => t.major)
        .map((t) => t.value),
    ).toEqual([0.1, 1, 10])
    expect(timeTicks(0, 86_400 * 2, 9).map((t) => t.label)).toEqual([
      '1970-01-01',
      '06:00',
      '12:00',
      '18:00',
      '1970-01-02',
      '06:00',
      '12:00',
      '18:00',
      '1970-01-03',
    ])
    expect(linear(1, 1, 0, 10)(1)).toBe(5)
  })
  test('text is escaped, and characters that XML forbids are replaced', () => {
    expect(escaped('<a & "b">\u0007')).toBe('&lt;a &amp; &quot;b&quot;&gt;\ufffd')
  })
})
