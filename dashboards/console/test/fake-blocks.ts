/** The scripted tower's samples as blocks: live frames, what the store would give, and the PGA of a second. */
import { type BlockJson, type BlocksJson, decodeBlockFrame, encodeBlockFrame } from '../../../domain/api.ts'
import { COUNT_M_S2, ns, roof_m_s2, SAMPLE_RATE_HZ } from './fake-world.ts'

/** First counter of the newest whole block. */
export function newestCounter(sample_rate_hz = SAMPLE_RATE_HZ): number {
  const block = sample_rate_hz / 2
  return Math.floor((Date.now() * sample_rate_hz) / 1000 / block) * block - block
}

/** What the store has of the roof between two instants, at most ten minutes up to now; of the base nothing since 47 s before the start. */
export function storedBetween(query: URLSearchParams, start_ms: number): BlocksJson {
  const device = (query.get('channel') ?? '').split('/')[0]!
  const at_s = (name: string) => Number(BigInt(query.get(name) ?? '0') / 1_000_000n) / 1000
  const silent = device !== 'tower-a-roof'
  const newest = silent ? (start_ms / 1000 - 47) * SAMPLE_RATE_HZ : newestCounter()
  const first = Math.floor((Math.max(at_s('from'), at_s('to') - 600) * SAMPLE_RATE_HZ) / 50) * 50
  const blocks: BlockJson[] = []
  for (let counter = first; counter + 50 <= Math.min(newest, at_s('to') * SAMPLE_RATE_HZ); counter += 50) {
    const { header, axes } = decodeBlockFrame(frame(device, counter).buffer as ArrayBuffer)
    const samples = Object.fromEntries(header.axes.map((axis, i) => [axis, [...axes[i]!]]))
    const { t0_ns, sample_rate_hz, scale, unit, first_counter } = header
    blocks.push({ t0_ns, sample_rate_hz, scale, unit, first_counter, boot_id: 1, axes: samples })
  }
  return { device, group: 'acceleration', blocks }
}

/** Half a second of samples from `counter` on. */
export function frame(device: string, counter: number, sample_rate_hz = SAMPLE_RATE_HZ): Uint8Array {
  const t0_s = counter / sample_rate_hz
  const axes = ['x', 'y', 'z'].map((axis, i) => ({
    axis,
    samples: Int16Array.from({ length: sample_rate_hz / 2 }, (_, k) =>
      Math.round(roof_m_s2(t0_s + k / sample_rate_hz)[i as 0 | 1 | 2] / COUNT_M_S2),
    ),
  }))
  const header = {
    device,
    group: 'acceleration',
    t0_ns: ns(t0_s * 1000),
    sample_rate_hz,
    scale: COUNT_M_S2,
    unit: 'm/s²',
    first_counter: counter % 2 ** 32,
    exercise: true,
  }
  return encodeBlockFrame(header, axes)
}

/** Largest vector of the whole second that `at_ms` lies in. */
export function pga(at_ms: number): number {
  const from_s = Math.floor(at_ms / 1000)
  return Math.max(...Array.from({ length: 100 }, (_, i) => Math.hypot(...roof_m_s2(from_s + i / 100))))
}
