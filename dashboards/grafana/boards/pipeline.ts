/** Gateway and pipeline health: whether measuring, transport and storing work, and where it hangs. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { type Board, type Context, namesVariable } from '../board.ts'
import { GREY, RED } from '../colors.ts'
import { columns, FROM, filled, IN_RANGE, is, isAnyOf, name, OF_SITE, where } from '../influxql.ts'
import type { NewPanel } from '../json.ts'
import { column, named, rowOf, table, timeline, timeseries, upMapping, width } from '../panels.ts'

const H = FIELD.health
const part = (of: string): string => is(TAG.part, of)
const OF_NODES = isAnyOf(TAG.id, 'node')
/** Samples come every 15 s: a column holds at least one. */
const EVERY = '30s'
const BRIDGE_MS = 90_000

export function pipeline(context: Context): Board {
  const { view, words } = context
  const nodes = [...new Set(view.devices.map(({ node }) => node))].map((id) => ({ id, name: id }))
  return {
    id: 'pipeline',
    from: 'now-6h',
    refresh: '30s',
    console: '/',
    variables: [namesVariable('node', words.node, nodes)],
    rows: [
      [rowOf(words.parts)],
      [partsUp(context), deskParts(context)],
      [rowOf(words.measuring)],
      [polls(context), pollErrors(context)],
      [ages(context), pollsMissed(context)],
      [rowOf(words.transport)],
      [
        outbox(context, words.backlog, H.backlog_records, 'short', words.backlogAbout),
        outbox(context, words.oldest, H.oldest_s, 's'),
      ],
      [
        outbox(context, words.acknowledged, H.acknowledged_s, 's'),
        outbox(context, words.dropped, H.dropped, 'short', words.droppedAbout),
      ],
      [lag(context), quarantined(context)],
      [badReadings(context), clockSteps(context)],
      [gaps(context)],
    ],
  }
}

const health = (select: string, ...more: readonly string[]): string =>
  `SELECT ${select} ${FROM.health} ${where(OF_SITE, ...more, IN_RANGE)}`
const chart = (title: string, queries: ReadonlyArray<{ query: string; alias?: string }>) =>
  ({ title, queries, w: 12, h: 8, interval: EVERY, bridge_ms: BRIDGE_MS }) as const

function partsUp({ words }: Context): NewPanel {
  return timeline({
    title: words.partsUp,
    description: words.deskAbout,
    w: 12,
    h: 7,
    interval: EVERY,
    queries: [
      { query: `${health(`min(${name(H.up)})`, part('desk'))} ${columns()}`, alias: words.desk },
      { query: `${health(`min(${name(H.up)})`, part('ingest'))} ${columns()}`, alias: words.ingest },
      { query: `${health(`min(${name(H.up)})`, part('node'), OF_NODES)} ${columns(TAG.id)}`, alias: `$tag_${TAG.id}` },
    ],
    mappings: [upMapping(words)],
  })
}

function deskParts({ words }: Context): NewPanel {
  const fields = [
    [H.broker_up, words.broker],
    [H.store_up, words.store],
    [H.journal_up, words.journal],
  ] as const
  return timeline({
    title: words.deskParts,
    w: 12,
    h: 7,
    interval: EVERY,
    queries: [
      ...fields.map(([field, alias]) => ({
        query: `${health(`min(${name(field)})`, part('desk'))} ${columns()}`,
        alias,
      })),
      { query: `${health(`min(${name(H.taking)})`, part('ingest'))} ${columns()}`, alias: words.ingestTaking },
    ],
    mappings: [upMapping(words)],
  })
}

/** Counts begin at zero again when a node starts: a fall is no rate. */
const rate = (field: string, per: string, ...more: readonly string[]): string =>
  health(`non_negative_derivative(max(${name(field)}), ${per})`, ...more)

const polls = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.polls, [
      {
        query: `${rate(H.polls, '1s', part('node'), OF_NODES)} ${filled(TAG.id)}`,
        alias: `$tag_${TAG.id} ${words.pollsAll}`,
      },
      {
        query: `${rate(H.polls_good, '1s', part('node'), OF_NODES)} ${filled(TAG.id)}`,
        alias: `$tag_${TAG.id} ${words.pollsGood}`,
      },
    ]),
    description: words.pollsAbout,
    min: 0,
  })

const pollErrors = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.pollErrors, [
      {
        query: `${rate(H.count, '1m', part('poll-error'), OF_NODES)} ${filled(TAG.id, TAG.reason)}`,
        alias: `$tag_${TAG.id} $tag_${TAG.reason}`,
      },
    ]),
    min: 0,
  })

const pollsMissed = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.pollsMissed, [
      { query: `${rate(H.polls_missed, '1m', part('node'), OF_NODES)} ${filled(TAG.id)}`, alias: `$tag_${TAG.id}` },
    ]),
    description: words.pollsMissedAbout,
    min: 0,
  })

const ages = ({ view, words }: Context): NewPanel =>
  timeseries({
    ...chart(words.ages, [
      { query: `${health(`max(${name(H.age_s)})`, part('device'))} ${columns(TAG.id)}`, alias: `$tag_${TAG.id}` },
    ]),
    description: words.agesAbout,
    unit: 's',
    min: 0,
    overrides: view.devices.map(({ id, name: device }, i) => named(id, device, i)),
  })

const outbox = (_: Context, title: string, field: string, unit: string, description?: string): NewPanel =>
  timeseries({
    ...chart(title, [
      {
        query: `${health(`max(${name(field)})`, part('outbox'), OF_NODES)} ${columns(TAG.id, TAG.stream)}`,
        alias: `$tag_${TAG.id} $tag_${TAG.stream}`,
      },
    ]),
    ...(description !== undefined && { description }),
    unit,
    min: 0,
  })

const lag = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.lag, [
      { query: `${health(`max(${name(H.waiting_records)})`, part('ingest'))} ${columns()}`, alias: words.lagRecords },
      { query: `${health(`max(${name(H.lag_s)})`, part('ingest'))} ${columns()}`, alias: words.lagAge },
    ]),
    description: words.lagAbout,
    unit: 'short',
    min: 0,
    overrides: [{ matcher: { id: 'byName', options: words.lagAge }, properties: [{ id: 'unit', value: 's' }] }],
  })

const quarantined = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.quarantined, [
      { query: `${health(`max(${name(H.quarantined)})`, part('ingest'))} ${columns()}`, alias: words.quarantined },
    ]),
    description: words.quarantinedAbout,
    unit: 'short',
    min: 0,
    steps: [
      { value: null, color: GREY },
      { value: 1, color: RED },
    ],
    legend: 'none',
  })

const badReadings = ({ words }: Context): NewPanel => {
  const R = FIELD.reading
  return timeseries({
    ...chart(words.badReadings, [
      {
        query: `SELECT count(${name(R.flag)}) ${FROM.reading} ${where(OF_SITE, `(${name(R.flag)} = 4 OR ${name(R.flag)} = 9)`, IN_RANGE)} GROUP BY time(1m), ${name(TAG.device)} fill(none)`,
        alias: `$tag_${TAG.device}`,
      },
    ]),
    min: 0,
    bars: true,
  })
}

const clockSteps = ({ words }: Context): NewPanel =>
  timeseries({
    ...chart(words.clockSteps, [
      {
        query: `${health(`max(${name(H.clock_steps)})`, part('node'), OF_NODES)} ${columns(TAG.id)}`,
        alias: `$tag_${TAG.id}`,
      },
      { query: `${health(`max(${name(H.not_exported)})`, part('desk'))} ${columns()}`, alias: words.notExported },
    ]),
    unit: 'short',
    min: 0,
    steps: [
      { value: null, color: GREY },
      { value: 1, color: RED },
    ],
  })

function gaps({ words }: Context): NewPanel {
  const G = FIELD.gap
  return table({
    title: words.gaps,
    w: 24,
    h: 7,
    queries: [
      {
        query: `SELECT ${[TAG.device, G.channels, G.expected, G.missing, TAG.reason].map(name).join(', ')} ${FROM.gap} ${where(OF_SITE, IN_RANGE)} ORDER BY time DESC LIMIT 200`,
      },
    ],
    columns: [
      column('Time', words.time, [width(180)]),
      column(TAG.device, words.device, [width(180)]),
      column(G.expected, words.expected, [width(100)]),
      column(G.missing, words.missing, [width(100)]),
      column(TAG.reason, words.reason, [width(140)]),
    ],
  })
}
