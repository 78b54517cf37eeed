/**
 * Rounds of a recording: quiet lead, the cut record, quiet, the cut record again, for ever. Positions are device time or
 * sample counters; what a device shows at a position is left to the device.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { SiteDevice } from '../domain/site.ts'
import { fromIso, type Instant, instant, toIso } from '../domain/time.ts'
import type { Series, Waveform } from '../recordings/recording.ts'

export type Play = NonNullable<SiteDevice['simulated']>['play']

/** Lengths of lead, played record and quiet, all in samples or all in ns. */
export type Rounds<N extends number | bigint> = { readonly lead: N; readonly play: N; readonly quiet: N }

/** Round and sample of the record at a sample position, or `undefined` in the quiet parts. */
export function sampleOfRound(rounds: Rounds<number>, position: number): { round: number; k: number } | undefined {
  const since = position - rounds.lead
  if (since < 0) return undefined
  const length = rounds.play + rounds.quiet
  const k = since % length
  return k < rounds.play ? { round: Math.floor(since / length), k } : undefined
}

/** How far into the record a device time is: 0 during the lead, the end during the quiet. */
export function offsetOfRound_ns(rounds: Rounds<bigint>, device_ns: bigint): bigint {
  const { lead, play, quiet } = rounds
  if (device_ns < lead) return 0n
  const offset = (device_ns - lead) % (play + quiet)
  if (offset < play) return offset
  return play
}

export type WaveformCut = { readonly first: number; readonly count: number }

/** Samples of the record in [from, to]. @throws PlumblineError SITE_INVALID */
export function cutWaveform(wave: Waveform, play: Play, path: string): WaveformCut {
  const length = wave.axes[0]?.samples.length ?? 0
  const end = instant(wave.start + BigInt(Math.round(((length - 1) * 1e9) / wave.sample_rate_hz)))
  const { from, to } = span(play, wave.start, end, path)
  const index = (at: Instant) => (Number(at - wave.start) * wave.sample_rate_hz) / 1e9
  // A millionth of a sample absorbs the rounding of instants to whole ns, not a sample's time.
  const first = Math.ceil(index(from) - 1e-6)
  const last = Math.floor(index(to) + 1e-6)
  if (last < first) invalid(`${path}.to`, 'an instant at least one sample after from', play.to)
  return { first, count: last - first + 1 }
}

/** First and last instant of a series that are played; the last value is held for one step when nothing else is said. */
export function cutSeries(series: Series, play: Play, path: string): { from: Instant; to: Instant } {
  const n = series.t.length
  const step = n > 1 ? series.t[n - 1]! - series.t[n - 2]! : 0n
  return span(play, instant(series.t[0]!), instant(series.t[n - 1]! + step), path)
}

function span(play: Play, start: Instant, end: Instant, path: string): { from: Instant; to: Instant } {
  const within = (key: 'from' | 'to', otherwise: Instant): Instant => {
    const text = play[key]
    if (text === undefined) return otherwise
    const at = fromIso(text)
    if (at === undefined || at < start || at > end)
      invalid(`${path}.${key}`, `an instant of the record, ${toIso(start)} to ${toIso(end)}`, text)
    return at
  }
  const from = within('from', start)
  const to = within('to', end)
  if (to <= from && end > start) invalid(`${path}.to`, `an instant after ${toIso(from)}`, play.to)
  return { from, to }
}

export function invalid(path: string, expected: string, got: unknown): never {
  throw new PlumblineError('SITE_INVALID', `${path}: expected ${expected}, got ${JSON.stringify(got)}`)
}
