/** Record `offset` of the durability test: a reading and a block that both tell it, every third one of an exercise. */
import type { DeviceRecord } from '../domain/record.ts'
import { instant } from '../domain/time.ts'

export const KILLED = { node: 'gateway', outbox: 'box', stream: 'readings', samples: 100 } as const

export function killedRecord(offset: number): DeviceRecord {
  const t_ns = instant(1_528_048_800_000_000_000n + BigInt(offset) * 1_000_000_000n)
  const samples = Int16Array.from({ length: KILLED.samples }, (_, i) => (offset * KILLED.samples + i) % 32_768)
  const { node, outbox, stream } = KILLED
  return {
    identity: { node, outbox, stream, offset },
    device: 'yonago',
    exercise: offset % 3 === 0,
    historical: false,
    readings: [{ channel: 'yonago/pga', value: offset, t_ns, half_width_ns: 0n, flag: 1 }],
    gaps: [],
    blocks: [
      {
        device: 'yonago',
        group: 'acceleration',
        boot_id: 1,
        first_counter: offset * KILLED.samples,
        t0_ns: t_ns,
        half_width_ns: 0n,
        sample_rate_hz: KILLED.samples,
        scale: 1,
        unit: 'm/s²',
        axes: [{ axis: 'x', samples }],
      },
    ],
  }
}
