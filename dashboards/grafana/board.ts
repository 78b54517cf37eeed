/** What all boards have in common: head, variables, links and annotations around the panels of one. */
import { FIELD, TAG } from '../../domain/series.ts'
import { RED } from './colors.ts'
import { type BoardId, boardTag, boardUid, dataSourceName, dataSourceUid, type Language } from './ids.ts'
import { FROM, IN_RANGE, is, name, OF_SITE, where } from './influxql.ts'
import {
  type Annotation,
  type Dashboard,
  type Link,
  type NewPanel,
  placed,
  SCHEMA_VERSION,
  type Variable,
} from './json.ts'
import { SOURCE, words as textPanel } from './panels.ts'
import type { View } from './view.ts'
import { WORDS, type Words } from './words/index.ts'

export type Context = { readonly view: View; readonly words: Words; readonly language: Language }
export const contextOf = (view: View, language: Language): Context => ({ view, words: WORDS[language], language })

/** The console at the time that the dashboard shows. */
export const AT_RANGE = '?from=${__from}&to=${__to}'
export const consoleLink = ({ view, words }: Context, path: string): Link => ({
  title: words.openInConsole,
  url: `${view.console}/#${path}`,
  targetBlank: true,
})

const ALL = '$__all'
const SINGLE = { multi: false, includeAll: false, hide: 0, refresh: 0, sort: 0, skipUrlSync: false } as const

function sourceVariable({ view, words }: Context): Variable {
  const kind = view.simulated ? 'exercise' : 'real'
  const escaped = dataSourceName(view.site, 'real').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return {
    ...SINGLE,
    name: 'source',
    label: words.source,
    type: 'datasource',
    query: 'influxdb',
    regex: `/^${escaped}( EXERCISE 演習)?$/`,
    current: { selected: false, text: dataSourceName(view.site, kind), value: dataSourceUid(view.site, kind) },
    options: [],
    refresh: 1,
  }
}

const siteVariable = ({ view, words }: Context): Variable => {
  const query = `SHOW TAG VALUES ${FROM.health} WITH KEY = ${name(TAG.site)}`
  return {
    ...SINGLE,
    ...{ name: 'site', label: words.site, type: 'query', query, definition: query, datasource: SOURCE, regex: '' },
    current: { selected: false, text: view.site, value: view.site },
    options: [],
    refresh: 1,
    sort: 1,
  }
}

/** Names of the site file for people, ids for the queries; all of them where nothing is chosen. */
export function namesVariable(
  variable: string,
  label: string,
  items: ReadonlyArray<{ id: string; name: string }>,
): Variable {
  return {
    ...SINGLE,
    name: variable,
    label,
    type: 'custom',
    query: items.map((item) => `${item.name.replaceAll(/[,:]/g, ' ')} : ${item.id}`).join(', '),
    current: { selected: true, text: ['All'], value: [ALL] },
    options: [
      { text: 'All', value: ALL, selected: true },
      ...items.map((item) => ({ text: item.name, value: item.id, selected: false })),
    ],
    multi: true,
    includeAll: true,
    allValue: '.*',
  }
}

/** One of the devices that the health series knows. */
export function deviceVariable({ words, view }: Context, more: string, chosen: string | undefined): Variable {
  const conditions = [OF_SITE, is(TAG.part, 'device'), ...(more === '' ? [] : [more])]
  const query = `SHOW TAG VALUES ${FROM.health} WITH KEY = ${name(TAG.id)} ${where(...conditions)}`
  const first = chosen ?? view.devices[0]?.id ?? ''
  return {
    ...SINGLE,
    ...{ name: 'device', label: words.device, type: 'query', query, definition: query, datasource: SOURCE, regex: '' },
    current: { selected: false, text: first, value: first },
    options: [],
    refresh: 2,
    sort: 1,
  }
}

/** Alarm transitions as marks, of the alarms that `more` says. */
export function transitions({ words }: Context, more: readonly string[] = []): Annotation {
  const E = FIELD.event
  const query = `SELECT ${name(E.text)}, ${name(TAG.limit)} ${FROM.event} ${where(OF_SITE, is(TAG.kind, 'state'), ...more, IN_RANGE)}`
  const columns = { textColumn: E.text, tagsColumn: TAG.limit }
  return {
    name: words.transitions,
    datasource: SOURCE,
    enable: true,
    hide: false,
    iconColor: RED,
    query,
    ...columns,
    target: { refId: 'Anno', query, queryType: 'tags', fromAnnotations: true, rawQuery: true, ...columns },
  }
}

export type Board = {
  readonly id: BoardId
  readonly rows: ReadonlyArray<readonly NewPanel[]>
  readonly variables?: readonly Variable[]
  readonly annotations?: readonly Annotation[]
  /** Shown when it is opened, e.g. `now-6h`; of a simulated site always a quarter of an hour. */
  readonly from: string
  readonly refresh: string
  /** Page of the console that belongs to it. */
  readonly console: string
}

export function dashboard(context: Context, board: Board): Dashboard {
  const { view, words, language } = context
  const tag = boardTag(view.site, language)
  const mark = view.simulated ? `${words.exercise} · ` : ''
  const { title, url } = consoleLink(context, board.console)
  return {
    id: null,
    uid: boardUid(view.site, board.id, language),
    title: `${mark}${words.boards[board.id]} · ${view.name}`,
    description: words.about[board.id]!,
    tags: ['plumbline', tag],
    timezone: view.time_zone,
    editable: false,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    refresh: board.refresh,
    liveNow: false,
    time: { from: view.simulated ? 'now-15m' : board.from, to: 'now' },
    timepicker: { refresh_intervals: ['5s', '10s', '30s', '1m', '5m', '15m'] },
    annotations: { list: board.annotations ?? [] },
    templating: { list: [sourceVariable(context), siteVariable(context), ...(board.variables ?? [])] },
    links: [
      {
        type: 'dashboards',
        title: words.otherBoards,
        tags: [tag],
        asDropdown: true,
        ...{ keepTime: true, includeVars: true, icon: 'external link', targetBlank: false, tooltip: '', url: '' },
      },
      {
        type: 'link',
        title: words.console,
        url,
        ...{
          icon: 'bolt',
          keepTime: false,
          includeVars: false,
          targetBlank: true,
          tooltip: title,
          tags: [],
          asDropdown: false,
        },
      },
    ],
    panels: placed([[textPanel('', words.banner(view.name, view.console), 24, 2)], ...board.rows]),
  }
}
