/** Rows of InfluxDB as the readings, blocks, gaps and columns that were stored. */
import type { LatestReading, StoredBlock, StoredGap } from '../../domain/ports.ts'
import type { Flag, Reason } from '../../domain/reading.ts'
import { FIELD, type SeriesKind, TAG } from '../../domain/series.ts'
import { instant } from '../../domain/time.ts'
import { cut, type Run, uncovered } from '../block-runs.ts'
import { axesOf } from '../packed.ts'
import { sampleAt_ns, samplesOf } from './points.ts'
import type { GroupKey } from './queries.ts'
import { type Answer, bigintOf, type Row } from './results.ts'

export function readingOf(row: Row, channel: string, kind: SeriesKind): LatestReading {
  const R = FIELD.reading
  const [reason, detail] = [row.get(R.reason), row.get(R.detail)]
  return {
    channel,
    value: numberOf(row, R.value),
    t_ns: row.t_ns,
    half_width_ns: bigintOf(row.get(R.half_width_ns)),
    flag: Number(row.get(R.flag)) as Flag,
    ...(reason === null ? {} : { reason: reason as Reason }),
    ...(detail === null ? {} : { detail: String(detail) }),
    exercise: kind === 'exercise',
  }
}

/** Floats beyond 2^53 come as bigints where they have no fraction. */
const numberOf = (row: Row, field: string): number | null => {
  const value = row.get(field)
  return value === null ? null : Number(value)
}

export function gapOf(row: Row, kind: SeriesKind): StoredGap {
  const G = FIELD.gap
  return {
    channels: JSON.parse(String(row.get(G.channels))) as string[],
    from_ns: instant(row.t_ns - bigintOf(row.get(G.shift_ns))),
    to_ns: instant(bigintOf(row.get(G.to_ns))),
    expected: Number(row.get(G.expected)),
    missing: Number(row.get(G.missing)),
    reason: String(row.get(TAG.reason)) as Reason,
    exercise: kind === 'exercise',
  }
}

/** Each sample once: what a crash left behind uncommitted may lie under what was stored later in other pieces. */
export function blocksIn(rows: Answer, key: GroupKey, kind: SeriesKind): StoredBlock[] {
  const seen = new Map<number, Run[]>()
  return rows.flatMap((row) => {
    const block = blockOf(row, key, kind)
    const first = block.first_counter
    const n = block.axes[0]!.samples.length
    const others = seen.get(block.boot_id) ?? []
    const pieces = uncovered({ first, n }, others)
    seen.set(
      block.boot_id,
      [...others, { first, n }].sort((a, b) => a.first - b.first),
    )
    return pieces.map((piece) => (piece.n === n ? block : pieceOf(block, piece)))
  })
}

function pieceOf(block: StoredBlock, piece: Run): StoredBlock {
  const t0_ns = instant(sampleAt_ns(block.t0_ns, piece.first - block.first_counter, block.sample_rate_hz))
  const axes = block.axes.map(({ axis, samples }) => {
    const whole = { data: samples, axes: 1, first: block.first_counter, n: samples.length }
    return { axis, samples: cut(whole, piece).data }
  })
  return { ...block, t0_ns, first_counter: piece.first, axes }
}

function blockOf(row: Row, { device, group }: GroupKey, kind: SeriesKind): StoredBlock {
  const B = FIELD.block
  const first_counter = Number(row.get(B.first_counter))
  const n = Number(row.get(B.last_counter)) - first_counter + 1
  const axes = axesOf(String(row.get(B.axes)))
  const samples = samplesOf(String(row.get(B.samples)), n * axes.length)
  return {
    device,
    group,
    boot_id: Number(row.get(TAG.boot)),
    first_counter,
    t0_ns: instant(row.t_ns - bigintOf(row.get(B.shift_ns))),
    half_width_ns: bigintOf(row.get(B.half_width_ns)),
    sample_rate_hz: Number(row.get(B.sample_rate_hz)),
    scale: Number(row.get(B.scale)),
    unit: String(row.get(B.unit) ?? ''),
    axes: axes.map((axis, a) => ({ axis, samples: samples.subarray(a * n, (a + 1) * n) })),
    exercise: kind === 'exercise',
  }
}
