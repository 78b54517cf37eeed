/** What was stored: series in columns, raw blocks, gaps, spectra, day lines. Each answers 503 while the store is away. */
import type { FastifyInstance } from 'fastify'
import type { BlocksJson, GapJson, SeriesColumnJson } from '../../domain/api.ts'
import { BLOCKS_SPAN_MAX_S, GAPS_MAX, SERIES_ROUTES, SPECTRUM_SPAN_MAX_S } from '../../domain/api-schemas/series.ts'
import { type Channel, channelsOf } from '../../domain/channel.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import type { SeriesColumn, StoredBlock, StoredGap } from '../../domain/ports.ts'
import { addNs, type Instant, NS_PER_S, secondsBetween } from '../../domain/time.ts'
import { floorRecord } from '../floor-record.ts'
import { dayStart, lineColumns, linesOf } from '../helicorder.ts'
import { badRequest, notFound } from '../http-error.ts'
import { clientGone } from '../io/client-gone.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { LineCache } from '../io/line-cache.ts'
import { serve } from '../io/serve.ts'
import { readSpan } from '../request.ts'
import { spectrumOf } from '../spectrum.ts'

export function seriesRoutes(app: FastifyInstance, desk: DeskContext): void {
  const channels = new Map(channelsOf(desk.site).map((channel) => [channel.id, channel]))
  /** What a shadow of a drill has measured is there after the drill as well. */
  const channelOf = (id: string): Channel => {
    const { device, metric } = splitChannel(id)
    const shadow = splitShadow(device)
    const real = channels.get(shadow === undefined ? id : channelId(shadow.id, metric))
    if (real === undefined) throw notFound(`there is no channel ${id}`)
    return { ...real, id, device }
  }
  const axesOfDevice = (device: string): Channel[] => {
    const real = splitShadow(device)?.id ?? device
    return [...channels.values()].filter((c) => c.device === real && c.kind === 'axis')
  }
  const groupOf = (device: string): string | undefined => axesOfDevice(device)[0]?.metric.split('/')[0]
  const axesOf = (device: string, group: string): string[] =>
    axesOfDevice(device)
      .filter(({ metric }) => metric.startsWith(`${group}/`))
      .map(({ metric }) => metric.slice(group.length + 1))
  const helicorders = new LineCache()
  const lineOf = (gone: AbortSignal, id: string, from: Instant, to: Instant, points: number) =>
    desk.store.readFor(gone, (series) => series.series(id, from, to, points, gone))
  const blocksOf = (gone: AbortSignal, device: string, group: string, from: Instant, to: Instant) =>
    desk.store.readFor(gone, (series) => series.blocks(device, group, from, to, gone))

  serve(app, SERIES_ROUTES.series, async ({ query, reply }) => {
    const { from, to } = readSpan(query)
    const channel = channelOf(query.channel)
    const columns = await lineOf(clientGone(reply), channel.id, from, to, query.points)
    return { channel: channel.id, unit: channel.unit, columns: columns.map(columnJson) }
  })

  serve(app, SERIES_ROUTES.blocks, async ({ query, reply }) => {
    const { from, to } = readSpan(query)
    const { device, metric } = splitChannel(query.channel)
    const group = metric.split('/')[0] ?? ''
    if (axesOf(device, group).length === 0) throw notFound(`there are no blocks of ${query.channel}`)
    within(from, to, BLOCKS_SPAN_MAX_S, '; /series gives columns for more')
    const blocks = await blocksOf(clientGone(reply), device, group, from, to)
    return { device, group, blocks: blocks.map(blockJson) }
  })

  serve(app, SERIES_ROUTES.gaps, async ({ query, reply }) => {
    const { from, to } = readSpan(query)
    const gone = clientGone(reply)
    const gaps = await desk.store.readFor(gone, (series) => series.gaps(from, to, gone))
    return { gaps: gaps.slice(-GAPS_MAX).map(gapJson) }
  })

  serve(app, SERIES_ROUTES.spectrum, async ({ query, reply }) => {
    const { from, to } = readSpan(query)
    const { device, axis } = query
    const group = groupOf(device)
    if (group === undefined || !axesOf(device, group).includes(axis))
      throw notFound(`there is no axis ${axis} of ${device}`)
    within(from, to, SPECTRUM_SPAN_MAX_S, '')
    const blocks = await blocksOf(clientGone(reply), device, group, from, to)
    const about = { device, group, axis, from_ns: String(from), to_ns: String(to) }
    return { ...about, ...spectrumOf(floorRecord(blocks, from, to), axis) }
  })

  serve(app, SERIES_ROUTES.helicorder, async ({ query, reply }) => {
    const gone = clientGone(reply)
    const channel = channelOf(query.channel)
    const { day, line_minutes, columns } = query
    const start = dayStart(day, desk.site.file.time_zone)
    if (start === undefined) throw badRequest(`query.day: expected a day as 2026-01-31, got ${day}`)
    const lines = []
    for (const { from, to } of linesOf(start, line_minutes)) {
      // Nobody waits for it any more: the rest of the day is not read.
      if (gone.aborted) break
      const ahead = from > desk.clock.now()
      const found = ahead
        ? []
        : await helicorders.read(() => lineOf(gone, channel.id, from, to, columns), {
            key: `${channel.id} ${from} ${line_minutes} ${columns}`,
            final: addNs(to, SETTLED_NS) < desk.clock.now(),
          })
      lines.push({ from_ns: String(from), ...lineColumns(from, to, columns, found) })
    }
    const about = { channel: channel.id, unit: channel.unit, day, line_minutes, columns_per_line: columns }
    return { ...about, lines, source: channel.kind === 'axis' ? ('samples' as const) : ('readings' as const) }
  })
}

/** What an edge node was kept from sending for so long is not waited for. */
const SETTLED_NS = 3600n * NS_PER_S

/** @throws HttpError 400 */
function within(from: Instant, to: Instant, most_s: number, more: string): void {
  if (secondsBetween(to, from) > most_s) throw badRequest(`query.to: expected at most ${most_s} s after from${more}`)
}

const gapJson = ({ channels, from_ns, to_ns, expected, missing, reason }: StoredGap): GapJson => ({
  channels: [...channels],
  from_ns: String(from_ns),
  to_ns: String(to_ns),
  expected,
  missing,
  reason,
})

const columnJson = ({ t_ns, min, mean, max, count, worst_flag }: SeriesColumn): SeriesColumnJson => [
  String(t_ns),
  min,
  mean,
  max,
  count,
  worst_flag,
]

const blockJson = (block: StoredBlock): BlocksJson['blocks'][number] => ({
  t0_ns: String(block.t0_ns),
  sample_rate_hz: block.sample_rate_hz,
  scale: block.scale,
  unit: block.unit,
  first_counter: block.first_counter,
  boot_id: block.boot_id,
  axes: Object.fromEntries(block.axes.map(({ axis, samples }) => [axis, [...samples]])),
})
