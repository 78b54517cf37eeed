/** Records as an edge node makes them: readings of a river gauge, blocks of an accelerometer, gaps. */
import type { Block, Gap, Reading } from '../domain/reading.ts'
import type { DeviceRecord, Identity } from '../domain/record.ts'
import { addNs, type Instant, instant } from '../domain/time.ts'

/** 2018-06-03 18:00 UTC: the start of the Dead Run record that ships. */
export const T0 = instant(1_528_048_800_000_000_000n)
export const at = (s: number): Instant => addNs(T0, BigInt(Math.round(s * 1e9)))

export const stage = (s: number, value: number | null, more: Partial<Reading> = {}): Reading => ({
  channel: 'dead-run/stage',
  value,
  t_ns: at(s),
  half_width_ns: 1_234_567n,
  flag: 1,
  ...more,
})

/** `n` samples of a counter-dependent pattern, so that a sample tells its counter and axis. */
export const shaking = (first_counter: number, n: number, more: Partial<Block> = {}): Block => ({
  device: 'yonago',
  group: 'acceleration',
  boot_id: 7,
  first_counter,
  t0_ns: at(first_counter / 100),
  half_width_ns: 2_000_000n,
  sample_rate_hz: 100,
  scale: 0.000_598_55,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis, a) => ({
    axis,
    samples: Int16Array.from({ length: n }, (_, i) => sampleAt(a, first_counter + i)),
  })),
  ...more,
})
export const sampleAt = (axis: number, counter: number): number => ((counter * 7 + axis * 11_000) % 65_536) - 32_768

export const gap = (from_s: number, to_s: number, more: Partial<Gap> = {}): Gap => ({
  channels: ['dead-run/stage'],
  from_ns: at(from_s),
  to_ns: at(to_s),
  expected: 5,
  missing: 5,
  reason: 'edge-down',
  ...more,
})

let offsets = 0
/** Offsets of records begin anew. */
export const restartOffsets = (): void => {
  offsets = 0
}

export const record = (parts: Partial<DeviceRecord>, identity: Partial<Identity> = {}): DeviceRecord => ({
  identity: {
    node: 'gateway',
    outbox: '5e0e6ba1-3a40-4f20-a5d6-5f10e7c0d0c1',
    stream: parts.blocks?.length ? 'blocks' : 'readings',
    offset: ++offsets,
    ...identity,
  },
  device: parts.blocks?.[0]?.device ?? 'dead-run',
  exercise: false,
  historical: false,
  readings: [],
  blocks: [],
  gaps: [],
  ...parts,
})
