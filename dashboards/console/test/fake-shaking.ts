/**
 * What the fake desk answers about shaking: three events of the tower, what its floors did, a spectrum with two modes, a day in
 * lines with an hour missing. Invented, each shaped exactly as `domain/api.ts` and `domain/api-desk.ts` say.
 */
import type { HelicorderJson, SpectrumJson } from '../../../domain/api.ts'
import type { EventDetailJson, EventJson } from '../../../domain/api-desk.ts'
import { ns } from './fake-world.ts'

const MIN = 60_000

export function events(start_ms: number): EventJson[] {
  const event = (id: string, before_ms: number, pga_m_s2: number, more: Partial<EventJson>): EventJson => ({
    id,
    structure: 'tower-a',
    onset_ns: ns(start_ms - before_ms),
    ended_ns: ns(start_ms - before_ms + 40_000),
    pga_m_s2,
    intensity: '3',
    channels_expected: 6,
    channels_complete: 6,
    exercise: true,
    alarms: [],
    ...more,
  })
  return [
    event('tower-a-3', 5 * MIN, 2.12, { intensity: '4', channels_complete: 3, alarms: ['gateway-1:roof-pga'] }),
    event('tower-a-2', 1500 * MIN, 0.31, {}),
    event('tower-a-1', 9000 * MIN, 0.12, { intensity: '2', exercise: false }),
  ]
}

export function eventDetail(event: EventJson): EventDetailJson {
  const pga = event.pga_m_s2 ?? 0
  const isFirst = event.id === 'tower-a-3'
  return {
    event,
    floors: [
      {
        floor: 'base',
        height_m: -7,
        device: 'tower-a-base',
        pga_m_s2: isFirst ? null : pga / 3,
        pgv_m_s: null,
        intensity: isFirst ? null : '1',
        drift_ratio: null,
        residual_drift_ratio: null,
        tilt_rad: null,
        complete: isFirst ? 0.31 : 1,
      },
      {
        floor: 'roof',
        height_m: 48.5,
        device: 'tower-a-roof',
        pga_m_s2: pga,
        pgv_m_s: pga / 9,
        intensity: event.intensity,
        drift_ratio: isFirst ? null : pga / 900,
        residual_drift_ratio: 0.00012,
        tilt_rad: 0.00012,
        complete: isFirst ? 0.95 : 1,
      },
    ],
    frequency_hz: { before: 1.12, during: 1.02, after: isFirst ? 1.09 : 1.12 },
    method: 'PGA: largest vector of the axes, each less its mean, unfiltered.',
  }
}

/** Two resonances over a sloping ground, 0.05 to 50 Hz. */
function spectrum(query: URLSearchParams): SpectrumJson {
  const frequencies_hz = Array.from({ length: 1000 }, (_, i) => i * 0.05)
  const mode = (f: number, at: number, height: number) => height / ((f / at - at / f) ** 2 + 0.002)
  return {
    device: query.get('device') ?? '',
    group: 'acceleration',
    axis: query.get('axis') ?? '',
    from_ns: query.get('from') ?? '0',
    to_ns: query.get('to') ?? '0',
    unit: '(m/s²)²/Hz',
    frequencies_hz,
    density: frequencies_hz.map((f) => (f === 0 ? 0 : 1e-6 / (1 + f) + mode(f, 1.1, 2e-5) + mode(f, 4.3, 1e-6))),
    peak_hz: 1.1,
    samples: 6000,
    complete: 1,
    method: 'Welch, Hann, 2000 samples a segment',
  }
}

/** Quiet with a shaking at 06:10; nothing between 03:00 and 04:00. Lines after the present are empty. */
function helicorder(query: URLSearchParams): HelicorderJson {
  const day = query.get('day') ?? '2026-03-02'
  const columns = Number(query.get('columns'))
  const start_ms = Date.parse(`${day}T00:00:00+08:00`)
  const lines = Array.from({ length: 48 }, (_, i) => {
    const from_ms = start_ms + i * 30 * MIN
    const half = (k: number) => {
      const min = i * 30 + (k * 30) / columns
      if ((min >= 180 && min < 240) || from_ms + (k * 30 * MIN) / columns > Date.now()) return null
      const quake = min > 370 ? 0.9 * Math.exp(-(min - 370) / 1.5) : 0
      return 0.004 * (1 + 0.4 * Math.sin(k * 12.9) * Math.cos(k * 7.1)) + quake
    }
    const halves = Array.from({ length: columns }, (_, k) => half(k))
    return {
      from_ns: ns(from_ms),
      min: halves.map((h) => (h === null ? null : 0.02 - h)),
      max: halves.map((h) => (h === null ? null : 0.02 + h)),
    }
  })
  const channel = query.get('channel') ?? ''
  return { channel, unit: 'm/s²', day, line_minutes: 30, columns_per_line: columns, lines, source: 'samples' }
}

export function shakingReply(path: string, query: URLSearchParams, start_ms: number): unknown {
  const all = events(start_ms)
  if (path === '/events') {
    const [from, to] = [query.get('from'), query.get('to')]
    return {
      events: all.filter(
        (e) =>
          (to === null || BigInt(e.onset_ns) <= BigInt(to)) && (from === null || BigInt(e.ended_ns!) >= BigInt(from)),
      ),
    }
  }
  const event = all.find((e) => path === `/events/${e.id}`)
  if (event !== undefined) return eventDetail(event)
  if (path === '/spectrum') return spectrum(query)
  return path === '/helicorder' ? helicorder(query) : undefined
}
