/** What `npm start` plays, held against the published values of its two records. */
import { describe, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { M_PER_FT, M_S2_PER_GAL } from '../../domain/units.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { peakOf } from '../physics/whole-record.ts'
import { applied, exampleSite, running } from './scenario.fixture.ts'

type Applied = Awaited<ReturnType<typeof applied>>
const waveOf = async (a: Applied, id: string) => (await a.loadRecording(`scenario-${id}`)) as Waveform
const stagesOf = async (a: Applied, id: string) => ((await a.loadRecording(`scenario-${id}`)) as Series).values
const peaks = (wave: Waveform) => wave.axes.map((a) => peakOf(a.samples))
const SHAKING_M_S2 = 25 * M_S2_PER_GAL

describe('the demo', async () => {
  const own = exampleSite()
  const demo = await applied('demo', own)

  test('fits the example site with nothing left out, and runs in six to eight minutes', () => {
    expect(demo.skipped).toEqual([])
    expect(demo.duration_s).toBeGreaterThanOrEqual(360)
    expect(demo.duration_s).toBeLessThanOrEqual(480)
    expect(demo.loop).toBe(true)
  })

  test('is calm for a minute, then rises through every named level as the record did, and falls again', async () => {
    const stages = await stagesOf(demo, 'dead-run')
    const levels_m = own.file.waters[0]!.levels.map((level) => level.stage * M_PER_FT)
    expect(Math.max(...stages.subarray(0, 61))).toBeLessThan(Math.min(...levels_m) / 2)
    // The record of that night peaks at 6.17 ft (README of the record).
    expect(Math.max(...stages)).toBeCloseTo(6.17 * M_PER_FT, 2)
    for (const level of levels_m) expect(Math.max(...stages)).toBeGreaterThan(level)
    expect(stages.at(-1)).toBeLessThan(Math.min(...levels_m))
  })

  test('shakes the tower as Yonago was shaken, each of four floors in its own way, above every limit', async () => {
    const floors = ['ground', 'floor-5', 'floor-8', 'roof']
    const waves = await Promise.all(floors.map((id) => waveOf(demo, `tower-a-${id}`)))
    // JMA Yonago: NS 280.24, EW 219.15, UD 144.46 gal.
    const [ground] = waves.map(peaks)
    for (const [axis, gal] of [280.24, 219.15, 144.46].entries())
      expect(Math.abs(ground![axis]! / M_S2_PER_GAL - gal)).toBeLessThan(0.5)
    expect(new Set(waves.map((wave) => peaks(wave)[0]!.toFixed(3))).size).toBe(4)
    expect(Math.max(...peaks(waves[3]!))).toBeGreaterThan(250 * M_S2_PER_GAL)
    for (const wave of waves) expect(peakOf(wave.axes[0]!.samples.slice(0, 27_000))).toBeLessThan(SHAKING_M_S2 / 5)
  })

  test('lets the gauge fail and come back', async () => {
    const { clock, service } = await running(demo)
    const faultAt = async (s: number) => {
      await clock.advance(BigInt(s) * NS_PER_S - clock.monotonic())
      return service.gauge('dead-run').fault
    }
    expect([await faultAt(389), await faultAt(391), await faultAt(419), await faultAt(421)]).toEqual([
      'none',
      'hang',
      'hang',
      'none',
    ])
    expect(await faultAt(811)).toBe('hang')
    await service.stop()
  })
})
