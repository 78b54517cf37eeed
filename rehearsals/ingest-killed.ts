/**
 * kill -9 of ingest at random instants while the edge sends its backlog again: every third before anything is sent again, the
 * others in the middle of it. The instants come from a seed; told is what the store has afterwards.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LatestReading, StoredGap } from '../domain/ports.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import type { HistogramState } from '../runtime/prometheus.ts'
import { doubledIn } from './changing-line.ts'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { ServiceProcess } from './processes.ts'
import { randomFrom } from './seeded.ts'
import { bothDevices, siteFileText, siteOf } from './site.ts'
import { compare, EVER, storedUpTo, type Told, wallNow } from './truth.ts'
import { pause, until } from './until.ts'

/** The edge begins to send again two seconds after it hears STATE online. */
const GRACE_MS = 2000
const RATE_HZ = 100
/** Of the gauge's model. */
const POLL_MS = 1000
/** A loaded machine starts a process slowly. */
const START_MS = 45_000
const SETTLE_MS = 90_000
/**
 * Two readings are one and a half periods apart where a poll between them failed, or the second lies half a period behind its
 * place: begun late by a quarter, or answered after a half. The next bounds of the edge's histograms below and at these.
 */
const [LATE_S, SLOW_S] = [0.1, 0.5]
const above = ({ bounds_s, counts }: HistogramState, bound_s: number): number =>
  counts.slice(bounds_s.indexOf(bound_s) + 1).reduce((sum, n) => sum + n, 0)

export type IngestKilled = {
  readonly samples: Told
  /**
   * The edge was never down: of its gauge every poll is there once [count]. A machine under load may let the gauge answer too
   * late, and a gauge keeps no past: such a poll is a time-out, which the edge counts and tells as a gap between its two
   * neighbours. Any other gap, and any hole without one, ingest would have made.
   */
  readonly readings: number
  readonly doubled: number
  /** Holes of whole polls without the very gap that tells them: from reading to reading, so many missing. */
  readonly untold: number
  /** Gaps that are no such hole, are not for a time-out, or are more than the polls that the edge counted as failed or late. */
  readonly lost: number
}

export async function ingestKilled({ kills = 12, seed = 1 } = {}): Promise<IngestKilled> {
  const data = await temporaryFolder()
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  const file = bothDevices(ports, { yonago: { lead_s: 1 } })
  const site = await siteOf(file)
  const path = join(data, 'site.yaml')
  writeFileSync(path, siteFileText(file))
  const ingest = new ServiceProcess(['ingest', '--site', path, '--data', data])
  const random = randomFrom(seed)
  const line = await startLine(site, data, ['broker', 'sim', 'edge'])
  const strained = (): number =>
    line
      .edges()
      .flatMap(({ acquisition }) => acquisition.devices)
      .filter(({ device }) => device === 'dead-run')
      .reduce(
        (sum, { missed, errors, lateness, latency }) =>
          sum + missed + (errors['timeout'] ?? 0) + above(lateness, LATE_S) + above(latency, SLOW_S),
        0,
      )
  try {
    await ingest.start(START_MS)
    await pause(3000)
    await ingest.kill()
    for (let kill = 1; kill < kills; kill++) {
      await pause(500 + random() * 1500)
      await ingest.start(START_MS)
      await pause(kill % 3 === 0 ? random() * GRACE_MS : GRACE_MS - 200 + random() * 1500)
      await ingest.kill()
    }
    await pause(1000)
    await ingest.start(START_MS)
    const device = line.simulator().accelerometer('yonago')
    const upTo = device.newestCounter(wallNow()) - 2 * RATE_HZ
    const stored = await openStore(site, data)
    try {
      const samples = compare(await storedUpTo(stored, 'yonago', upTo, 180_000), device, upTo)
      const told = async () => {
        const gaps = (await stored.gaps(...EVER)).filter(({ channels }) => channels.includes('dead-run/stage'))
        const stages = await stored.readings('dead-run/stage', ...EVER, 1_000_000)
        return { samples, readings: stages.length, doubled: doubledIn(stages), ...holesIn(stages, gaps, strained()) }
      }
      // The readings are a stream of their own: what is live is there before the last of what is sent again.
      await until('readings without a hole', async () => (await told()).untold === 0, SETTLE_MS).catch(() => undefined)
      return await told()
    } finally {
      await stored.close()
    }
  } finally {
    await ingest.kill()
    await line.stop()
    await removeFolder(data)
  }
}

/** Readings and gaps of a gauge, held against the polls that lie between each two good ones. */
export function holesIn(
  readings: readonly LatestReading[],
  gaps: readonly StoredGap[],
  /** Polls that failed or were late. */
  strained: number,
): Pick<IngestKilled, 'untold' | 'lost'> {
  const good = readings.filter(({ value }) => value !== null)
  const holes = new Set<string>()
  for (const [i, { t_ns }] of good.entries()) {
    const before = good[i - 1]?.t_ns ?? t_ns
    const missing = Math.round(Number(t_ns - before) / 1e6 / POLL_MS) - 1
    if (missing > 0) holes.add(`${before} ${t_ns} ${missing}`)
  }
  const told = gaps.map(({ from_ns, to_ns, missing }) => `${from_ns} ${to_ns} ${missing}`)
  // Before its first answer a gauge may have been silent: nobody knows since when.
  const strange = gaps.filter(
    ({ reason, to_ns }, i) => reason !== 'timeout' || !(holes.has(told[i]!) || to_ns === good[0]?.t_ns),
  )
  return {
    untold: [...holes].filter((hole) => !told.includes(hole)).length,
    lost: strange.length + Math.max(0, gaps.length - strained),
  }
}
