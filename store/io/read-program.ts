/**
 * What a reader's database thread does: questions about both series files, answered in one place. A channel whose device
 * was simulated and is real now (or the other way round) is what its newest data say; the two are never drawn as one.
 */
import type { DatabaseSync } from 'node:sqlite'
import { splitChannel } from '../../domain/ids.ts'
import type { LatestReading, SeriesColumn, StoredGap } from '../../domain/ports.ts'
import { isWide, type SampleArray } from '../../domain/reading.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { type Running, type SqliteProgram, type Transferred, transferred } from '../../runtime/sqlite-worker.ts'
import { Columns } from '../columns.ts'
import { planColumns } from '../columns-plan.ts'
import { SCHEMA, SERIES_KINDS } from '../files.ts'
import { SOURCE } from '../rollup.ts'
import { HealthQueries, type RowHealth } from './health.ts'
import { type FoundLatest, packLatest } from './latest.ts'
import { BlockQueries, type FoundBlock } from './read-blocks.ts'
import { ReadingQueries } from './read-readings.ts'
import { RollupQueries, type Series } from './read-rollups.ts'
import { checkFile } from './schema.ts'

/** Blocks of an answer with their samples in one buffer, block after block. */
export type FoundBlocks = {
  readonly blocks: ReadonlyArray<Omit<FoundBlock, 'samples'> & { readonly at: number; readonly wide: boolean }>
  readonly samples: ArrayBuffer
}

class Reader {
  readonly #readings: readonly ReadingQueries[]
  readonly #blocks: readonly BlockQueries[]
  readonly #rollups: readonly RollupQueries[]

  constructor(db: DatabaseSync, running: Running) {
    this.#rollups = SERIES_KINDS.map((kind) => new RollupQueries(db, SCHEMA[kind]))
    this.#readings = SERIES_KINDS.map((kind) => new ReadingQueries(db, SCHEMA[kind], kind === 'exercise', running))
    this.#blocks = SERIES_KINDS.map((kind) => new BlockQueries(db, SCHEMA[kind], kind === 'exercise', running))
  }

  latest(): Transferred<FoundLatest> {
    const [real, exercise] = SERIES_KINDS.map((_, i) => this.#readings[i]!.latest())
    return packLatest(real!, exercise!)
  }

  series(channel: string, from: Instant, to: Instant, points: number): SeriesColumn[] {
    // Minutes alone: an hour that straddles an edge is made of its minutes, a minute only of its rows.
    const { start, width_ns } = planColumns({ from, to }, points, ['1m'])
    const columns = new Columns(from, to, width_ns, instant(start))
    const { device, metric } = splitChannel(channel)
    const slash = metric.indexOf('/')
    const [group, axis] = [metric.slice(0, slash), metric.slice(slash + 1)]
    const isAxis = slash > 0 && this.#blocks.some((file) => file.knows(device, group))
    const series: Series = isAxis
      ? { channel, kind: SOURCE.blocks, group: [device, group] }
      : { channel, kind: SOURCE.readings }
    const file = newestOf(FILES, (i) =>
      later(
        isAxis ? this.#blocks[i]!.newest(device, group) : this.#readings[i]!.newest(channel),
        this.#rollups[i]!.newest(channel),
      ),
    )
    if (file === undefined) return []
    for (const span of this.#rollups[file]!.addTo(columns, series))
      if (isAxis) this.#blocks[file]!.addTo(columns, device, group, axis, span)
      else this.#readings[file]!.addTo(columns, channel, span)
    return columns.result()
  }

  readings(channel: string, from: bigint, to: bigint, limit: number): LatestReading[] {
    const all = this.#readings.flatMap((file) => file.between(channel, from, to, limit))
    return all.sort(byInstant((reading) => reading.t_ns)).slice(0, limit)
  }

  blocks(device: string, group: string, from: bigint, to: bigint): Transferred<FoundBlocks> {
    const found = this.#blocks
      .flatMap((file) => file.blocks(device, group, from, to))
      .sort(byInstant((block) => block.t0_ns))
    const room = (own: SampleArray): number => Math.ceil(own.byteLength / 4) * 4
    const samples = new Uint8Array(found.reduce((total, block) => total + room(block.samples), 0))
    let next = 0
    const blocks = found.map(({ samples: own, ...block }) => {
      const at = next
      samples.set(new Uint8Array(own.buffer, own.byteOffset, own.byteLength), at)
      next += room(own)
      return { ...block, at, wide: isWide(own) }
    })
    return transferred({ blocks, samples: samples.buffer }, [samples.buffer])
  }

  gaps(from: bigint, to: bigint): StoredGap[] {
    return this.#readings.flatMap((file) => file.gaps(from, to)).sort(byInstant((gap) => gap.from_ns))
  }
}

const FILES = SERIES_KINDS.map((_, i) => i)

const later = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a

/** The file that holds the newest of a channel; the real one where both are equal. */
function newestOf<T>(files: readonly T[], newest: (file: T) => bigint | undefined): T | undefined {
  let best: { file: T; at: bigint } | undefined
  for (const file of files) {
    const at = newest(file)
    if (at !== undefined && (best === undefined || at > best.at)) best = { file, at }
  }
  return best?.file
}

const byInstant =
  <T>(of: (item: T) => bigint) =>
  (a: T, b: T): number => {
    const [x, y] = [of(a), of(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }

/** Rollups, marks and rows of one moment: between two statements the writer might move a row from one to the other. */
function inOneView<T>(db: DatabaseSync, ask: () => T): T {
  db.exec('BEGIN')
  try {
    return ask()
  } finally {
    db.exec('COMMIT')
  }
}

export function open(db: DatabaseSync, _: unknown, running: Running): SqliteProgram {
  for (const kind of SERIES_KINDS) checkFile(db, SCHEMA[kind])
  const reader = new Reader(db, running)
  const health = new HealthQueries(
    db,
    SERIES_KINDS.map((kind) => SCHEMA[kind]),
  )
  return {
    latest: () => reader.latest(),
    series: (channel: string, from: Instant, to: Instant, points: number) =>
      inOneView(db, () => reader.series(channel, from, to, points)),
    readings: (channel: string, from: bigint, to: bigint, limit: number) =>
      inOneView(db, () => reader.readings(channel, from, to, limit)),
    blocks: (device: string, group: string, from: bigint, to: bigint) => reader.blocks(device, group, from, to),
    gaps: (from: bigint, to: bigint) => reader.gaps(from, to),
    health: (): RowHealth => inOneView(db, () => ({ ...health.look(), rows: health.rows() })),
  }
}
