/**
 * Building health: what each floor felt against the limits of the site. Velocity, natural frequency and drift are `motion.ts`'s;
 * other measures (tilt, temperature) are charts wherever the site has a channel of them.
 */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink, namesVariable, transitions } from '../board.ts'
import { GREY, PRIORITY, UNKNOWN } from '../colors.ts'
import { columns, FROM, IN_RANGE, is, isAnyOf, isNot, name, OF_SITE, scaled, USABLE, where } from '../influxql.ts'
import type { Mapping, NewPanel } from '../json.ts'
import { lineAt, named, rowOf, stat, timeline, timeseries } from '../panels.ts'
import { onScreen, shownAs, type ViewChannel, type ViewStructure } from '../view.ts'
import type { Words } from '../words/index.ts'
import { MOTION_METRICS, motion } from './motion.ts'
import { alarmBands, events, openAlarms } from './parts.ts'
import { limitSteps, pgaOf } from './steps.ts'

const V = name(FIELD.reading.value)
const OF_STRUCTURES = [isAnyOf(TAG.structure, 'structure'), isNot(TAG.structure, '')]

export function building(context: Context): Board {
  const { view, words } = context
  return {
    id: 'building',
    from: 'now-6h',
    refresh: '10s',
    console: view.structures.length === 1 ? `/building/${view.structures[0]!.structure.id}${AT_RANGE}` : '/',
    variables: [
      namesVariable(
        'structure',
        words.structure,
        view.structures.map(({ structure }) => structure),
      ),
    ],
    annotations: [transitions(context, OF_STRUCTURES)],
    rows: [
      [openAlarms(context, OF_STRUCTURES, 24, 7)],
      ...view.structures.flatMap((structure) => [
        [rowOf(structure.structure.name)],
        ...shaking(context, structure),
        ...motion(context, structure),
        ...otherMeasures(context, structure),
      ]),
      [rowOf(words.alarmStates)],
      ...view.structures.map(({ structure }) => [
        alarmBands(context, words.floorAlarms(structure.name), TAG.floor, [is(TAG.structure, structure.id)], 24, 7),
      ]),
      [events(context, words.events, { more: OF_STRUCTURES, limit: 200, w: 24, h: 9 })],
    ],
  }
}

const one = (channel: string, factor: number, call = 'max'): string =>
  `SELECT ${scaled(`${call}(${V})`, factor)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel), USABLE, IN_RANGE)}`

function shaking(context: Context, view: ViewStructure): NewPanel[][] {
  const { words } = context
  const channels = pgaOf(view)
  if (channels.length === 0) return []
  const shown = shownAs('acceleration')
  const { unit, decimals, factor } = shown
  const { id, name: structure } = view.structure
  const links = [consoleLink(context, `/building/${id}${AT_RANGE}`)]
  const floors = channels.map(({ channel, name: floor }, i) => named(channel.device, floor, i))
  const limits = channels.flatMap((channel) => channel.limits)
  const queries = (grouped: string) =>
    channels.map(({ channel }) => ({ query: `${one(channel.id, factor)} ${grouped}`.trim(), alias: channel.device }))
  return [
    [
      timeseries({
        title: words.shaking(structure),
        description: words.shakingAbout,
        w: 18,
        h: 10,
        unit,
        decimals,
        min: 0,
        interval: '1s',
        bridge_ms: 15_000,
        queries: [
          ...queries(columns()),
          // Each limit is of one floor: a line with its name, not a threshold of all of them.
          ...limits.map(({ limit }) => ({
            query: `SELECT max(${V}) * 0 + ${onScreen(limit.limit, shown)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, limit.channel), IN_RANGE)} ${columns()}`,
            alias: limit.id,
          })),
        ],
        overrides: [...floors, ...limits.map(({ limit }) => lineAt(limit.id, limit.name, PRIORITY[limit.priority]))],
        legend: 'table',
        links,
      }),
      stat({
        title: words.peak(structure),
        description: words.shakingAbout,
        w: 6,
        h: 10,
        unit,
        decimals,
        queries: queries(''),
        overrides: channels.map(({ channel, name: floor, limits: own }) => ({
          matcher: { id: 'byName', options: channel.device },
          properties: [
            { id: 'displayName', value: floor },
            { id: 'thresholds', value: { mode: 'absolute', steps: limitSteps(own, shown) } },
          ],
        })),
        unknown: words.unknown,
        calc: 'max',
        links,
      }),
    ],
    [
      timeline({
        title: words.intensity(structure),
        description: words.intensityAbout,
        w: 24,
        h: Math.min(14, 3 + channels.length),
        interval: '1s',
        queries: queries(columns()),
        mappings: intensityMappings(words),
        overrides: channels.map(({ channel, name: floor }) => ({
          matcher: { id: 'byName', options: channel.device },
          properties: [{ id: 'displayName', value: floor }],
        })),
        links,
      }),
    ],
  ]
}

/** CWA intensity scale of 2020 by PGA [gal]; 5- and above are told apart by PGV, in the panel beside. Whatever lies beyond is not guessed. */
const GRADES = [
  { grade: '0', from: 0, to: 0.8, color: GREY },
  { grade: '1', from: 0.8, to: 2.5, color: '#7d8fa3' },
  { grade: '2', from: 2.5, to: 8, color: '#5f86a8' },
  { grade: '3', from: 8, to: 25, color: PRIORITY.low },
  { grade: '4', from: 25, to: 80, color: PRIORITY.medium },
] as const
/** Ranges of Grafana hold both ends: what lies on a border is of the upper grade. */
const BELOW = 1e-9

const intensityMappings = (words: Words): Mapping[] => [
  ...GRADES.map(
    ({ grade, from, to, color }, index): Mapping => ({
      type: 'range',
      options: { from, to: to - BELOW, result: { text: words.intensityGrade(grade), color, index } },
    }),
  ),
  {
    type: 'range',
    options: { from: 80, to: null, result: { text: words.intensityOpen, color: PRIORITY.high, index: GRADES.length } },
  },
  { type: 'special', options: { match: 'null', result: { text: words.unknown, color: UNKNOWN, index: 9 } } },
]

/** Every other measured quantity of a structure, a chart for each metric. */
function otherMeasures(context: Context, { structure, devices }: ViewStructure): NewPanel[][] {
  const metrics = new Map<string, ViewChannel[]>()
  for (const { name: floor, channels } of devices)
    for (const channel of channels)
      if (channel.channel.metric !== 'pga' && !MOTION_METRICS.includes(channel.channel.metric))
        metrics.set(channel.channel.metric, [
          ...(metrics.get(channel.channel.metric) ?? []),
          { ...channel, name: floor },
        ])
  const panels = [...metrics].map(([metric, channels]) => {
    const shown = shownAs(channels[0]!.channel.quantity)
    return timeseries({
      title: context.words.measureOf(structure.name, metric),
      w: 12,
      h: 8,
      unit: shown.unit,
      decimals: shown.decimals,
      interval: '1s',
      bridge_ms: 60_000,
      queries: channels.map(({ channel }) => ({
        query: `${oneMean(channel.id, shown.factor, shown.offset)} ${columns()}`,
        alias: channel.device,
      })),
      overrides: channels.map(({ channel, name: floor }, i) => named(channel.device, floor, i)),
      steps: limitSteps(
        channels.flatMap(({ limits }) => limits),
        shown,
      ),
      links: [consoleLink(context, `/building/${structure.id}${AT_RANGE}`)],
    })
  })
  return Array.from({ length: Math.ceil(panels.length / 2) }, (_, i) => panels.slice(i * 2, i * 2 + 2))
}

function oneMean(channel: string, factor: number, offset: number): string {
  const moved = offset === 0 ? '' : offset > 0 ? ` + ${offset}` : ` - ${-offset}`
  return `SELECT ${scaled(`mean(${V})`, factor)}${moved} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel), USABLE, IN_RANGE)}`
}
