/**
 * Weeks and years from the rollups of hours instead of every reading: thousands of points where there are millions. Extremes
 * stay extremes: the largest of the largest, the least of the least, the mean by sums and counts. An hour counts once it is at rest;
 * one that readings reached since it was rolled up is a hole until it is rolled up anew, for its extremes may be others.
 */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink } from '../board.ts'
import { columns, FROM, IN_RANGE, is, name, OF_SITE, scaled, where } from '../influxql.ts'
import type { NewPanel } from '../json.ts'
import { named, rowOf, timeseries } from '../panels.ts'
import { shownAs, type ViewChannel, type ViewStructure, type ViewWater } from '../view.ts'
import { channelsNamed, levelSteps } from './steps.ts'

const R = FIELD.rollup
const KNOWN = `${name(R.stale)} = 0`
/** A column of an hour and a little: one that is missing shows as a hole. */
const BRIDGE_MS = 3_900_000

export function history(context: Context): Board {
  const { view, words } = context
  return {
    id: 'history',
    from: 'now-30d',
    refresh: '5m',
    console: '/',
    rows: [
      ...view.waters.flatMap((water) => [[rowOf(water.water.name)], [stages(context, water)]]),
      ...view.structures.flatMap((structure) => {
        const panels = [
          ...largest(context, structure, 'pga', words.shaking(structure.structure.name)),
          ...largest(context, structure, 'pgv', words.velocity(structure.structure.name)),
          ...means(context, structure, 'natural_frequency', words.frequency(structure.structure.name)),
        ]
        return panels.length === 0 ? [] : [[rowOf(structure.structure.name)], ...panels.map((panel) => [panel])]
      }),
      [rowOf(words.completeness)],
      [completeness(context)],
    ],
  }
}

const moved = (call: string, { factor, offset }: { factor: number; offset: number }): string =>
  `${scaled(call, factor)}${offset === 0 ? '' : offset > 0 ? ` + ${offset}` : ` - ${-offset}`}`
const of = (channel: string): string => `${FROM.hours} ${where(OF_SITE, is(TAG.channel, channel), KNOWN, IN_RANGE)}`
const MAX = `max(${name(R.max)})`
const MIN = `min(${name(R.min)})`
const MEAN = `sum(${name(R.total)}) / sum(${name(R.count)})`
/** No narrower than an hour: between two rollups there is nothing. */
const COMMON = { w: 24, h: 9, interval: '1h', bridge_ms: BRIDGE_MS } as const

function stages(context: Context, { water, levels, stage }: ViewWater): NewPanel {
  const { words } = context
  const shown = shownAs('stage')
  return timeseries({
    ...COMMON,
    title: words.stageHistory(water.name),
    description: words.historyAbout,
    unit: shown.unit,
    decimals: shown.decimals,
    queries: [
      { query: `SELECT ${MAX} ${of(stage)} ${columns()}`, alias: 'greatest' },
      { query: `SELECT ${MEAN} ${of(stage)} ${columns()}`, alias: 'mean' },
      { query: `SELECT ${MIN} ${of(stage)} ${columns()}`, alias: 'least' },
    ],
    overrides: [named('greatest', words.greatest, 0), named('mean', words.mean, 1), named('least', words.least, 2)],
    steps: levelSteps(levels),
    links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
  })
}

function chart(
  context: Context,
  view: ViewStructure,
  metric: string,
  title: string,
  query: (channel: ViewChannel['channel']) => string,
): NewPanel[] {
  const channels = channelsNamed(view, metric)
  if (channels.length === 0) return []
  const shown = shownAs(channels[0]!.channel.quantity)
  return [
    timeseries({
      ...COMMON,
      title,
      description: context.words.historyAbout,
      unit: shown.unit,
      decimals: shown.decimals,
      queries: channels.map(({ channel }) => ({ query: query(channel), alias: channel.device })),
      overrides: channels.map(({ channel, name: floor }, i) => named(channel.device, floor, i)),
      legend: 'table',
      links: [consoleLink(context, `/building/${view.structure.id}${AT_RANGE}`)],
    }),
  ]
}

const largest = (context: Context, view: ViewStructure, metric: string, title: string): NewPanel[] =>
  chart(
    context,
    view,
    metric,
    title,
    ({ id, quantity }) => `SELECT ${moved(MAX, shownAs(quantity))} ${of(id)} ${columns()}`,
  )

const means = (context: Context, view: ViewStructure, metric: string, title: string): NewPanel[] =>
  chart(
    context,
    view,
    metric,
    title,
    ({ id, quantity }) => `SELECT ${moved(MEAN, shownAs(quantity))} ${of(id)} ${columns()}`,
  )

/** Of everything that was to come, by device: what a chart above does not show is told here. */
function completeness(context: Context): NewPanel {
  return timeseries({
    ...COMMON,
    title: context.words.completeness,
    description: context.words.completenessAbout,
    unit: 'percent',
    decimals: 1,
    min: 0,
    queries: [
      {
        query: `SELECT mean(${name(R.coverage)}) * 100 ${FROM.hours} ${where(OF_SITE, KNOWN, IN_RANGE)} ${columns(TAG.device)}`,
        alias: `$tag_${TAG.device}`,
      },
    ],
  })
}
