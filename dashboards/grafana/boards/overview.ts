/** Overview: is anything wrong, and does anybody answer. Everything here is of the last minute, or says that it is unknown. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink } from '../board.ts'
import { GREY, RED, UNKNOWN } from '../colors.ts'
import { by, columns, FROM, IN_RANGE, is, NOW, name, OF_SITE, scaled, USABLE, where } from '../influxql.ts'
import type { NewPanel, Step } from '../json.ts'
import { named, rowOf, stat, timeline, upMapping } from '../panels.ts'
import { shownAs, type ViewStructure, type ViewWater } from '../view.ts'
import { events, openAlarms } from './parts.ts'
import { levelSteps, limitSteps, pgaOf } from './steps.ts'

const ONE_IS_TOO_MANY: readonly Step[] = [
  { value: null, color: GREY },
  { value: 1, color: RED },
]
const MUST_BE_THERE: readonly Step[] = [
  { value: null, color: RED },
  { value: 1, color: GREY },
]

export function overview(context: Context): Board {
  const { view, words } = context
  return {
    id: 'overview',
    from: 'now-6h',
    refresh: '10s',
    console: '/',
    rows: [
      [rowOf(words.now)],
      counts(context),
      [openAlarms(context, [], 24, 8)],
      ...(view.waters.length === 0
        ? []
        : [[rowOf(words.waters)], ...inRows(view.waters.map((w) => stageNow(context, w)))]),
      ...(view.structures.length === 0
        ? []
        : [[rowOf(words.structures)], ...view.structures.flatMap((one) => peakNow(context, one))]),
      [rowOf(words.sensors)],
      [sensors(context)],
      [events(context, words.events, { limit: 200, w: 24, h: 10 })],
    ],
  }
}

/** Four to a row. */
const inRows = (panels: readonly NewPanel[]): NewPanel[][] =>
  Array.from({ length: Math.ceil(panels.length / 4) }, (_, i) => panels.slice(i * 4, i * 4 + 4))

function counts(context: Context): NewPanel[] {
  const { words } = context
  const A = FIELD.alarm
  const H = FIELD.health
  const sumOfNewest = (field: string) =>
    `SELECT sum("one") AS "all" FROM (SELECT last(${name(field)}) AS "one" ${FROM.alarm} ${where(OF_SITE, NOW)} ${by(TAG.alarm)})`
  const silent = `SELECT sum("down") AS "all" FROM (SELECT 1 - last(${name(H.up)}) AS "down" ${FROM.health} ${where(OF_SITE, is(TAG.part, 'device'), NOW)} ${by(TAG.id)})`
  const desk = `SELECT last(${name(H.up)}) ${FROM.health} ${where(OF_SITE, is(TAG.part, 'desk'), NOW)}`
  const common = { w: 6, h: 4, decimals: 0, unknown: words.unknown, background: true } as const
  return [
    stat({
      ...common,
      title: words.openAlarms,
      description: words.openAlarmsAbout,
      queries: [{ query: sumOfNewest(A.open), alias: 'open' }],
      steps: ONE_IS_TOO_MANY,
      links: [consoleLink(context, '/alarms')],
    }),
    stat({
      ...common,
      title: words.unacknowledged,
      description: words.unacknowledgedAbout,
      queries: [{ query: sumOfNewest(A.unacknowledged), alias: 'unacknowledged' }],
      steps: ONE_IS_TOO_MANY,
      links: [consoleLink(context, '/alarms')],
    }),
    stat({
      ...common,
      title: words.silentDevices,
      description: words.silentDevicesAbout,
      queries: [{ query: silent, alias: 'silent' }],
      steps: ONE_IS_TOO_MANY,
    }),
    stat({
      ...common,
      title: words.desk,
      description: words.deskAbout,
      queries: [{ query: desk, alias: 'desk' }],
      steps: MUST_BE_THERE,
      mappings: [upMapping(words)],
    }),
  ]
}

function stageNow(context: Context, { water, levels, stage }: ViewWater): NewPanel {
  const { words } = context
  const { unit, decimals } = shownAs('stage')
  return stat({
    title: words.stageNow(water.name),
    description: words.stageNowAbout(water.datum),
    w: 6,
    h: 4,
    unit,
    decimals,
    queries: [
      {
        query: `SELECT last(${name(FIELD.reading.value)}) ${FROM.reading} ${where(OF_SITE, is(TAG.channel, stage), USABLE, NOW)}`,
        alias: water.id,
      },
    ],
    steps: levelSteps(levels),
    unknown: words.unknown,
    links: [consoleLink(context, `/water/${water.id}${AT_RANGE}`)],
  })
}

function peakNow(context: Context, view: ViewStructure): NewPanel[][] {
  const { words } = context
  const channels = pgaOf(view)
  if (channels.length === 0) return []
  const { unit, decimals, factor } = shownAs('acceleration')
  return [
    [
      stat({
        title: words.peakNow(view.structure.name),
        description: words.peakNowAbout,
        w: 24,
        h: 4,
        unit,
        decimals,
        queries: channels.map(({ channel }) => ({
          query: `SELECT ${scaled(`max(${name(FIELD.reading.value)})`, factor)} ${FROM.reading} ${where(OF_SITE, is(TAG.channel, channel.id), USABLE, NOW)}`,
          alias: channel.device,
        })),
        steps: [{ value: null, color: GREY }],
        overrides: channels.map(({ channel, name: floor, limits }) => ({
          matcher: { id: 'byName', options: channel.device },
          properties: [
            { id: 'displayName', value: floor },
            { id: 'thresholds', value: { mode: 'absolute', steps: limitSteps(limits, shownAs('acceleration')) } },
          ],
        })),
        unknown: words.unknown,
        links: [consoleLink(context, `/building/${view.structure.id}${AT_RANGE}`)],
      }),
    ],
  ]
}

function sensors(context: Context): NewPanel {
  const { view, words } = context
  return timeline({
    title: words.sensorsUp,
    description: words.sensorsUpAbout,
    w: 24,
    h: Math.min(16, 4 + view.devices.length),
    interval: '30s',
    queries: [
      {
        query: `SELECT min(${name(FIELD.health.up)}) ${FROM.health} ${where(OF_SITE, is(TAG.part, 'device'), IN_RANGE)} ${columns(TAG.id)}`,
        alias: `$tag_${TAG.id}`,
      },
    ],
    mappings: [
      upMapping(words),
      { type: 'special', options: { match: 'null', result: { text: words.unknown, color: UNKNOWN, index: 9 } } },
    ],
    overrides: view.devices.map(({ id, name: device }) => ({
      matcher: { id: 'byName', options: id },
      properties: named(id, device, 0).properties.filter((property) => property.id === 'displayName'),
    })),
  })
}
