/** A small site for ingest's tests: one gateway with a simulated accelerometer and a real gauge, and what they would send. */
import type { Site } from '../../domain/channel.ts'
import type { Block, Reading } from '../../domain/reading.ts'
import type { Identity } from '../../domain/record.ts'
import { DataType, type Metric } from '../../domain/sparkplug/payload.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { DEVICE_SIMULATED } from '../../domain/wire/names.ts'
import {
  blockBirthMetrics,
  bodyMetrics,
  emptyBody,
  outboxIdMetric,
  outboxOffsetMetric,
} from '../../domain/wire/record.ts'

const model = { id: 'any' }
export const yard = {
  file: {
    site: 'yard',
    ingest: { foreign: [] },
    nodes: [
      {
        id: 'gateway',
        links: [
          {
            devices: [
              { id: 'roof', model: 'any', simulated: { time_scale: 1 } },
              { id: 'gauge', model: 'any' },
            ],
          },
        ],
      },
    ],
  },
  models: new Map([['any', model]]),
  hash: '',
  limits: [],
} as unknown as Site

export const BOX = '9a1b6f0e-6f0c-4c0f-8f57-0c8f2f5c1a01'
export const T_MS = 1_528_048_800_000
export const at = (s: number): Instant => instant(BigInt(T_MS) * 1_000_000n + BigInt(Math.round(s * 1e9)))

export const stage = (s: number, value: number): Reading => ({
  channel: 'gauge/stage',
  value,
  t_ns: at(s),
  half_width_ns: 1000n,
  flag: 1,
})
/** One second of 100 samples whose value tells the counter. */
export const second = (s: number): Block => ({
  device: 'roof',
  group: 'acceleration',
  boot_id: 1,
  first_counter: s * 100,
  t0_ns: at(s),
  half_width_ns: 1000n,
  sample_rate_hz: 100,
  scale: 0.5,
  unit: 'm/s²',
  axes: ['x', 'y'].map((axis, a) => ({
    axis,
    samples: Int16Array.from({ length: 100 }, (_, i) => s * 100 + i + a * 10_000),
  })),
})

export const readingRecord = (offset: number, value: number): Metric[] => [
  outboxOffsetMetric(offset, T_MS),
  ...bodyMetrics('gauge', { ...emptyBody, readings: [stage(offset, value)] }),
]
export const blockRecord = (offset: number): Metric[] => [
  outboxOffsetMetric(offset, T_MS),
  ...bodyMetrics('roof', { ...emptyBody, blocks: [second(offset)] }),
]
export const payloadOf = (...records: Metric[][]): Metric[] => [outboxIdMetric(BOX, T_MS), ...records.flat()]

export const gaugeBirth = (simulated: boolean | undefined): Metric[] => [
  { name: 'outbox/id', timestamp: T_MS, datatype: DataType.String, value: BOX },
  { name: 'outbox/offset', timestamp: T_MS, datatype: DataType.Int64, value: null },
  { name: 'stage', timestamp: T_MS, datatype: DataType.Double, value: null },
  ...(simulated === undefined
    ? []
    : [{ name: DEVICE_SIMULATED, timestamp: T_MS, datatype: DataType.Boolean, value: simulated }]),
]
export const roofBirth = (): Metric[] => [
  { name: 'outbox/id', timestamp: T_MS, datatype: DataType.String, value: BOX },
  { name: 'outbox/offset', timestamp: T_MS, datatype: DataType.Int64, value: null },
  { name: DEVICE_SIMULATED, timestamp: T_MS, datatype: DataType.Boolean, value: true },
  ...blockBirthMetrics('acceleration', ['x', 'y'], 0.5, 'm/s²', true, T_MS),
]

export const identity = (stream: 'readings' | 'blocks', offset: number): Identity => ({
  node: 'gateway',
  outbox: BOX,
  stream,
  offset,
})
