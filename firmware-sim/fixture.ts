/** Tests only: sites of simulated devices, and a register reader that follows the ring's layout by its documentation. */
import type { Site } from '../domain/channel.ts'
import type { Model } from '../domain/model.ts'
import type { ModbusLink } from '../domain/ports.ts'
import type { SiteDevice, SiteFile, SiteLink } from '../domain/site.ts'
import type { Series, Waveform } from '../recordings/recording.ts'

export type Simulated = NonNullable<SiteDevice['simulated']>

export const simulatedDevice = (
  id: string,
  model: string,
  unit_id: number,
  play: Partial<Simulated['play']> & { recording: string },
  time_scale = 1,
): SiteDevice => ({
  id,
  name: id,
  model,
  unit_id,
  simulated: { time_scale, play: { quiet_s: 60, lead_s: 0, ...play } },
})

export const link = (id: string, port: number, devices: SiteDevice[]): SiteLink => ({
  id,
  tcp: { host: '127.0.0.1', port },
  timeout_ms: 1000,
  pause_after_connect_ms: 0,
  pause_ms: 0,
  close_after_poll: false,
  devices,
})

export function siteOf(models: ReadonlyMap<string, Model>, ...links: SiteLink[]): Pick<Site, 'file' | 'models'> {
  const stream = { max_mib: 1, max_age_h: 1 }
  const file: SiteFile = {
    site: 'test',
    name: 'Test',
    time_zone: 'UTC',
    structures: [],
    waters: [],
    nodes: [
      { id: 'node-1', name: 'Node', links, outbox: { conditions: stream, readings: stream, blocks: stream } },
    ] as SiteFile['nodes'],
    limits: [],
    broker: { host: '127.0.0.1', port: 1 },
    store: {},
    desk: { host: '127.0.0.1', port: 2 },
  } as unknown as SiteFile
  return { file, models }
}

/** A short waveform: sample k of axis a is (k + 1) x 10^a steps of `scale`. */
export const shortWaveform = (count: number, scale: number): Waveform => ({
  kind: 'waveform',
  name: 'short',
  start: 0n as Waveform['start'],
  sample_rate_hz: 100,
  unit: 'm/s²',
  axes: ['x', 'y', 'z'].map((axis, a) => ({
    axis,
    samples: Float64Array.from({ length: count }, (_, k) => (k + 1) * 10 ** a * scale),
  })),
  source: 'test',
})

/** Stage by minutes after 2020-01-01T00:00Z; NaN = no data. */
export const stageSeries = (...values: Array<[minute: number, stage_m: number]>): Series => ({
  kind: 'series',
  name: 'stage',
  quantity: 'stage',
  unit: 'm',
  t: BigInt64Array.from(values, ([minute]) => 1_577_836_800_000_000_000n + BigInt(minute) * 60_000_000_000n),
  values: Float64Array.from(values, ([, stage_m]) => stage_m),
  source: 'test',
})

const u32 = (r: Uint16Array, at: number) => r[at]! * 65_536 + r[at + 1]!
export const headerOf = (r: Uint16Array) => ({
  boot_id: u32(r, 0),
  newest: u32(r, 2),
  newest_us: u32(r, 4) * 2 ** 32 + u32(r, 6),
  now_us: u32(r, 8) * 2 ** 32 + u32(r, 10),
  rate_mhz: u32(r, 12),
  depth: u32(r, 14),
  axes: r[16]!,
  status: r[17]!,
})
export const int16 = (word: number): number => (word << 16) >> 16

/** Samples of counters [first, last] of a three-axis ring at register 32 with 6,000 samples per axis, 41 samples a request. */
export async function readSamples(link: ModbusLink, unit: number, first: number, last: number): Promise<number[][]> {
  const out: number[][] = []
  for (let at = first; at <= last; ) {
    const slot = at % 6000
    const count = Math.min(41, last - at + 1, 6000 - slot)
    const { registers } = await link.readRegisters(unit, 'holding', 32 + slot * 3, count * 3)
    for (let i = 0; i < count; i++) out.push([...registers.subarray(i * 3, i * 3 + 3)].map(int16))
    at += count
  }
  return out
}
