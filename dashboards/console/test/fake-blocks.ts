/** The scripted tower's samples as blocks: live frames, what the store would give, and the PGA of a second. */
import { type BlockJson, decodeBlockFrame, encodeBlockFrame } from '../../../domain/api.ts'
import { COUNT_M_S2, ns, roof_m_s2, SAMPLE_RATE_HZ } from './fake-world.ts'

/** First counter of the newest whole block. */
export const newestCounter = (): number => Math.floor((Date.now() * SAMPLE_RATE_HZ) / 1000 / 50) * 50 - 50

/** The last 30 s as the store gives them. */
export function stored(): BlockJson[] {
  return Array.from({ length: 60 }, (_, i) => newestCounter() - 50 * (60 - i)).map((counter) => {
    const { header, axes } = decodeBlockFrame(frame('tower-a-roof', counter).buffer as ArrayBuffer)
    const samples = Object.fromEntries(header.axes.map((axis, i) => [axis, [...axes[i]!]]))
    return { ...header, boot_id: 1, axes: samples }
  })
}

export function frame(device: string, counter: number): Uint8Array {
  const t0_s = counter / SAMPLE_RATE_HZ
  const axes = ['x', 'y', 'z'].map((axis, i) => ({
    axis,
    samples: Int16Array.from({ length: 50 }, (_, k) =>
      Math.round(roof_m_s2(t0_s + k / SAMPLE_RATE_HZ)[i as 0 | 1 | 2] / COUNT_M_S2),
    ),
  }))
  const header = {
    device,
    group: 'acceleration',
    t0_ns: ns(t0_s * 1000),
    sample_rate_hz: SAMPLE_RATE_HZ,
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
