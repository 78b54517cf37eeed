/** Bad wires and lost uplinks, as scenarios bring them about and take them back. */
import { describe, expect, test } from 'vitest'
import { instant, NS_PER_S } from '../../domain/time.ts'
import { M_PER_FT, M_S2_PER_GAL } from '../../domain/units.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { peakOf } from '../physics/whole-record.ts'
import { applied, appliedText, running, testSite } from './scenario.fixture.ts'

const site = testSite()
const head = 'name: mine\ndescription: Mine.\nduration_s: 100\n'
type Applied = Awaited<ReturnType<typeof applied>>
const waveOf = async (a: Applied, id: string) => (await a.loadRecording(`scenario-${id}`)) as Waveform
const stagesOf = async (a: Applied, id: string) => ((await a.loadRecording(`scenario-${id}`)) as Series).values
const ACTION_M = 2 * M_PER_FT
const SHAKING_M_S2 = 25 * M_S2_PER_GAL

describe('wires and uplinks', async () => {
  const wiresAt = (service: Awaited<ReturnType<typeof running>>['service']) =>
    service.control.status().then(({ wires }) => wires.map(({ link, faults }) => [link, faults]))

  test('of bad-network are spoilt one after the other on every link, round after round, and mended at the end', async () => {
    const uplinks: string[] = []
    const { clock, service } = await running(await applied('bad-network', site), uplinks)
    const both = (faults: object) => [
      ['tower-bus', faults],
      ['river-station', faults],
    ]
    const at = async (s: number) => {
      await clock.advance(BigInt(s) * NS_PER_S - clock.monotonic())
      return wiresAt(service)
    }
    for (const round of [0, 600]) {
      expect(await at(round + 39)).toEqual(both({}))
      expect(await at(round + 41)).toEqual(both({ delay: { ms: 50, jitter_ms: 150 } }))
      expect(await at(round + 101)).toEqual(both({ drop: 0.1 }))
      expect(await at(round + 161)).toEqual(both({ truncate: 0.1, way: 'replies' }))
      expect(await at(round + 221)).toEqual(both({ duplicate: 0.2 }))
      expect(await at(round + 281)).toEqual(both({ misnumber: 0.1, way: 'replies' }))
      expect(await at(round + 341)).toEqual(both({ reorder: 0.1 }))
      expect(await at(round + 401)).toEqual(both({ corrupt: 0.05, way: 'requests' }))
      expect(await at(round + 441)).toEqual(both({}))
    }
    await service.stop()
    expect(uplinks).toEqual([
      '460 edge-1 {"delay_ms":250,"bytes_per_s":20000}',
      '520 edge-1 {}',
      '540 edge-1 {"half_open":true}',
      '570 edge-1 {}',
    ])
  })

  test('of long-outage: nothing gets through while the river crests and the ground shakes; a stop mends it at once', async () => {
    const outage = await applied('long-outage', site)
    expect(outage.needsUplink).toBe(true)
    const stages = await stagesOf(outage, 'dead-run')
    const crest_s = stages.indexOf(Math.max(...stages))
    expect(stages[60]).toBeLessThan(ACTION_M)
    expect(crest_s).toBeGreaterThan(90)
    expect(crest_s).toBeLessThan(480)
    const ground = (await waveOf(outage, 'tower-a-ground')).axes[0]!.samples
    expect(peakOf(ground.slice(24_000, 30_000))).toBeGreaterThan(SHAKING_M_S2)
    const uplinks: string[] = []
    const { clock, service } = await running(outage, uplinks)
    await clock.advance(100n * NS_PER_S)
    expect(uplinks).toEqual(['60 edge-1 {"cut":true}'])
    await service.stop()
    expect(uplinks).toEqual(['60 edge-1 {"cut":true}', '100 edge-1 {}'])
  })

  test('a scenario that cuts uplinks is refused where nobody can cut them; others need none', async () => {
    const { faults } = await applied('long-outage', site)
    const target = { setFault: () => {}, restartDevice: () => {}, setWireFaults: () => {} }
    const clock = new SimulatedClock(instant(0n))
    expect(() => faults.start(target, clock, silentLog)).toThrow(
      /^SCENARIO_INVALID: uplink: expected a scenario started/,
    )
    expect((await applied('demo', site)).needsUplink).toBe(false)
  })

  test('one wire is named by its link or by a device on it, and the others stay sound', async () => {
    for (const who of ['link: edge-1/river-station', 'device: mill', 'first: gauge', 'every: gauge']) {
      const a = await appliedText(`${head}timeline:\n  - { at_s: 1, ${who}, wire: { drop: 1, for_s: 5 } }\n`, site)
      const { clock, service } = await running(a)
      await clock.advance(2n * NS_PER_S)
      expect(await wiresAt(service)).toEqual([
        ['tower-bus', {}],
        ['river-station', { drop: 1 }],
      ])
      await service.stop()
    }
  })
})
