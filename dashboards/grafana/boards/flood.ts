/** Flood response: where the water stands against its levels, how fast it comes, when it is there, and who was told. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink, namesVariable, transitions } from '../board.ts'
import { GREY, LINE, SEVERITY } from '../colors.ts'
import { columns, FROM, IN_RANGE, is, isAnyOf, isNot, NOW, name, OF_SITE, scaled, USABLE, where } from '../influxql.ts'
import type { NewPanel, Variable } from '../json.ts'
import { fixed, lineAt, rowOf, stat, words as textPanel, timeseries } from '../panels.ts'
import { onScreen, shownAs, type ViewWater } from '../view.ts'
import { alarmBands, events, openAlarms } from './parts.ts'
import { levelSteps, limitSteps } from './steps.ts'

const V = name(FIELD.reading.value)
const OF_WATERS = [isAnyOf(TAG.water, 'water'), isNot(TAG.water, '')]
/** A chart is drawn across holes of up to so long; what is silent longer shows. */
const BRIDGE_MS = 60_000

export function flood(context: Context): Board {
  const { view, words } = context
  return {
    id: 'flood',
    from: 'now-24h',
    refresh: '10s',
    console: view.waters.length === 1 ? `/water/${view.waters[0]!.water.id}${AT_RANGE}` : '/',
    variables: [
      namesVariable(
        'water',
        words.water,
        view.waters.map(({ water }) => water),
      ),
      riseVariable(context),
    ],
    annotations: [transitions(context, OF_WATERS)],
    rows: [
      [openAlarms(context, OF_WATERS, 24, 7)],
      ...view.waters.flatMap((water) => [
        [rowOf(water.water.name)],
        [stage(context, water, 18, 11), stageNow(context, water)],
        [...rise(context, water), ...timeToLevel(context, water)],
        [levels(context, water)],
      ]),
      [rowOf(words.alarmStates)],
      [alarmBands(context, words.waterAlarms, TAG.limit, OF_WATERS, 24, 8)],
      [events(context, words.events, { more: OF_WATERS, limit: 200, w: 24, h: 9 })],
    ],
  }
}

/** The rise is taken between two columns of this width. A simulated river that runs faster needs less of the clock. */
function riseVariable({ view, words }: Context): Variable {
  const widths = ['10s', '1m', '5m', '15m', '1h']
  const fastest = Math.max(1, ...view.waters.map(({ time_scale }) => time_scale))
  const chosen = fastest >= 60 ? '10s' : fastest >= 10 ? '1m' : '15m'
  return {
    name: 'rise',
    label: words.rise,
    type: 'custom',
    query: widths.join(','),
    current: { selected: true, text: chosen, value: chosen },
    options: widths.map((width) => ({ text: width, value: width, selected: width === chosen })),
    ...{ multi: false, includeAll: false, hide: 0, refresh: 0, sort: 0, skipUrlSync: false },
  }
}

const ofStage = ({ stage: channel }: ViewWater): string => where(OF_SITE, is(TAG.channel, channel), USABLE, IN_RANGE)

function stage(context: Context, view: ViewWater, w: number, h: number): NewPanel {
  const { words } = context
  const { unit, decimals } = shownAs('stage')
  const { water } = view
  const highest = view.levels.at(-1)?.stage_m
  return timeseries({
    title: words.stage(water.name),
    description: words.stageAbout(
      water.datum,
      view.levels.map((level) => `${level.name} = ${level.stage_m.toFixed(2)} m`).join(', '),
    ),
    w,
    h,
    unit,
    decimals,
    interval: '1s',
    bridge_ms: BRIDGE_MS,
    queries: [
      { query: `SELECT max(${V}) ${FROM.reading} ${ofStage(view)} ${columns()}`, alias: water.id },
      // The stage times nothing: a constant has no series of its own in InfluxQL.
      ...view.levels.map(({ id, stage_m }) => ({
        query: `SELECT max(${V}) * 0 + ${stage_m} ${FROM.reading} ${ofStage(view)} ${columns()}`,
        alias: id,
      })),
    ],
    overrides: [
      {
        matcher: { id: 'byName', options: water.id },
        properties: [
          { id: 'displayName', value: water.name },
          { id: 'color', value: fixed(LINE) },
          { id: 'custom.lineWidth', value: 2 },
        ],
      },
      ...view.levels.map(({ id, name: level, severity }) => lineAt(id, level, SEVERITY[severity])),
    ],
    steps: levelSteps(view.levels, 'transparent'),
    stepsAs: 'area',
    ...(highest !== undefined && { softMax: highest }),
    links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
  })
}

function stageNow(context: Context, { water, levels, stage }: ViewWater): NewPanel {
  const { words } = context
  const { unit, decimals } = shownAs('stage')
  return stat({
    title: words.stageNow(water.name),
    description: words.stageNowAbout(water.datum),
    w: 6,
    h: 11,
    unit,
    decimals,
    queries: [
      {
        query: `SELECT last(${V}) ${FROM.reading} ${where(OF_SITE, is(TAG.channel, stage), USABLE, NOW)}`,
        alias: water.id,
      },
    ],
    steps: levelSteps(levels),
    unknown: words.unknown,
    background: true,
    links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
  })
}

function rise(context: Context, { water, rise: channel, time_scale }: ViewWater): NewPanel[] {
  const { words } = context
  if (channel === undefined) return []
  const shown = shownAs('rate_of_rise')
  return [
    timeseries({
      title: words.rateOfRise(water.name),
      description: words.rateOfRiseAbout(time_scale),
      w: 12,
      h: 8,
      unit: shown.unit,
      decimals: shown.decimals,
      interval: '1s',
      bridge_ms: BRIDGE_MS,
      queries: [
        {
          query: `SELECT ${scaled(`max(${V})`, shown.factor)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel.channel.id), USABLE, IN_RANGE)} ${columns()}`,
          alias: words.rateOfRise(water.name),
        },
      ],
      steps: limitSteps(channel.limits, shown),
      legend: 'none',
      links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
    }),
  ]
}

/** Seconds to each level; a level that is reached, and water that does not rise, have none. */
function timeToLevel(context: Context, view: ViewWater): NewPanel[] {
  const { words } = context
  const { water } = view
  if (view.levels.length === 0) return []
  const rising = `SELECT max(${V}) AS "stage", derivative(max(${V}), 1s) AS "rise" ${FROM.reading} ${ofStage(view)} GROUP BY time($rise) fill(none)`
  return [
    timeseries({
      title: words.timeToLevel(water.name),
      description: words.timeToLevelAbout,
      w: 12,
      h: 8,
      unit: 's',
      decimals: 0,
      min: 0,
      queries: view.levels.map(({ id, stage_m }) => ({
        query: `SELECT (${stage_m} - "stage") / "rise" AS "left" FROM (${rising}) WHERE "rise" > 0.000001 AND "stage" < ${stage_m} AND ${IN_RANGE}`,
        alias: id,
      })),
      overrides: view.levels.map(({ id, name: level, severity }) => ({
        matcher: { id: 'byName', options: id },
        properties: [
          { id: 'displayName', value: level },
          { id: 'color', value: fixed(SEVERITY[severity] ?? GREY) },
          { id: 'custom.drawStyle', value: 'points' },
        ],
      })),
      links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
    }),
  ]
}

function levels(context: Context, { water, levels: all }: ViewWater): NewPanel {
  const { words } = context
  const shown = shownAs('stage')
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
  const rows = [...all]
    .reverse()
    .map(
      ({ name: level, stage_m, meaning }) =>
        `| ${cell(level)} | ${onScreen(stage_m, shown).toFixed(2)} m | ${cell(meaning)} |`,
    )
  const content = rows.length === 0 ? words.noLevels : [words.levelsHead, ...rows].join('\n')
  return textPanel(words.levels(water.name), content, 24, Math.min(10, 4 + rows.length))
}
