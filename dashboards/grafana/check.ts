/**
 * What can be wrong in a build and be seen without a Grafana: numbers and places of panels, and whether everything that one
 * part names in another is there. Every mistake at once, each with where it is.
 */
import { EXPRESSION, STEP_S } from './alerts.ts'
import type { Bundle } from './build.ts'
import { dataSourceUid, UID } from './ids.ts'
import { COLUMNS, type Dashboard, type GridPos, type Panel, SCHEMA_VERSION } from './json.ts'
import { portableFaults } from './portable-influxql.ts'
import { KINDS } from './provisioning.ts'
import { panelsOf, queriesOf } from './queries.ts'

/** Ids of `@grafana/data` (value formats, 9.4) that the boards use; `suffix:` and `prefix:` take any text. */
export const KNOWN_UNITS: ReadonlySet<string> = new Set([
  ...['none', 'short', 'percent', 'percentunit', 'string', 'bool', 'bool_on_off'],
  ...['ns', 'µs', 'ms', 's', 'm', 'h', 'd', 'dtdurations', 'dtdurationms', 'dateTimeAsIso', 'dateTimeFromNow'],
  ...['lengthm', 'lengthmm', 'lengthft', 'velocityms', 'accMS2', 'accFS2', 'accG'],
  ...[
    'degree',
    'radian',
    'celsius',
    'kelvin',
    'pressurehpa',
    'pressurebar',
    'volt',
    'hertz',
    'rothz',
    'bytes',
    'decbytes',
  ],
])
const isKnownUnit = (unit: string): boolean => KNOWN_UNITS.has(unit) || /^(suffix|prefix):./.test(unit)

/** Grafana's own variables. */
const BUILT_IN = new Set([
  'timeFilter',
  '__interval',
  '__interval_ms',
  '__from',
  '__to',
  '__value',
  '__data',
  '__field',
])

export function checkBundle(bundle: Bundle): string[] {
  const uids = bundle.dashboards.map(({ json }) => json.uid)
  return [
    ...repeated(uids).map((uid) => `dashboard ${uid}: this uid stands twice`),
    ...bundle.dashboards.flatMap(({ json }) => checkDashboard(json).map((fault) => `${json.uid}: ${fault}`)),
    ...checkRules(bundle),
    ...queriesOf(bundle).flatMap(({ where, query }) => portableFaults(query).map((fault) => `${where}: ${fault}`)),
  ]
}

const repeated = <T>(items: readonly T[]): T[] => items.filter((item, i) => items.indexOf(item) !== i)

export function checkDashboard(board: Dashboard): string[] {
  const panels = panelsOf(board)
  return [
    ...(UID.test(board.uid) ? [] : [`uid "${board.uid}": expected 1 to 40 of A-Z, a-z, 0-9, - and _`]),
    ...(board.schemaVersion === SCHEMA_VERSION ? [] : [`schemaVersion: expected ${SCHEMA_VERSION}`]),
    ...['elements', 'layout', 'spec', 'apiVersion']
      .filter((key) => key in board)
      .map((key) => `${key}: a key of v2 JSON`),
    ...repeated(panels.map(({ id }) => id)).map((id) => `panel ${id}: this number stands twice`),
    ...repeated(board.templating.list.map(({ name }) => name)).map((name) => `variable ${name} stands twice`),
    ...panels.flatMap((panel) => checkPanel(panel).map((fault) => `panel ${panel.id} "${panel.title}": ${fault}`)),
    ...overlaps(board.panels),
    ...references(board),
    ...dataSources(board),
  ]
}

function checkPanel(panel: Panel): string[] {
  const { targets = [], gridPos, type } = panel
  const { x, y, w, h } = gridPos
  const inside = [x, y, w, h].every(Number.isInteger) && x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= COLUMNS
  const drawn = type !== 'text' && type !== 'row'
  return [
    ...(inside ? [] : [`its place ${JSON.stringify(gridPos)} is not within ${COLUMNS} columns`]),
    ...(drawn && panel.title === '' ? ['it has no title'] : []),
    ...(drawn && targets.length === 0 ? ['it asks nothing'] : []),
    ...(targets.length > 26 ? ['more than 26 queries'] : []),
    ...repeated(targets.map(({ refId }) => refId)).map((refId) => `refId ${refId} stands twice`),
    ...unitsOf(panel)
      .filter((unit) => !isKnownUnit(unit))
      .map((unit) => `unit "${unit}" is none of Grafana`),
    ...stepsOf(panel).flatMap((steps) =>
      steps[0]?.value === null && steps.slice(2).every(({ value }, i) => value! > steps[i + 1]!.value!)
        ? []
        : ['thresholds: expected null first, then rising'],
    ),
  ]
}

const unitsOf = ({ fieldConfig }: Panel): string[] => [
  ...(fieldConfig?.defaults.unit === undefined ? [] : [fieldConfig.defaults.unit]),
  ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'unit').map(({ value }) => String(value)),
  ),
]
type Steps = ReadonlyArray<{ readonly value: number | null }>
const stepsOf = ({ fieldConfig }: Panel): Steps[] => [
  ...(fieldConfig?.defaults.thresholds === undefined ? [] : [fieldConfig.defaults.thresholds.steps]),
  ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'thresholds').map(({ value }) => (value as { steps: Steps }).steps),
  ),
]

function overlaps(panels: readonly Panel[]): string[] {
  const meet = (a: GridPos, b: GridPos) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
  return panels.flatMap((a, i) =>
    panels.slice(i + 1).flatMap((b) => (meet(a.gridPos, b.gridPos) ? [`panels ${a.id} and ${b.id} overlap`] : [])),
  )
}

/** Every `$name` and `${name…}` in queries, links and titles. */
function references(board: Dashboard): string[] {
  const known = new Set(board.templating.list.map(({ name }) => name))
  const text = JSON.stringify({
    panels: board.panels,
    links: board.links,
    annotations: board.annotations,
    templating: board.templating,
  })
  const used = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?:[.:][^}$]*)?\}|\$([A-Za-z_][A-Za-z0-9_]*)/g)].map(
    ([, braced, plain]) => braced ?? plain!,
  )
  const idle = [...known].filter((name) => !used.includes(name)).map((name) => `variable $${name} changes nothing`)
  const missing = [...new Set(used)]
    .filter((name) => !known.has(name) && !BUILT_IN.has(name) && !name.startsWith('tag_') && name !== '__all')
    .map((name) => `variable $${name} is named and not there`)
  return [...missing, ...idle]
}

function dataSources(board: Dashboard): string[] {
  const refs = [
    ...panelsOf(board).flatMap(({ datasource, targets = [] }) => [
      ...(datasource === undefined ? [] : [datasource]),
      ...targets.map((target) => target.datasource),
    ]),
    ...board.annotations.list.map(({ datasource }) => datasource),
    ...board.templating.list.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource])),
  ]
  const variables = new Set(board.templating.list.filter(({ type }) => type === 'datasource').map(({ name }) => name))
  return [...new Set(refs.map(({ uid }) => uid))]
    .filter((uid) => !variables.has(/^\$\{(\w+)\}$/.exec(uid)?.[1] ?? ''))
    .map((uid) => `data source "${uid}" is not there`)
}

function checkRules({ rules, view }: Bundle): string[] {
  const sources = new Set([EXPRESSION, ...KINDS.map((kind) => dataSourceUid(view.site, kind))])
  const all = rules.flatMap((group) => group.rules)
  return [
    ...repeated(all.map(({ uid }) => uid)).map((uid) => `rule ${uid}: this uid stands twice`),
    ...repeated(all.map(({ title }) => title)).map((title) => `rule "${title}": this title stands twice in its folder`),
    ...rules.flatMap(({ name, interval }) =>
      seconds(interval) > 0 && seconds(interval) % STEP_S === 0
        ? []
        : [`group ${name}: interval ${interval} is no multiple of 10 s`],
    ),
    ...all.flatMap((rule) => {
      const refIds = rule.data.map(({ refId }) => refId)
      const asked = rule.data.flatMap(({ model }) =>
        typeof model['expression'] === 'string' ? [model['expression']] : [],
      )
      return [
        ...(UID.test(rule.uid) ? [] : ['its uid is none']),
        ...repeated(refIds).map((refId) => `refId ${refId} stands twice`),
        ...[rule.condition, ...asked]
          .filter((refId) => !refIds.includes(refId))
          .map((refId) => `refId ${refId} is not there`),
        ...rule.data
          .filter(({ datasourceUid }) => !sources.has(datasourceUid))
          .map(({ datasourceUid }) => `data source ${datasourceUid} is not there`),
        ...rule.data
          .filter(({ model }) => /\$(?!timeFilter\b|__interval\b)/.test(String(model['query'] ?? '')))
          .map(() => 'variables of dashboards do not work in alert queries'),
        ...(seconds(rule.for) % STEP_S === 0 ? [] : [`for ${rule.for} is no multiple of 10 s`]),
      ].map((fault) => `rule ${rule.uid}: ${fault}`)
    }),
  ]
}

const seconds = (text: string): number => {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? []
  return number === undefined ? Number.NaN : Number(number) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h']
}
