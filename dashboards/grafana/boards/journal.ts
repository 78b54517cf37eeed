/** Alarm journal and quality: what happened, who answered, and whether the alarms are ones that people can answer. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Board, type Context, consoleLink, namesVariable } from '../board.ts'
import { GREY, PRIORITY, RED } from '../colors.ts'
import { by, FROM, IN_RANGE, is, isAnyOf, name, OF_SITE, where } from '../influxql.ts'
import type { NewPanel } from '../json.ts'
import { bars, coloured, column, linksTo, rowOf, table, timeseries, width } from '../panels.ts'
import { alarmBands, events, openAlarms } from './parts.ts'

const E = FIELD.event
const A = FIELD.alarm
const OF_PRIORITY = isAnyOf(TAG.priority, 'priority')
const NOTICES = [is(TAG.kind, 'notice'), OF_PRIORITY]
/** EEMUA 191, ISA-18.2: more than ten in ten minutes are a flood. */
const FLOOD_PER_10_MIN = 10

export function journal(context: Context): Board {
  const { words } = context
  const priorities = (['critical', 'high', 'medium', 'low'] as const).map((id) => ({ id, name: id }))
  return {
    id: 'journal',
    from: 'now-7d',
    refresh: '1m',
    console: `/alarms${AT_RANGE}`,
    variables: [namesVariable('priority', words.priority, priorities)],
    rows: [
      [openAlarms(context, [OF_PRIORITY], 24, 7)],
      [rate(context), byPriority(context)],
      [topLimits(context), openShare(context)],
      [rowOf(words.alarmStates)],
      [alarmBands(context, words.alarmStates, TAG.limit, [OF_PRIORITY], 24, 10)],
      [rowOf(words.journalRows)],
      [
        events(context, words.answers, {
          kinds: ['acknowledge', 'comment', 'reset', 'shelve', 'unshelve'],
          limit: 200,
          w: 24,
          h: 8,
        }),
      ],
      [events(context, words.journalRows, { limit: 1000, w: 24, h: 14 })],
    ],
  }
}

const counted = (...conditions: readonly string[]): string =>
  `SELECT count(${name(E.seq)}) AS "count" ${FROM.event} ${where(OF_SITE, ...conditions, IN_RANGE)}`

function rate({ words }: Context): NewPanel {
  return timeseries({
    title: words.rate,
    description: words.rateAbout,
    w: 16,
    h: 8,
    decimals: 0,
    min: 0,
    bars: true,
    softMax: FLOOD_PER_10_MIN + 2,
    queries: [{ query: `${counted(...NOTICES)} GROUP BY time(10m) fill(0)`, alias: words.rate }],
    steps: [
      { value: null, color: GREY },
      { value: FLOOD_PER_10_MIN, color: RED },
    ],
    legend: 'none',
  })
}

const byPriority = ({ words }: Context): NewPanel =>
  bars({
    title: words.byPriority,
    description: words.byPriorityAbout,
    w: 8,
    h: 8,
    decimals: 0,
    queries: [{ query: `${counted(...NOTICES)} ${by(TAG.priority)}`, alias: `$tag_${TAG.priority}` }],
    overrides: Object.entries(PRIORITY).map(([priority, fixedColor]) => ({
      matcher: { id: 'byName', options: priority },
      properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
    })),
  })

const topLimits = (context: Context): NewPanel =>
  table({
    title: context.words.topLimits,
    w: 12,
    h: 9,
    queries: [{ query: `${counted(is(TAG.kind, 'onset'), OF_PRIORITY)} ${by(TAG.alarm, TAG.priority)}` }],
    columns: [
      column(TAG.alarm, context.words.alarm, [linksTo(consoleLink(context, '/alarms/${__value.raw}'))]),
      column(TAG.priority, context.words.priority, [width(90)]),
      column('count', context.words.times, [width(90)]),
    ],
    hide: ['Time'],
    sortBy: { displayName: context.words.times, desc: true },
  })

const openShare = (context: Context): NewPanel =>
  table({
    title: context.words.openShare,
    description: context.words.openShareAbout,
    w: 12,
    h: 9,
    queries: [
      {
        query: `SELECT mean(${name(A.open)}) AS "share" ${FROM.alarm} ${where(OF_SITE, OF_PRIORITY, IN_RANGE)} ${by(TAG.alarm)}`,
      },
    ],
    columns: [
      column(TAG.alarm, context.words.alarm, [linksTo(consoleLink(context, '/alarms/${__value.raw}'))]),
      column('share', context.words.openShare, [
        { id: 'unit', value: 'percentunit' },
        {
          id: 'thresholds',
          value: {
            mode: 'absolute',
            steps: [
              { value: null, color: GREY },
              { value: 0.9, color: RED },
            ],
          },
        },
        ...coloured,
        width(200),
      ]),
    ],
    hide: ['Time'],
    sortBy: { displayName: context.words.openShare, desc: true },
  })
