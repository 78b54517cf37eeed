/**
 * What stands in `cases/series-v2.db.gz` and `cases/series-exercise-v2.db.gz`: files that Plumbline wrote when series files
 * were of version 2, made of these records with the rollups of all hours but the last.
 */
import type { Reading } from '../domain/reading.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { at, gap, shaking } from './records.fixture.ts'

/** Every 10 s for 2.5 h, with instants that jitter, a failed value now and then, and one missing hour's quarter. */
export const oldReadings = (channel: string, seed: number): Reading[] =>
  Array.from({ length: 900 }, (_, i): Reading => {
    const jitter = ((i * 7919 + seed * 104_729) % 2_000_003) / 1e9
    const about = { channel, t_ns: at(i * 10 + jitter), half_width_ns: BigInt(150_000 + ((i * 31) % 977)) }
    if (i % 97 === 13) return { ...about, value: null, flag: 9, reason: 'timeout', detail: 'no answer within 1000 ms' }
    if (i % 211 === 5) return { ...about, value: 1e9, flag: 4, reason: 'out-of-range' }
    return {
      ...about,
      value: Math.fround(2 + seed + Math.sin(i / 50)),
      flag: i % 50 === 7 ? 3 : 1,
      ...(i % 50 === 7 && { reason: 'spike' }),
    }
  }).filter((_, i) => i < 400 || i > 490)

const identity = (stream: 'readings' | 'blocks', offset: number) => ({ node: 'gateway', outbox: 'old', stream, offset })

export const oldRecords = (): DeviceRecord[] => {
  const rest = { historical: false, readings: [], blocks: [], gaps: [] }
  return [
    {
      ...rest,
      identity: identity('readings', 1),
      device: 'dead-run',
      exercise: false,
      readings: oldReadings('dead-run/stage', 1),
    },
    {
      ...rest,
      identity: identity('readings', 2),
      device: 'creek',
      exercise: true,
      readings: oldReadings('creek/stage', 2),
    },
    { ...rest, identity: identity('readings', 3), device: 'dead-run', exercise: false, gaps: [gap(4000, 4900)] },
    {
      ...rest,
      identity: identity('blocks', 1),
      device: 'yonago',
      exercise: false,
      blocks: [shaking(0, 100), shaking(100, 100)],
    },
    // Another value at a stored instant: quarantined.
    {
      ...rest,
      identity: identity('readings', 5),
      device: 'dead-run',
      exercise: false,
      readings: [{ ...oldReadings('dead-run/stage', 1)[0]!, value: 99 }],
    },
  ]
}
