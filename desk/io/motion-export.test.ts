import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EventDetailJson } from '../../domain/api-desk.ts'
import type { PointSink, SeriesPoint } from '../../domain/ports.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { endOf, type GroundMotion, onsetOf } from '../ground-motion.ts'
import { at } from '../testing-site.ts'
import { MOTION_FILE, MotionExport } from './motion-export.ts'

/** A store by key; it can be away, or lose its answer after it has taken the points. */
class Sink implements PointSink {
  readonly points = new Map<string, SeriesPoint>()
  writes = 0
  fault: 'away' | 'answer-lost' | undefined
  async write(points: readonly SeriesPoint[]) {
    this.writes++
    if (this.fault === 'away') throw new Error('away')
    for (const point of points) this.points.set(`${JSON.stringify(point.tags)} ${point.t_ns}`, point)
    if (this.fault === 'answer-lost') throw new Error('no answer')
    return []
  }
  async close() {}
}

const shaking = (id: string, onset_s: number, returned_s: number | null, occurrences = 1): GroundMotion => ({
  ...{ id, structure: 'tower', exercise: true, measured: null },
  members: Array.from({ length: occurrences }, (_, i) => ({
    alarm: 'north:roof',
    occurrence: i + 1,
    onset_ns: String(at(onset_s)),
    returned_ns: returned_s === null ? null : String(at(returned_s)),
    peak: 1,
  })),
})
const floor = (id: string, device: string | null, drift_ratio: number | null) => ({
  ...{ floor: id, height_m: 3, device, pga_m_s2: 2.5, pgv_m_s: 0.29, intensity: '5-', drift_ratio },
  ...{ residual_drift_ratio: null, tilt_rad: null, complete: 0.97 },
})
const detailOf = (event: GroundMotion): EventDetailJson => ({
  event: {
    ...{ id: event.id, structure: event.structure, exercise: event.exercise, alarms: [], intensity: '5-' },
    ...{ onset_ns: String(onsetOf(event)), ended_ns: String(endOf(event)), pga_m_s2: 2.5 },
    ...{ channels_expected: 2, channels_complete: 2 },
  },
  floors: [floor('ground', 'base', null), floor('second', null, null), floor('roof', 'roof', 0.0042)],
  frequency_hz: { before: null, during: null, after: null },
  method: '',
})

let folder: string
let sink: Sink
let events: GroundMotion[]
let away: boolean
const running: MotionExport[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motion-'))
  sink = new Sink()
  events = []
  away = false
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
  await rm(folder, { recursive: true })
})
async function start(): Promise<MotionExport> {
  const source = {
    settled: () => events,
    measure: async (event: GroundMotion) => {
      if (away) throw new Error('no waveforms')
      return detailOf(event)
    },
  }
  const one = new MotionExport({ site: 'yard', folder, sink, source, clock: new SystemClock(), log: silentLog })
  running.push(one)
  await one.start()
  return one
}

test('an event that is over is a point for each floor with a sensor, at its onset, in the series of drills', async () => {
  events = [shaking('tower-1', 10, 30)]
  const one = await start()
  await expect.poll(() => one.written).toBe(1)
  const points = [...sink.points.values()]
  expect(points.map(({ tags }) => tags)).toEqual([
    { site: 'yard', structure: 'tower', floor: 'ground', device: 'base' },
    { site: 'yard', structure: 'tower', floor: 'roof', device: 'roof' },
  ])
  expect(
    points.every(({ kind, measurement, t_ns }) => `${kind} ${measurement} ${t_ns}` === `exercise motion ${at(10)}`),
  ).toBe(true)
  const { drift_ratio: none, ...base } = points[0]!.fields
  expect(none).toBeUndefined()
  expect(base).toMatchObject({ event: 'tower-1', exercise: 1n, pga: 2.5, pgv: 0.29, complete: 0.97 })
  expect(points[1]!.fields['drift_ratio']).toBe(0.0042)
})

test('once each, also over a restart; one that a late alarm changed is written over where it stood', async () => {
  events = [shaking('tower-1', 10, 30), shaking('tower-2', 500, 530)]
  const first = await start()
  await expect.poll(() => first.written).toBe(2)
  await first.stop()
  expect(sink.writes).toBe(2)
  // A member that began earlier: the onset of the event moves, its points do not.
  events = [{ ...shaking('tower-1', 5, 30, 2) }, events[1]!]
  const again = await start()
  await expect.poll(() => sink.writes).toBe(3)
  await again.stop()
  expect(sink.points.size).toBe(4)
  const third = await start()
  await third.stop()
  expect(sink.writes).toBe(3)
})

test('killed between the store and the file: written again, none doubled', async () => {
  events = [shaking('tower-1', 10, 30)]
  sink.fault = 'answer-lost'
  const killed = await start()
  await expect.poll(() => sink.writes).toBe(1)
  await killed.stop()
  expect(killed.written).toBe(0)
  sink.fault = undefined
  const again = await start()
  await expect.poll(() => again.written).toBe(1)
  expect(sink.points.size).toBe(2)
})

test('while the store or the waveforms are away nothing is marked as written', async () => {
  events = [shaking('tower-1', 10, 30)]
  sink.fault = 'away'
  const first = await start()
  await expect.poll(() => sink.writes).toBe(1)
  await first.stop()
  sink.fault = undefined
  away = true
  const second = await start()
  await second.stop()
  expect(sink.writes).toBe(1)
  away = false
  const third = await start()
  await expect.poll(() => third.written).toBe(1)
})

test('a file that cannot be read is made anew', async () => {
  events = [shaking('tower-1', 10, 30)]
  await writeFile(join(folder, MOTION_FILE), '{"version":1')
  const one = await start()
  await expect.poll(() => one.written).toBe(1)
  expect(JSON.parse(await readFile(join(folder, MOTION_FILE), 'utf8'))).toMatchObject({ version: 1 })
})
