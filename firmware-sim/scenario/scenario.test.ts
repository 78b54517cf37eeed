import { describe, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { M_PER_FT, M_S2_PER_GAL } from '../../domain/units.ts'
import { loadRecording } from '../../recordings/load.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { peakGroundAcceleration_m_s2 } from '../physics/site-ground.ts'
import { peakOf } from '../physics/whole-record.ts'
import { applied, appliedText, realGaugeSite, running, streetSite, testSite } from './scenario.fixture.ts'

const site = testSite()
const head = 'name: mine\ndescription: Mine.\nduration_s: 100\n'
type Applied = Awaited<ReturnType<typeof applied>>
const waveOf = async (a: Applied, id: string) => (await a.loadRecording(`scenario-${id}`)) as Waveform
const stagesOf = async (a: Applied, id: string) => ((await a.loadRecording(`scenario-${id}`)) as Series).values
const peaks = (wave: Waveform) => wave.axes.map((a) => peakOf(a.samples))
/** Levels of the site; a limit such as the example site has. */
const [ACTION_M, MAJOR_M] = [2 * M_PER_FT, 6 * M_PER_FT]
const SHAKING_M_S2 = 25 * M_S2_PER_GAL

describe('quiet', async () => {
  const quiet = await applied('quiet', site)

  test('reaches no limit of the site on any device', async () => {
    for (const id of ['tower-a-ground', 'tower-a-roof'])
      expect(Math.max(...peaks(await waveOf(quiet, id)))).toBeLessThan(SHAKING_M_S2 / 5)
    const stages = await stagesOf(quiet, 'dead-run')
    expect(Math.max(...stages)).toBeLessThan(ACTION_M / 2)
    expect(Math.max(...stages) - Math.min(...stages)).toBeLessThanOrEqual(0.0021)
  })

  test('is not dead: every axis moves, and the two floors differ', async () => {
    const [ground, roof] = [await waveOf(quiet, 'tower-a-ground'), await waveOf(quiet, 'tower-a-roof')]
    for (const peak of [...peaks(ground), ...peaks(roof)]) expect(peak).toBeGreaterThan(0.0005)
    expect(roof.axes[0]!.samples).not.toEqual(ground.axes[0]!.samples)
  })

  test('changes what simulated devices play and nothing else of the site', () => {
    const plain = (s: typeof site) =>
      JSON.stringify(s.file, (key, value) => (key === 'simulated' ? undefined : (value as unknown)))
    expect(plain(quiet.site)).toBe(plain(site))
    expect(quiet.site.hash).toBe(site.hash)
    expect(site.file.nodes[0]!.links[0]!.devices[0]!.simulated!.play.recording).toBe('jma-yonago-2000')
  })
})

describe('earthquakes', () => {
  test('shake the ground at the peak of their magnitude and distance, and the roof more', async () => {
    const quake = await applied('earthquake', site)
    const [ground, roof] = [await waveOf(quake, 'tower-a-ground'), await waveOf(quake, 'tower-a-roof')]
    const expected = peakGroundAcceleration_m_s2(6.2, 15)
    const horizontal = Math.max(...peaks(ground).slice(0, 2))
    // The street's own motion of 0.0005 m/s² RMS is on top.
    expect(Math.abs(horizontal - expected)).toBeLessThan(0.004)
    expect(Math.max(...peaks(roof).slice(0, 2))).toBeGreaterThan(horizontal)
    const calm = ground.axes[0]!.samples.subarray(0, 6000)
    expect(peakOf(calm.slice())).toBeLessThan(0.004)
  })

  test('follow one another, each weaker than the main shock', async () => {
    const ground = await waveOf(await applied('aftershocks', site), 'tower-a-ground')
    const peakIn = (from_s: number, to_s: number) =>
      Math.max(...ground.axes.slice(0, 2).map((a) => peakOf(a.samples.slice(from_s * 100, to_s * 100))))
    const shocks = [60, 140, 210, 320, 500, 740].map((at_s) => peakIn(at_s, at_s + 40))
    for (const shock of shocks.slice(1)) expect(shock).toBeLessThan(shocks[0]! / 1.5)
    for (const shock of shocks) expect(shock).toBeGreaterThan(0.1)
    expect(peakIn(400, 499)).toBeLessThan(0.01)
  })

  test('of one structure leave the street still', async () => {
    const other = streetSite()
    const a = await appliedText(
      `${head}timeline:\n  - { at_s: 1, structure: tower-a, earthquake: { magnitude: 6, distance_km: 10 } }\n`,
      other,
    )
    expect(Math.max(...peaks(await waveOf(a, 'tower-a-ground')))).toBeLessThan(0.004)
  })

  test('a record is played sample for sample where the ground is otherwise still', async () => {
    const a = await appliedText(
      `${head}duration_s: 400\nambient_m_s2: 0\ntimeline:\n  - { at_s: 10, device: tower-a-ground, play: { recording: jma-yonago-2000, scale_pga_m_s2: 1 } }\n`.replace(
        'duration_s: 100\n',
        '',
      ),
      site,
    )
    const [shown, record] = [await waveOf(a, 'tower-a-ground'), (await loadRecording('jma-yonago-2000')) as Waveform]
    const ns = record.axes.find((x) => x.axis === 'ns')!.samples
    const ew = record.axes.find((x) => x.axis === 'ew')!.samples
    const gain = 1 / Math.max(peakOf(ns), peakOf(ew))
    expect(shown.axes[0]!.samples.subarray(1000, 1000 + ns.length)).toEqual(ns.map((x) => x * gain))
    expect(peakOf(shown.axes[0]!.samples.slice(0, 1000))).toBe(0)
  })
})

describe('floods', () => {
  test.each(['flash-flood', 'typhoon-flood'])('%s rises through every named level and falls again', async (name) => {
    const stages = await stagesOf(await applied(name, site), 'dead-run')
    expect(stages[0]).toBeLessThan(ACTION_M)
    expect(Math.max(...stages)).toBeCloseTo(MAJOR_M * 1.15, 2)
    expect(stages.at(-1)).toBeLessThan(ACTION_M)
  })

  test('come to the gauge down the river later, by the lag', async () => {
    const a = await applied('flash-flood', site)
    const [upper, lower] = [await stagesOf(a, 'dead-run'), await stagesOf(a, 'mill')]
    const crestAt = (s: Float64Array) => s.indexOf(Math.max(...s))
    // Half an hour at 180 device seconds a second: 10 s, and the flood lengthens on its way.
    const later_s = crestAt(lower) - crestAt(upper)
    expect(later_s).toBeGreaterThanOrEqual(8)
    expect(later_s).toBeLessThan(25)
  })

  test('of a typhoon crest twice, the second time higher', async () => {
    const stages = await stagesOf(await applied('typhoon-flood', site), 'dead-run')
    const crest = stages.indexOf(Math.max(...stages))
    const first = Math.max(...stages.subarray(0, 200))
    const trough = Math.min(...stages.subarray(stages.indexOf(first), crest))
    expect(crest).toBeGreaterThan(200)
    expect(trough).toBeLessThan(first - 0.1)
    expect(first).toBeLessThan(stages[crest]!)
  })
})

/** IEEE 754 single, high word first, as the register map of the gauge says. */
function floatOf(words: Uint16Array): number {
  const view = new DataView(new ArrayBuffer(4))
  for (const [k, word] of words.entries()) view.setUint16(2 * k, word)
  return view.getFloat32(0)
}

describe('failing sensors', async () => {
  const [calm, failing] = [
    await applied('quiet', site, 7).then((a) => stagesOf(a, 'dead-run')),
    await applied('failing-sensors', site),
  ]

  test('stuck, spike and drift are in the values, at their times and on one device', async () => {
    const stages = await stagesOf(failing, 'dead-run')
    expect(stages[150]! - stages[149]!).toBeCloseTo(4, 6)
    expect(stages[151]).toBe(stages[149])
    expect(stages[239]! - calm[239]!).toBeCloseTo(0.5, 2)
    expect(stages[240]! - calm[240]!).toBeCloseTo(0, 6)
    const [ns] = (await waveOf(failing, 'tower-a-ground')).axes
    expect(new Set(ns!.samples.subarray(3000, 9000)).size).toBe(1)
    expect(new Set(ns!.samples.subarray(0, 3000)).size).toBeGreaterThan(1000)
    expect(peakOf(ns!.samples)).toBeCloseTo(8, 1)
    expect(peaks(await waveOf(failing, 'tower-a-roof'))[0]).toBeLessThan(0.05)
    expect(await stagesOf(failing, 'mill')).not.toContain(stages[150])
  })

  test('faults come and go on the running devices by the clock, round after round', async () => {
    const { clock, service } = await running(failing)
    const faultAt = async (s: number) => {
      await clock.advance(BigInt(Math.round(s * 1e9)) - clock.monotonic())
      return [service.gauge('dead-run').fault, service.accelerometer('tower-a-ground').fault]
    }
    for (const round of [0, 600]) {
      expect(await faultAt(round + 269)).toEqual(['none', 'none'])
      expect(await faultAt(round + 271)).toEqual(['hang', 'none'])
      expect(await faultAt(round + 301)).toEqual(['none', 'none'])
      expect(await faultAt(round + 321)).toEqual(['invalid-code', 'none'])
      expect(await faultAt(round + 371)).toEqual(['none', 'status'])
      expect(await faultAt(round + 421)).toEqual(['none', 'wrong-crc'])
      expect(await faultAt(round + 461)).toEqual([{ exception: 4 }, 'none'])
      expect(await faultAt(round + 501)).toEqual([{ delay_ms: 400 }, 'none'])
      expect(service.gauge('mill').fault).toBe('none')
    }
    const gauge = service.gauge('dead-run')
    await service.stop()
    expect(gauge.fault).toBe('none')
    await clock.advance(700n * NS_PER_S)
    expect(gauge.fault).toBe('none')
  })

  test('a restart is a new boot, once in a scenario that does not loop', async () => {
    const a = await appliedText(
      `${head}loop: false\ntimeline:\n  - { at_s: 20, device: tower-a-roof, restart: {} }\n`,
      site,
    )
    const { clock, service } = await running(a)
    const boots = new Set<number>()
    for (const to of [19, 21, 119, 121, 250]) {
      await clock.advance(BigInt(to) * NS_PER_S - clock.monotonic())
      boots.add(service.accelerometer('tower-a-roof').boot.id)
    }
    expect(boots.size).toBe(2)
    await service.stop()
  })

  test('wrong word order is another value altogether while it lasts, and the right one after it', async () => {
    const { clock, service } = await running(failing)
    const stage = async (s: number) => {
      await clock.advance(BigInt(s) * NS_PER_S - clock.monotonic())
      return floatOf((await service.link('river-station').readRegisters(1, 'input', 2, 2)).registers)
    }
    const right = await stage(545)
    expect(right).toBeCloseTo(0.4 * ACTION_M, 1)
    expect(Math.abs((await stage(560)) - right)).toBeGreaterThan(0.1)
    expect(await stage(595)).toBeCloseTo(right, 1)
    await service.stop()
  })

  test('steps for which a site has no device are skipped and named', async () => {
    const dry = realGaugeSite()
    await expect(applied('typhoon-flood', dry)).rejects.toThrow('expected a step for which this site has a device')
    expect((await applied('failing-sensors', dry)).skipped).toContain('timeline[2]: no simulated gauge')
  })
})
