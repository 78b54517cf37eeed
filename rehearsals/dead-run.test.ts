/** The whole Dead Run record through simulator registers, decode and conditions on the simulated clock, polled every 60 s. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ConditionRecord } from '../domain/condition.ts'
import { fromIso, type Instant, secondsBetween, toIso } from '../domain/time.ts'
import { Acquisition } from '../edge/acquisition.ts'
import type { Recorder } from '../edge/ports.ts'
import { SimulatorService } from '../firmware-sim/service.ts'
import { loadRecording } from '../recordings/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { siteOf } from './site.ts'

const POLL_S = 60
const DEADBAND_FT = 0.2
/** 100 levels from 0.6 to 6.1 ft, beside the two that the record's README publishes. */
const SWEEP_FT = Array.from({ length: 100 }, (_, i) => Math.round((0.6 + (i * 5.5) / 99) * 100) / 100)
const LEVELS_FT = [2, 4, ...SWEEP_FT]

/** Episodes published in recordings/usgs-dead-run-2018/README.md. */
const PUBLISHED: Record<number, Array<[raised: string, cleared: string]>> = {
  2: [
    ['2018-06-03T18:10', '2018-06-04T02:30'],
    ['2018-06-10T22:00', '2018-06-10T23:00'],
    ['2018-06-11T08:05', '2018-06-11T12:20'],
  ],
  4: [
    ['2018-06-03T19:45', '2018-06-03T20:05'],
    ['2018-06-03T21:30', '2018-06-03T23:05'],
    ['2018-06-11T09:40', '2018-06-11T11:05'],
  ],
}

type Row = { at: Instant; hundredths_ft: number }
const csv = join(import.meta.dirname, '..', 'recordings', 'usgs-dead-run-2018', 'usgs_01589330_deadrun_2018-06.csv')
const rows: Row[] = readFileSync(csv, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [time, stage] = line.split(',')
    return { at: fromIso(time!)!, hundredths_ft: Math.round(Number(stage) * 100) }
  })

/** Episodes of the record itself, in whole hundredths of a foot: raise h >= T, clear h < T - deadband. */
function episodesOfRecord(level_ft: number): Array<{ raised: Instant; cleared: Instant | undefined }> {
  const [raise, clear] = [Math.round(level_ft * 100), Math.round((level_ft - DEADBAND_FT) * 100)]
  const out: Array<{ raised: Instant; cleared: Instant | undefined }> = []
  let open = false
  for (const { at, hundredths_ft } of rows) {
    if (!open && hundredths_ft >= raise) out.push({ raised: at, cleared: undefined })
    if (open && hundredths_ft < clear) out.at(-1)!.cleared = at
    open = open ? hundredths_ft >= clear : hundredths_ft >= raise
  }
  return out
}

const records: ConditionRecord[] = []

beforeAll(async () => {
  const clock = new SimulatedClock(rows[0]!.at)
  const site = await siteOf({
    site: 'dead-run',
    name: 'Dead Run',
    nodes: [
      {
        id: 'n1',
        name: 'Node',
        links: [
          {
            id: 'river',
            tcp: { port: 1 },
            devices: [
              {
                id: 'dead-run',
                name: 'Gauge',
                model: 'sim-stage-gauge',
                poll_ms: POLL_S * 1000,
                simulated: { play: { recording: 'usgs-dead-run-2018' } },
              },
            ],
          },
        ],
      },
    ],
    limits: LEVELS_FT.map((level, i) => ({
      id: `l${i}`,
      name: `${level} ft`,
      channel: 'dead-run/stage',
      above: level,
      unit: 'ft',
      deadband: DEADBAND_FT,
    })),
  })
  const simulator = new SimulatorService({ site, clock, log: silentLog, loadRecording, listen: false })
  await simulator.start()
  const recorder: Recorder = {
    readings: () => {},
    block: () => {},
    blockGap: () => {},
    condition: (record) => records.push(record),
    lastCondition: () => undefined,
    cleanStart: true,
  }
  const acquisition = new Acquisition({
    site,
    node: site.file.nodes[0]!,
    clock,
    log: silentLog,
    openLink: (link) => simulator.link(link.id),
    recorder,
    life: {
      online: () => {},
      offline: (device, reason) => {
        throw new Error(`${device} went offline: ${reason}`)
      },
    },
    state: { get: () => undefined, set: () => {} },
  })
  acquisition.start()
  await clock.advance(rows.at(-1)!.at - rows[0]!.at + 120_000_000_000n)
  await acquisition.stop()
  await simulator.stop()
}, 120_000)

const episodesOf = (i: number) => {
  const of = records.filter((record) => record.limit_id === `l${i}`)
  return of
    .filter((r) => r.state)
    .map((r) => ({
      raised: r.onset_ns!,
      cleared: of.find((o) => !o.state && o.occurrence === r.occurrence)?.returned_ns ?? undefined,
    }))
}

/** A polled value is seen at most one poll after the record shows it, never before. */
function withinOnePoll(seen: Instant | undefined, truth: Instant | undefined): boolean {
  if (seen === undefined || truth === undefined) return seen === truth
  const late_s = secondsBetween(seen, truth)
  return late_s >= 0 && late_s <= POLL_S
}

describe('Dead Run, June 2018, 8,928 values', () => {
  test.each([
    [2, 0],
    [4, 1],
  ])('%i ft: the published episodes, each instant to within one poll', (level, i) => {
    const seen = episodesOf(i)
    expect(seen.map((e) => [toIso(e.raised).slice(0, 16), toIso(e.cleared!).slice(0, 16)])).toEqual(PUBLISHED[level])
    PUBLISHED[level]!.forEach(([raised, cleared], k) => {
      expect(withinOnePoll(seen[k]!.raised, fromIso(`${raised}:00Z`))).toBe(true)
      expect(withinOnePoll(seen[k]!.cleared, fromIso(`${cleared}:00Z`))).toBe(true)
    })
  })

  test('100 levels from 0.6 to 6.1 ft: the same episodes as the record itself', () => {
    const wrong = LEVELS_FT.flatMap((level, i) => {
      const [seen, truth] = [episodesOf(i), episodesOfRecord(level)]
      const same =
        seen.length === truth.length &&
        truth.every((t, k) => withinOnePoll(seen[k]!.raised, t.raised) && withinOnePoll(seen[k]!.cleared, t.cleared))
      return same ? [] : [`${level} ft: ${seen.length} episodes, record ${truth.length}`]
    })
    expect(wrong).toEqual([])
    expect(SWEEP_FT.reduce((n, level) => n + episodesOfRecord(level).length, 0)).toBeGreaterThan(200)
  })
})
