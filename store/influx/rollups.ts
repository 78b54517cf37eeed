/**
 * Rollups in InfluxDB as lines: seconds (axes alone), minutes and the hour of one channel, made anew of what is stored of the
 * hour. While points are written that the rollups of an hour do not know, the hour's point says `stale`, so that any reader
 * can tell; nothing of a server's own (continuous queries, tasks) is portable.
 */
import { splitChannel } from '../../domain/ids.ts'
import { FIELD, MEASUREMENT, TAG } from '../../domain/series.ts'
import { type Figures, joinedFigures } from '../columns.ts'
import { GRAIN_NS, type Grain, HOUR_NS, hourOf, hourStart, MINUTE_NS } from '../rollup.ts'
import { integerField, line, tagSet } from './line-protocol.ts'

/** A series and an hour in which it changed. `owner`: a channel, or a group with all its axes (`state.ts`). */
export type Mark = { readonly owner: string; readonly hour: number }

/** Hours of instants that a line can bear with a whole hour around them. */
export const hoursOf = (from_ns: bigint, to_ns: bigint): number[] => {
  const last = Math.min(hourOf(to_ns), hourOf(from_ns) + SPAN_HOURS_MAX)
  const out: number[] = []
  for (let hour = hourOf(from_ns); hour <= last; hour++)
    if (hourStart(hour) < FAR_NS && hourStart(hour) > -FAR_NS) out.push(hour)
  return out
}
const FAR_NS = 2n ** 63n - 4n * HOUR_NS
/** Of a longer gap only its first hours are touched: what it hides has no points. */
const SPAN_HOURS_MAX = 1000

/** What is stored of a window, usable or not in `all`. */
export type Window = { readonly at_ns: bigint; readonly figures: Figures; readonly all: number }
/** Of a gap that touches the hour. */
export type Missing = { readonly from_ns: bigint; readonly to_ns: bigint; readonly missing: number }

const head = (site: string, grain: Grain, channel: string): string => {
  const { device, metric } = splitChannel(channel)
  const measurement = MEASUREMENT[`rollup_${grain}`]
  return measurement + tagSet({ [TAG.site]: site, [TAG.channel]: channel, [TAG.device]: device, [TAG.metric]: metric })
}
const F = FIELD.rollup

export const staleLine = (site: string, channel: string, hour: number): string =>
  line(head(site, '1h', channel), { [F.stale]: '1i' }, hourStart(hour))

/** Lines of one hour, by grain. @param finest windows of the grain `from`, in order, all of the hour */
export function rollupLines(
  site: string,
  channel: string,
  hour: number,
  from: '1s' | '1m',
  finest: readonly Window[],
  missing: readonly Missing[],
): { readonly raw: readonly string[]; readonly lasting: readonly string[] } {
  const minutes = from === '1m' ? finest : joinedBy(finest, MINUTE_NS)
  const [whole] = joinedBy(minutes, HOUR_NS)
  const start = hourStart(hour)
  const empty: Window = { at_ns: start, figures: { min: 0, max: 0, sum: 0, count: 0, rank: 0 }, all: 0 }
  const lines = (grain: Grain, windows: readonly Window[], more: Record<string, string> = {}): string[] => {
    const base = head(site, grain, channel)
    return windows.map((window) => line(base, { ...fieldsOf(window, GRAIN_NS[grain], missing), ...more }, window.at_ns))
  }
  return {
    raw: from === '1s' ? lines('1s', finest) : [],
    lasting: [...lines('1m', minutes), ...lines('1h', [whole ?? empty], { [F.stale]: '0i' })],
  }
}

function fieldsOf({ at_ns, figures, all }: Window, length_ns: bigint, missing: readonly Missing[]) {
  const { min, max, sum, count, rank } = figures
  const expected = Math.max(count, Math.round(all + missingIn(missing, at_ns, at_ns + length_ns)))
  const usable =
    count === 0
      ? {}
      : { [F.min]: String(min), [F.mean]: String(sum / count), [F.max]: String(max), [F.total]: String(sum) }
  return {
    ...usable,
    [F.count]: integerField(count),
    [F.expected]: integerField(expected),
    [F.coverage]: String(expected === 0 ? 0 : count / expected),
    [F.flag_rank]: integerField(rank),
  }
}

function joinedBy(windows: readonly Window[], length_ns: bigint): Window[] {
  const out = new Map<bigint, Window>()
  for (const { at_ns, figures, all } of windows) {
    const start = at_ns - (((at_ns % length_ns) + length_ns) % length_ns)
    const found = out.get(start)
    out.set(
      start,
      found === undefined
        ? { at_ns: start, figures, all }
        : { at_ns: start, figures: joinedFigures(found.figures, figures), all: found.all + all },
    )
  }
  return [...out.values()]
}

/** Of a gap that reaches beyond the window, the share that lies in it. */
export function missingIn(gaps: readonly Missing[], from: bigint, to: bigint): number {
  return gaps.reduce((sum, gap) => {
    const length = Number(gap.to_ns - gap.from_ns)
    const first = gap.from_ns > from ? gap.from_ns : from
    const end = gap.to_ns < to ? gap.to_ns : to
    const shared = Math.max(0, Number(end - first))
    return length > 0 ? sum + (gap.missing * shared) / length : sum
  }, 0)
}
