/** Ground-motion events: which alarms are one, and what the structure did, on the record that the demo site plays. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlarmJson } from '../domain/alarm.ts'
import type { Site } from '../domain/channel.ts'
import type { SeriesReader, StoredBlock } from '../domain/ports.ts'
import { addNs, instant, NS_PER_S } from '../domain/time.ts'
import { loadRecording } from '../recordings/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { floorMeasures, floorParts, frequencies } from './event-measures.ts'
import { floorRecord } from './floor-record.ts'
import { endOf, type GroundMotion, heard, isMeasureDue, onsetOf, structureShaken } from './ground-motion.ts'
import { EventDesk } from './io/event-desk.ts'
import { EventMeasurer } from './io/event-measurer.ts'
import { StoreWatch } from './io/store-watch.ts'
import { at, testSite } from './testing-site.ts'

const RATE_HZ = 100
/** One step of a 16-bit sensor of ±2 g, as the demo site's. */
const STEP_M_S2 = (2 * 9.80665) / 32_768
const T0 = at(0)
const seconds = (s: number) => addNs(T0, BigInt(Math.round(s * 1e9)))

/** The accelerometer of the test site stands on the top floor of a tower of 30 m. */
function towerSite(): Site {
  const site = structuredClone(testSite().file)
  site.structures = [
    { id: 'tower', name: 'Tower', kind: 'building', floors: [{ id: 'top', name: 'Top', height_m: 30 }] },
  ] as typeof site.structures
  for (const link of site.nodes[0]!.links) for (const d of link.devices) if (d.id === 'roof') d.floor = 'tower/top'
  return { ...testSite(), file: site }
}
const SITE = towerSite()

const alarm = (occurrence: number, onset_s: number, returned_s?: number, more: Partial<AlarmJson> = {}): AlarmJson =>
  ({
    id: 'north:roof-shaking',
    channel: 'roof/pga',
    unit: 'm/s²',
    kind: 'above',
    occurrence,
    onset_ns: String(seconds(onset_s)),
    returned_ns: returned_s === undefined ? null : String(seconds(returned_s)),
    peak: 2.8,
    late: [],
    exercise: true,
    ...more,
  }) as AlarmJson

describe('which alarms are one event', () => {
  test('those of one structure within half a minute; water, another structure and a drill beside are not', () => {
    expect(structureShaken(SITE, alarm(1, 0))).toBe('tower')
    expect(structureShaken(SITE, alarm(1, 0, 1, { channel: 'creek/stage', unit: 'm' }))).toBeUndefined()
    expect(structureShaken(testSite(), alarm(1, 0)), 'a device on no floor').toBeUndefined()
    let events: readonly GroundMotion[] = heard([], 'tower', alarm(1, 0))
    events = heard(events, 'tower', alarm(1, 3, 40, { id: 'north:fifth-shaking' }))
    expect(endOf(events[0]!), 'one floor still shakes').toBeUndefined()
    events = heard(events, 'tower', alarm(1, 0, 30))
    events = heard(events, 'tower', alarm(2, 65, 70))
    expect(events).toHaveLength(1)
    expect([onsetOf(events[0]!), endOf(events[0]!)]).toEqual([seconds(0), seconds(70)])
    events = heard(events, 'annex', alarm(1, 5, 6, { id: 'north:annex' }))
    events = heard(events, 'tower', alarm(1, 5, 6, { id: 'north:drill', exercise: false }))
    events = heard(events, 'tower', alarm(3, 101, 102))
    expect(events.map(({ id }) => id)).toEqual([
      'tower-20180603t060141z',
      'tower-20180603t060005z',
      'annex-20180603t060005z',
      'tower-20180603t060000z',
    ])
  })

  test('what came unseen is an event as well; hearing it again changes nothing', () => {
    const late = { occurrence: 1, onset_ns: String(seconds(0)), returned_ns: String(seconds(9)), learned_ns: '1' }
    const events = heard([], 'tower', alarm(2, 500, 501, { late: [late] }))
    expect(events).toHaveLength(2)
    expect(heard(events, 'tower', alarm(2, 500, 501, { late: [late] }))).toBe(events)
  })

  test('in whatever order alarms are heard, every occurrence is in exactly one event', () => {
    const one = fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      from: fc.integer({ min: 0, max: 400 }),
      long: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ n }) => n, maxLength: 6 }), (told) => {
        const events = told.reduce<readonly GroundMotion[]>(
          (known, { n, from, long }) => heard(known, 'tower', alarm(n, from, from + long)),
          [],
        )
        expect(events.flatMap((e) => e.members.map((m) => m.occurrence)).sort()).toEqual(told.map(({ n }) => n).sort())
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
      }),
    )
  })
})

/** Quiet before the record begins: the earthquake comes 19 s into it. */
const QUIET_S = 60
/** A record as the demo's sensor gives it, in blocks of one second, after a quiet minute from T0 on. */
async function yonagoBlocks(without: (second: number) => boolean = () => false): Promise<StoredBlock[]> {
  const record = await loadRecording('jma-yonago-2000')
  if (record.kind !== 'waveform') throw new Error('expected a waveform')
  const counts = record.axes.map(({ samples }) => Int16Array.from(samples, (value) => Math.round(value / STEP_M_S2)))
  const blocks: StoredBlock[] = []
  for (let second = 0; second < 360; second++) {
    if (without(second)) continue
    const first = (second - QUIET_S) * RATE_HZ
    blocks.push({
      ...{ device: 'roof', group: 'acceleration', boot_id: 7, first_counter: second * RATE_HZ, half_width_ns: 0n },
      ...{ t0_ns: seconds(second), sample_rate_hz: RATE_HZ, scale: STEP_M_S2, unit: 'm/s²', exercise: true },
      axes: ['x', 'y', 'z'].map((axis, i) => ({
        axis,
        samples: first < 0 ? new Int16Array(RATE_HZ) : counts[i]!.slice(first, first + RATE_HZ),
      })),
    })
  }
  return blocks
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'desk-events-'))
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 10 }))

async function eventDesk(blocks: readonly StoredBlock[], now_s = 400) {
  const clock = new SimulatedClock(seconds(now_s))
  let asked = 0
  const series = {
    blocks: async (_: string, __: string, from: bigint, to: bigint) => {
      asked++
      return blocks.filter(({ t0_ns }) => t0_ns + NS_PER_S > from && t0_ns < to)
    },
    close: async () => {},
  } as unknown as SeriesReader
  const store = new StoreWatch({ series, clock, log: silentLog, onLatest: () => {} })
  const desk = new EventDesk({ folder, site: () => SITE, store, clock, log: silentLog })
  await desk.load()
  return { desk, asked: () => asked, clock, store }
}

describe('what the structure did', () => {
  test('Yonago 2000 as JMA and CWA publish it: PGA 285.20 gal, class 5-, PGV 29.3 cm/s', async () => {
    const { desk, asked } = await eventDesk(await yonagoBlocks())
    desk.heard(alarm(1, 79, 140))
    const [listed] = desk.list({}, 10)
    expect(listed).toMatchObject({ structure: 'tower', pga_m_s2: 2.8, channels_expected: 1, exercise: true })
    const detail = await desk.measure(desk.get(listed!.id)!)
    const [floor] = detail.floors
    // Quantised, and about the mean of what is stored, not of the whole record: a few tenths of a gal.
    expect(Math.abs(floor!.pga_m_s2! * 100 - 285.2)).toBeLessThan(0.5)
    expect(floor!.intensity).toBe('5-')
    expect(Math.abs(floor!.pgv_m_s! * 100 - 29.3)).toBeLessThan(0.3)
    expect(floor).toMatchObject({
      floor: 'top',
      device: 'roof',
      complete: 1,
      drift_ratio: null,
      residual_drift_ratio: null,
    })
    expect(detail.event).toMatchObject({ channels_complete: 1, intensity: '5-', alarms: ['north:roof-shaking'] })
    expect(desk.settled().map(({ id }) => id)).toEqual([listed!.id])
    const before = asked()
    await desk.measure(desk.get(listed!.id)!)
    expect(asked(), 'measured once for all').toBe(before)
    await desk.close()
    const again = await eventDesk([])
    expect(again.desk.list({}, 10)[0], 'after a restart').toMatchObject({ intensity: '5-' })
    expect(await again.desk.measure(again.desk.get(listed!.id)!)).toEqual(detail)
    again.desk.heard(alarm(2, 330, 339))
    expect(again.desk.settled(), 'its waveforms may still be on their way').toHaveLength(1)
    await again.desk.close()
  })

  test('it is measured once it is over, though nobody opens it; again when waveforms have come late', async () => {
    const whole = await yonagoBlocks()
    const come = whole.filter((_, second) => second < 100)
    // The event ends at 140 s; 130 s later its waveforms should have come.
    const { desk, clock, store, asked } = await eventDesk(come, 260)
    const measurer = new EventMeasurer({ events: desk, storeAway: () => undefined, clock, log: silentLog })
    measurer.start()
    desk.heard(alarm(1, 79))
    expect(desk.shaking).toBe(true)
    await clock.advance(60n * NS_PER_S)
    expect(asked(), 'it shakes').toBe(0)
    desk.heard(alarm(1, 79, 140))
    await clock.advance(15n * NS_PER_S)
    expect(desk.list({}, 1)[0]).toMatchObject({ channels_complete: 0, ended_ns: String(seconds(140)) })
    expect(asked()).toBe(1)
    // An outage ends; it was measured 195 s after the end, and is again after four times that.
    come.push(...whole.slice(100))
    await clock.advance(570n * NS_PER_S)
    expect(asked()).toBe(1)
    await clock.advance(30n * NS_PER_S)
    expect(desk.list({}, 1)[0]).toMatchObject({ channels_complete: 1, intensity: '5-' })
    await clock.advance(86_400n * NS_PER_S)
    expect(asked(), 'whole').toBe(2)
    await measurer.stop()
    await desk.close()

    // A restart measures nothing again.
    const restarted = new EventDesk({ folder, site: () => SITE, store, clock, log: silentLog })
    await restarted.load()
    expect(restarted.due()).toEqual([])
    expect(restarted.list({}, 1)[0]).toMatchObject({ intensity: '5-' })
    // What was kept before anybody wrote down when is left as it is.
    const [event] = heard([], 'tower', alarm(1, 0, 1)) as [GroundMotion]
    const incomplete = { event: { channels_complete: 0, channels_expected: 1 } } as NonNullable<
      GroundMotion['measured']
    >
    const day = 86_400n * NS_PER_S
    expect(isMeasureDue({ ...event, measured: incomplete }, T0, T0 + day)).toBe(false)
    const waited = (ns: bigint) => ({ ...event, measured: incomplete, measured_ns: String(T0 + ns) })
    expect(isMeasureDue(waited(day), T0, T0 + 4n * day)).toBe(true)
    expect(isMeasureDue(waited(7n * day), T0, T0 + 40n * day), 'a week is enough').toBe(false)
  })

  test('a hole is told, and with too many nothing is measured', async () => {
    const hole = await eventDesk(await yonagoBlocks((second) => second >= 150 && second < 170))
    hole.desk.heard(alarm(1, 79, 140))
    const [listed] = hole.desk.list({}, 1)
    expect((await hole.desk.measure(hole.desk.get(listed!.id)!)).floors[0]!.complete).toBeCloseTo(1 - 20 / 201, 3)
    const gone = await eventDesk(await yonagoBlocks((second) => second % 4 !== 0))
    gone.desk.heard(alarm(2, 170, 200))
    const [other] = gone.desk.list({}, 1)
    expect((await gone.desk.measure(gone.desk.get(other!.id)!)).floors[0]).toMatchObject({
      pga_m_s2: null,
      intensity: null,
    })
    await hole.desk.close()
    await gone.desk.close()
  })

  test('while it shakes it is measured as far as it has come, also where the line has only just begun', async () => {
    const now_s = 110
    const soon = await eventDesk(await yonagoBlocks((second) => second >= now_s), now_s)
    soon.desk.heard(alarm(1, 79))
    const [listed] = soon.desk.list({}, 1)
    const { event, floors } = await soon.desk.measure(soon.desk.get(listed!.id)!)
    expect(event).toMatchObject({ ended_ns: null, channels_complete: 1, intensity: '5-' })
    expect(floors[0]).toMatchObject({ complete: 1 })
    expect(Math.abs(floors[0]!.pga_m_s2! * 100 - 285.2)).toBeLessThan(0.5)
    const begun = await eventDesk(await yonagoBlocks((second) => second < 70 || second >= now_s), now_s)
    begun.desk.heard(alarm(1, 79))
    const short = (await begun.desk.measure(begun.desk.get(begun.desk.list({}, 1)[0]!.id)!)).floors[0]!
    expect(Math.abs(short.pga_m_s2! * 100 - 285.2)).toBeLessThan(0.5)
    // 37 of the 98 s that are asked for so far.
    expect(short.complete).toBeCloseTo(37 / 98, 2)
    await soon.desk.close()
    await begun.desk.close()
  })

  /** Two floors 3 m apart; the upper one swings 6 mm against the lower at 1 Hz for 60 s. */
  test('drift is the difference of the floors over their height: 6 mm over 3 m is 0.2 %', () => {
    const n = 200 * RATE_HZ
    const swing = (amplitude_m: number, gravity = 0): StoredBlock => {
      const w = 2 * Math.PI
      const scale = 1e-4
      const a = Array.from({ length: n }, (_, i) => {
        const t = i / RATE_HZ
        const window = t > 70 && t < 130 ? Math.sin((Math.PI * (t - 70)) / 60) ** 2 : 0
        return Math.round((-amplitude_m * w * w * window * Math.sin(w * t)) / scale)
      })
      const zero = Int32Array.from({ length: n }, () => Math.round(gravity / scale))
      const axes = [Int32Array.from(a), Int32Array.from({ length: n }, () => 0), zero]
      return {
        ...{ device: 'd', group: 'acceleration', boot_id: 1, first_counter: 0, half_width_ns: 0n, t0_ns: T0 },
        ...{ sample_rate_hz: RATE_HZ, scale, unit: 'm/s²', exercise: false },
        axes: ['x', 'y', 'z'].map((axis, i) => ({ axis, samples: axes[i]! })),
      }
    }
    const record = (amplitude_m: number, gravity?: number) =>
      floorRecord([swing(amplitude_m, gravity)], T0, seconds(200))
    const lower = { id: 'one', height_m: 4, device: 'd', record: record(0) }
    const upper = { id: 'two', height_m: 7, device: 'd', record: record(0.006) }
    expect(Math.abs(floorMeasures(upper, lower).drift_ratio! / 0.002 - 1)).toBeLessThan(0.01)
    expect(floorMeasures(upper, undefined).drift_ratio).toBeNull()
    // Alarms go first between the parts: each integration is one.
    expect([...floorParts(upper, lower)].length).toBeGreaterThanOrEqual(5)
    const felt = { ...upper, record: record(0.006, 9.80665) }
    expect(floorMeasures(felt, lower).tilt_rad, 'gravity stays where it was').toBeCloseTo(0, 6)
    expect(floorMeasures(upper, lower).tilt_rad, 'a sensor that feels no gravity').toBeNull()
    const { before, during, after } = frequencies(upper.record, 70 * RATE_HZ, 130 * RATE_HZ)
    expect(during).toBeCloseTo(1, 1)
    expect([before, after], 'nothing moves').toEqual([null, null])
  })
})

test('samples lie by their instants, wherever their blocks begin; what lies outside is left out', async () => {
  const blocks = (await yonagoBlocks()).filter(({ t0_ns }) => t0_ns >= seconds(80))
  const record = floorRecord(blocks, instant(seconds(75)), seconds(85))!
  expect(record.complete).toBeCloseTo(0.5, 6)
  const x = record.axes.get('x')!
  expect([...x.slice(0, 500)].every((value) => value === 0)).toBe(true)
  const mean = record.means.get('x')!
  expect(x[500]! + mean).toBeCloseTo(blocks[0]!.axes[0]!.samples[0]! * STEP_M_S2, 9)
  expect(floorRecord([], T0, seconds(1))).toBeUndefined()
})
