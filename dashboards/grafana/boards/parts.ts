/** Panels that several boards show alike: alarms as a list, over time, and the events of the journal. */
import { FIELD, TAG } from '../../../domain/series.ts'
import { AT_RANGE, type Context, consoleLink } from '../board.ts'
import { by, columns, FROM, IN_RANGE, is, NOW, name, OF_SITE, where } from '../influxql.ts'
import type { NewPanel, Override } from '../json.ts'
import { coloured, column, linksTo, stateMapping, table, timeline, width } from '../panels.ts'

const A = FIELD.alarm
const E = FIELD.event

const alarmLink = (context: Context): Override['properties'][number] =>
  linksTo(consoleLink(context, '/alarms/${__value.raw}'))

/** Open alarms of now, the worst first. */
export function openAlarms(context: Context, more: readonly string[], w: number, h: number): NewPanel {
  const { words } = context
  const tags = [TAG.alarm, TAG.priority, TAG.device]
  const newest = `SELECT last(${name(A.state_rank)}) AS "state" ${FROM.alarm} ${where(OF_SITE, ...more, NOW)} ${by(...tags)}`
  return table({
    title: words.openAlarms,
    description: words.openAlarmsAbout,
    w,
    h,
    queries: [{ query: `SELECT "state" FROM (${newest}) WHERE "state" > 0 ${by(...tags)}` }],
    columns: [
      column('state', words.stateColumn, [{ id: 'mappings', value: [stateMapping(words)] }, ...coloured, width(220)]),
      column(TAG.alarm, words.alarm, [alarmLink(context)]),
      column(TAG.priority, words.priority, [width(90)]),
      column(TAG.device, words.device, [width(170)]),
    ],
    hide: ['Time'],
    sortBy: { displayName: words.stateColumn, desc: true },
    noValue: words.noOpen,
  })
}

/** Alarms over time, one band for each value of `tag`. */
export function alarmBands(
  context: Context,
  title: string,
  tag: string,
  more: readonly string[],
  w: number,
  h: number,
): NewPanel {
  const { words } = context
  return timeline({
    title,
    description: words.alarmsAbout,
    w,
    h,
    interval: '30s',
    queries: [
      {
        query: `SELECT max(${name(A.state_rank)}) ${FROM.alarm} ${where(OF_SITE, ...more, IN_RANGE)} ${columns(tag)}`,
        alias: `$tag_${tag}`,
      },
    ],
    mappings: [stateMapping(words)],
    links: [consoleLink(context, `/alarms${AT_RANGE}`)],
  })
}

/** Rows of the journal; only some kinds where `kinds` says so. */
export function events(
  context: Context,
  title: string,
  options: { more?: readonly string[]; kinds?: readonly string[]; limit: number; w: number; h: number },
): NewPanel {
  const { words } = context
  const { more = [], kinds, limit, w, h } = options
  const ofKinds = kinds === undefined ? [] : [`(${kinds.map((kind) => is(TAG.kind, kind)).join(' OR ')})`]
  const fields = [E.text, E.actor, TAG.kind, TAG.priority, TAG.alarm].map(name).join(', ')
  return table({
    title,
    description: words.journalAbout,
    w,
    h,
    queries: [
      {
        query: `SELECT ${fields} ${FROM.event} ${where(OF_SITE, ...more, ...ofKinds, IN_RANGE)} ORDER BY time DESC LIMIT ${limit}`,
      },
    ],
    columns: [
      column('Time', words.time, [width(180)]),
      column(E.text, words.what),
      column(E.actor, words.who, [width(110)]),
      column(TAG.kind, words.kind, [width(110)]),
      column(TAG.priority, words.priority, [width(90)]),
      column(TAG.alarm, words.alarm, [alarmLink(context), width(260)]),
    ],
  })
}
