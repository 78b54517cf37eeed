/**
 * The newest reading of each channel on its way out of the database thread: in columns, as a thousand rows of their own would
 * take longer to hand over than to find. A channel that both files know is what its newest reading says.
 */
import type { LatestReading } from '../../domain/ports.ts'
import type { Flag, Reason } from '../../domain/reading.ts'
import { instant } from '../../domain/time.ts'
import { type Transferred, transferred } from '../../runtime/sqlite-worker.ts'

/** As the database gives it, integers as BigInt. */
export type ReadingRow = [
  name: string,
  t_ns: bigint,
  value: number | null,
  half: bigint,
  flag: bigint,
  reason: string | null,
  detail: string | null,
]

export type FoundLatest = {
  readonly channels: readonly string[]
  readonly t_ns: BigInt64Array<ArrayBuffer>
  readonly half_width_ns: BigInt64Array<ArrayBuffer>
  /** NaN where there is none. */
  readonly value: Float64Array<ArrayBuffer>
  readonly flag: Uint8Array<ArrayBuffer>
  readonly exercise: Uint8Array<ArrayBuffer>
  /** Of the few that have any, by place. */
  readonly texts: ReadonlyMap<number, readonly [reason: string | null, detail: string | null]>
}

/** @param real, exercise at most one row of a channel each */
export function packLatest(real: readonly ReadingRow[], exercise: readonly ReadingRow[]): Transferred<FoundLatest> {
  const newest = exercise.length === 0 ? undefined : newestOf(real, exercise)
  const rows = newest === undefined ? real : [...newest.values()]
  const isExercise = new Set(newest === undefined ? [] : exercise)
  const n = rows.length
  const texts = new Map<number, readonly [string | null, string | null]>()
  const found = {
    channels: new Array<string>(n),
    t_ns: new BigInt64Array(n),
    half_width_ns: new BigInt64Array(n),
    value: new Float64Array(n),
    flag: new Uint8Array(n),
    exercise: new Uint8Array(n),
    texts,
  }
  for (let i = 0; i < n; i++) {
    const row = rows[i]!
    found.channels[i] = row[0]
    found.t_ns[i] = row[1]
    found.value[i] = row[2] ?? Number.NaN
    found.half_width_ns[i] = row[3]
    found.flag[i] = Number(row[4])
    if (row[5] !== null || row[6] !== null) texts.set(i, [row[5], row[6]])
    if (isExercise.has(row)) found.exercise[i] = 1
  }
  const { t_ns, half_width_ns, value, flag, exercise: marks } = found
  return transferred(found, [t_ns.buffer, half_width_ns.buffer, value.buffer, flag.buffer, marks.buffer])
}

/** The real one where both are of one instant. */
function newestOf(real: readonly ReadingRow[], exercise: readonly ReadingRow[]): Map<string, ReadingRow> {
  const newest = new Map(real.map((row) => [row[0], row]))
  for (const row of exercise) {
    const known = newest.get(row[0])
    if (known === undefined || row[1] > known[1]) newest.set(row[0], row)
  }
  return newest
}

export function unpackLatest({
  channels,
  t_ns,
  half_width_ns,
  value,
  flag,
  exercise,
  texts,
}: FoundLatest): LatestReading[] {
  const out = new Array<LatestReading>(channels.length)
  for (let i = 0; i < channels.length; i++) {
    const reading = {
      channel: channels[i]!,
      value: Number.isNaN(value[i]!) ? null : value[i]!,
      t_ns: instant(t_ns[i]!),
      half_width_ns: half_width_ns[i]!,
      flag: flag[i]! as Flag,
      exercise: exercise[i] === 1,
    }
    const text = texts.get(i)
    out[i] = text === undefined ? reading : { ...reading, ...said(...text) }
  }
  return out
}

const said = (reason: string | null, detail: string | null) => ({
  ...(reason !== null && { reason: reason as Reason }),
  ...(detail !== null && { detail }),
})
