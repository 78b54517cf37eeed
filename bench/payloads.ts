/** Sparkplug payloads as an edge node sends them live: one reading, a logger of ten values, a second of three axes at 200 Hz. Pure. */
import { channelId } from '../domain/ids.ts'
import type { Reading } from '../domain/reading.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { instant } from '../domain/time.ts'
import { bodyMetrics, emptyBody, outboxIdMetric, outboxOffsetMetric, type RecordBody } from '../domain/wire/record.ts'

const [DEVICE, OUTBOX, T_NS] = ['d1', 'bench-outbox', 1_790_000_000_000_000_000n]
const T_MS = Number(T_NS / 1_000_000n)
const RATE_HZ = 200

const payload = (body: Partial<RecordBody>): Uint8Array =>
  encodePayload({
    timestamp: T_MS,
    seq: 1,
    metrics: [
      outboxIdMetric(OUTBOX, T_MS),
      outboxOffsetMetric(1_000_000, T_MS),
      ...bodyMetrics(DEVICE, { ...emptyBody, ...body }),
    ],
  })

const reading = (metric: string): Reading => ({
  channel: channelId(DEVICE, metric),
  value: 2.345,
  t_ns: instant(T_NS),
  half_width_ns: 1_500_000n,
  flag: 1,
})

const block = {
  device: DEVICE,
  group: 'acceleration',
  boot_id: 1,
  first_counter: RATE_HZ,
  t0_ns: instant(T_NS),
  half_width_ns: 1_500_000n,
  sample_rate_hz: RATE_HZ,
  scale: 0.0006,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis) => ({
    axis,
    samples: Int16Array.from({ length: RATE_HZ }, (_, i) => (i * 17) & 0x3ff),
  })),
}

export const PAYLOADS: ReadonlyMap<string, Uint8Array> = new Map([
  ['one reading', payload({ readings: [reading('stage')] })],
  ['ten values', payload({ readings: Array.from({ length: 10 }, (_, i) => reading(`metric_${i}`)) })],
  ['block', payload({ blocks: [block] })],
])
