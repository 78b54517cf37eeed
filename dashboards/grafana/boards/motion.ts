/**
 * What a structure does beside its acceleration: velocity of each floor, natural frequency over time, and what each floor did in
 * each ground-motion event, with the drift to the instrumented floor below.
 */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Context, consoleLink } from '../board.ts'
import { PRIORITY } from '../colors.ts'
import { columns, FROM, filled, IN_RANGE, is, name, OF_SITE, scaled, USABLE, where } from '../influxql.ts'
import type { NewPanel } from '../json.ts'
import { column, lineAt, named, table, timeseries, width } from '../panels.ts'
import { onScreen, shownAs, type ViewStructure } from '../view.ts'
import { channelsNamed, limitSteps } from './steps.ts'

export const MOTION_METRICS: readonly string[] = ['pgv', 'natural_frequency']
const V = name(FIELD.reading.value)
const M = FIELD.motion

export function motion(context: Context, view: ViewStructure): NewPanel[][] {
  const trends = [...velocity(context, view), ...frequency(context, view)]
  const sampled = view.devices.filter(({ axes }) => axes.length > 0)
  return [...(trends.length === 0 ? [] : [trends]), ...(sampled.length === 0 ? [] : [drift(context, view)])]
}

const linksOf = (context: Context, { structure }: ViewStructure) => [
  consoleLink(context, `/building/${structure.id}${AT_RANGE}`),
]

function velocity(context: Context, view: ViewStructure): NewPanel[] {
  const channels = channelsNamed(view, 'pgv')
  if (channels.length === 0) return []
  const shown = shownAs('velocity')
  const limits = channels.flatMap((channel) => channel.limits)
  return [
    timeseries({
      title: context.words.velocity(view.structure.name),
      description: context.words.velocityAbout,
      w: 12,
      h: 9,
      unit: shown.unit,
      decimals: shown.decimals,
      min: 0,
      interval: '1s',
      bridge_ms: 15_000,
      queries: [
        ...channels.map(({ channel }) => ({
          query: `SELECT ${scaled(`max(${V})`, shown.factor)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel.id), USABLE, IN_RANGE)} ${columns()}`,
          alias: channel.device,
        })),
        ...limits.map(({ limit }) => ({
          query: `SELECT max(${V}) * 0 + ${onScreen(limit.limit, shown)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, limit.channel), IN_RANGE)} ${columns()}`,
          alias: limit.id,
        })),
      ],
      overrides: [
        ...channels.map(({ channel, name: floor }, i) => named(channel.device, floor, i)),
        ...limits.map(({ limit }) => lineAt(limit.id, limit.name, PRIORITY[limit.priority])),
      ],
      legend: 'table',
      links: linksOf(context, view),
    }),
  ]
}

/** A value every ten minutes at most: points that hold, joined over an hour and no longer. */
function frequency(context: Context, view: ViewStructure): NewPanel[] {
  const channels = channelsNamed(view, 'natural_frequency')
  if (channels.length === 0) return []
  const shown = shownAs('frequency')
  return [
    timeseries({
      title: context.words.frequency(view.structure.name),
      description: context.words.frequencyAbout,
      w: 12,
      h: 9,
      unit: shown.unit,
      decimals: shown.decimals,
      interval: '10m',
      bridge_ms: 3_600_000,
      queries: channels.map(({ channel }) => ({
        query: `SELECT mean(${V}) ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel.id), USABLE, IN_RANGE)} ${filled()}`,
        alias: channel.device,
      })),
      overrides: channels.map(({ channel, name: floor }, i) => named(channel.device, floor, i)),
      steps: limitSteps(
        channels.flatMap(({ limits }) => limits),
        shown,
      ),
      links: linksOf(context, view),
    }),
  ]
}

function drift(context: Context, view: ViewStructure): NewPanel[] {
  const { words } = context
  const [acceleration, speed, angle] = [shownAs('acceleration'), shownAs('velocity'), shownAs('tilt')]
  const fields = [
    `${name(M.event)}`,
    `${name(TAG.floor)}`,
    `${scaled(name(M.drift_ratio), 100)} AS "drift"`,
    `${scaled(name(M.pga), acceleration.factor)} AS "pga"`,
    `${scaled(name(M.pgv), speed.factor)} AS "pgv"`,
    `${scaled(name(M.tilt), angle.factor)} AS "tilt"`,
    `${scaled(name(M.complete), 100)} AS "complete"`,
  ]
  const ofStructure = is(TAG.structure, view.structure.id)
  const shownIn = (unit: string, decimals: number) => [
    { id: 'unit', value: unit },
    { id: 'decimals', value: decimals },
  ]
  return [
    table({
      title: words.driftOf(view.structure.name),
      description: words.driftAbout,
      w: 24,
      h: 8,
      queries: [
        {
          query: `SELECT ${fields.join(', ')} ${FROM.motion} ${where(OF_SITE, ofStructure, IN_RANGE)} ORDER BY time DESC LIMIT 200`,
        },
      ],
      columns: [
        column('Time', words.time, [width(180)]),
        column(M.event, words.event),
        column(TAG.floor, words.floor, [width(110)]),
        column('drift', words.drift, shownIn('percent', 3)),
        column('pga', 'PGA', shownIn(acceleration.unit, acceleration.decimals)),
        column('pgv', 'PGV', shownIn(speed.unit, speed.decimals)),
        column('tilt', words.tilt, shownIn(angle.unit, angle.decimals)),
        column('complete', words.complete, shownIn('percent', 1)),
      ],
      links: linksOf(context, view),
      noValue: words.noMotion,
    }),
  ]
}
