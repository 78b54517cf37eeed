/** What was stored: series in columns, raw blocks, gaps. Each answers 503 while the store is away. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { BlocksJson, GapJson, SeriesColumnJson, SeriesJson } from '../../domain/api.ts'
import { type Channel, channelsOf } from '../../domain/channel.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import type { SeriesColumn, StoredBlock } from '../../domain/ports.ts'
import { secondsBetween } from '../../domain/time.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { readQuery, readSpan } from '../request.ts'

/** Twice the pixels of a wide screen. */
const POINTS_MAX = 8000
/** Ten minutes of three axes at 200 Hz are 360,000 numbers, some 2 MB. */
const BLOCKS_SPAN_MAX_S = 600

const Instant = Type.String({ minLength: 1, maxLength: 64 })
const ChannelId = Type.String({ minLength: 1, maxLength: 260 })
const Span = Type.Object({ from: Instant, to: Instant })
const ChannelSpan = Type.Object({ channel: ChannelId, from: Instant, to: Instant })
const SeriesQuery = Type.Object({
  channel: ChannelId,
  from: Instant,
  to: Instant,
  points: Type.Integer({ minimum: 1, maximum: POINTS_MAX, default: 1000 }),
})

export function seriesRoutes(app: FastifyInstance, desk: DeskContext): void {
  const read = { config: { access: 'read' } } as const
  const channels = new Map(channelsOf(desk.site).map((channel) => [channel.id, channel]))
  /** What a shadow of a drill has measured is there after the drill as well. */
  const find = (id: string): Channel | undefined => {
    const { device, metric } = splitChannel(id)
    const shadow = splitShadow(device)
    const real = channels.get(shadow === undefined ? id : channelId(shadow.id, metric))
    return real && { ...real, id, device }
  }

  app.get('/api/v1/series', read, async (request): Promise<SeriesJson> => {
    const query = readQuery(SeriesQuery, request.query)
    const { from, to } = readSpan(query)
    const channel = find(query.channel)
    if (channel === undefined) throw notFound(`there is no channel ${query.channel}`)
    const columns = await desk.store.read((series) => series.series(channel.id, from, to, query.points))
    return { channel: channel.id, unit: channel.unit, columns: columns.map(columnJson) }
  })

  app.get('/api/v1/blocks', read, async (request): Promise<BlocksJson> => {
    const query = readQuery(ChannelSpan, request.query)
    const { from, to } = readSpan(query)
    const { device, metric } = splitChannel(query.channel)
    const group = metric.split('/')[0] ?? ''
    const real = splitShadow(device)?.id ?? device
    const axes = [...channels.values()].filter((c) => c.device === real && c.metric.startsWith(`${group}/`))
    if (axes.length === 0 || axes[0]!.kind !== 'axis') throw notFound(`there are no blocks of ${query.channel}`)
    if (secondsBetween(to, from) > BLOCKS_SPAN_MAX_S)
      throw badRequest(`query.to: expected at most ${BLOCKS_SPAN_MAX_S} s after from; /series gives columns for more`)
    const blocks = await desk.store.read((series) => series.blocks(device, group, from, to))
    return { device, group, blocks: blocks.map(blockJson) }
  })

  app.get('/api/v1/gaps', read, async (request): Promise<{ gaps: GapJson[] }> => {
    const { from, to } = readSpan(readQuery(Span, request.query))
    const gaps = await desk.store.read((series) => series.gaps(from, to))
    return {
      gaps: gaps.map(({ channels, from_ns, to_ns, expected, missing, reason }) => ({
        channels: [...channels],
        from_ns: String(from_ns),
        to_ns: String(to_ns),
        expected,
        missing,
        reason,
      })),
    }
  })
}

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
