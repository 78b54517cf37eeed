/** What was stored: series in columns, raw blocks, gaps, spectra and day lines of waveforms. Spans are bounded. */
import Type from 'typebox'
import { Closed, InstantText, Ns, NumberOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'

/** Twice the pixels of a wide screen. */
export const POINTS_MAX = 8000
/** Ten minutes of three axes at 200 Hz are 360,000 numbers, some 2 MB. */
export const BLOCKS_SPAN_MAX_S = 600
/** Five minutes give a resolution of 3 mHz; more is work that other requests wait for. */
export const SPECTRUM_SPAN_MAX_S = 300
/** Gaps answered at most: the newest. */
export const GAPS_MAX = 5000

const ChannelId = Type.String({ minLength: 1, maxLength: 260 })
const DeviceId = Type.String({ minLength: 1, maxLength: 160 })

export const SeriesColumnJson = Type.Tuple(
  [Ns, Type.Number(), Type.Number(), Type.Number(), Type.Integer(), Type.Integer()],
  { description: 't_ns, min, mean, max, count, worst flag; a column without readings is left out.' },
)
export const SeriesJson = Closed({
  channel: Type.String(),
  unit: Type.String(),
  columns: Type.Array(SeriesColumnJson),
})
export const BlockJson = Closed({
  t0_ns: Ns,
  sample_rate_hz: Type.Number(),
  scale: Type.Number(),
  unit: Type.String(),
  first_counter: Type.Integer(),
  boot_id: Type.Integer(),
  axes: Type.Record(Type.String(), Type.Array(Type.Integer())),
})
export const BlocksJson = Closed({ device: Type.String(), group: Type.String(), blocks: Type.Array(BlockJson) })
export const GapJson = Closed({
  channels: Type.Array(Type.String()),
  from_ns: Ns,
  to_ns: Ns,
  expected: Type.Integer(),
  missing: Type.Integer(),
  reason: Type.String(),
})
export const SpectrumJson = Closed({
  device: Type.String(),
  group: Type.String(),
  axis: Type.String(),
  from_ns: Ns,
  to_ns: Ns,
  unit: Type.String({ description: 'Of the density.' }),
  frequencies_hz: Type.Array(Type.Number()),
  density: Type.Array(Type.Number()),
  peak_hz: Type.Union([Type.Number(), Type.Null()], {
    description: 'Where the density is greatest; null without samples.',
  }),
  samples: Type.Integer(),
  complete: Type.Number({ description: 'Share of the samples of the span that are there, 0 to 1.' }),
  method: Type.String(),
})
export const HelicorderJson = Closed({
  channel: Type.String(),
  unit: Type.String(),
  day: Type.String(),
  line_minutes: Type.Integer(),
  columns_per_line: Type.Integer(),
  lines: Type.Array(
    Closed({
      from_ns: Ns,
      min: Type.Array(NumberOrNull, { description: 'A column without samples is null.' }),
      max: Type.Array(NumberOrNull),
    }),
  ),
  source: Type.Enum(['samples', 'readings']),
})

const Span = { from: InstantText, to: InstantText }
const tag = 'series'
export const SERIES_ROUTES = {
  series: {
    method: 'GET',
    path: `${PREFIX}/series`,
    access: 'read',
    tag,
    summary: 'A channel over a span in at most so many columns of least, mean and greatest value.',
    query: Type.Object({
      channel: ChannelId,
      ...Span,
      points: Type.Integer({ minimum: 1, maximum: POINTS_MAX, default: 1000 }),
    }),
    answer: SeriesJson,
    csv: true,
    refuses: [404, 503],
  },
  blocks: {
    method: 'GET',
    path: `${PREFIX}/blocks`,
    access: 'read',
    tag,
    summary: 'Raw samples of a device, at most ten minutes of them.',
    query: Type.Object({ channel: ChannelId, ...Span }),
    answer: BlocksJson,
    csv: true,
    refuses: [404, 503],
  },
  gaps: {
    method: 'GET',
    path: `${PREFIX}/gaps`,
    access: 'read',
    tag,
    summary: 'What is missing and why; the newest where there are too many.',
    query: Type.Object(Span),
    answer: Closed({ gaps: Type.Array(GapJson) }),
    csv: true,
    refuses: [503],
  },
  spectrum: {
    method: 'GET',
    path: `${PREFIX}/spectrum`,
    access: 'read',
    tag,
    summary: 'Power spectral density of one axis (Welch), of at most five minutes.',
    query: Type.Object({ device: DeviceId, axis: Type.String({ minLength: 1, maxLength: 64 }), ...Span }),
    answer: SpectrumJson,
    refuses: [404, 503],
  },
  helicorder: {
    method: 'GET',
    path: `${PREFIX}/helicorder`,
    access: 'read',
    tag,
    summary: 'A day of one channel in lines, as a drum recorder draws it: least and greatest value of each column.',
    query: Type.Object({
      channel: ChannelId,
      day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Of the site’s time zone.' }),
      line_minutes: Type.Integer({ minimum: 10, maximum: 60, multipleOf: 10, default: 30 }),
      columns: Type.Integer({ minimum: 60, maximum: 900, default: 600 }),
    }),
    answer: HelicorderJson,
    refuses: [404, 503],
  },
} as const satisfies Record<string, ApiRoute>
