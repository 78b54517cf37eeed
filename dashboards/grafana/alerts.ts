/**
 * A small set of rules for Grafana's own alerting: a second path beside the edge's limits, from what is stored, by a program
 * of others. It tells the desk what it sees, and the desk alarms when the two disagree (`desk/second-path.ts`). It is slower
 * than the first by design: ten seconds at the least, and a minute of data in which a value counts.
 */
import { splitChannel } from '../../domain/ids.ts'
import { FIELD, TAG } from '../../domain/series.ts'
import { slowEvery_s, staleAfter_ms } from '../../domain/slow-measures.ts'
import { dataSourceUid, uidOf } from './ids.ts'
import { FROM, IN_RANGE, is, name, USABLE, where } from './influxql.ts'
import type { View, ViewDevice, ViewLimit } from './view.ts'

/** Grafana evaluates in steps of ten seconds. */
export const STEP_S = 10
export const INTERVAL = '10s'
/** A value counts so long after it was measured; a peak is not over before a slow evaluation has seen it. */
export const WINDOW_S = 60
/** The desk hears of the rule that always fires this often: without it the second path itself is silent. */
export const WATCHDOG = 'watchdog'
const SILENT_LEAST_S = 60

type Model = Readonly<Record<string, unknown>>
export type AlertQuery = {
  readonly refId: string
  readonly relativeTimeRange?: { readonly from: number; readonly to: number }
  readonly datasourceUid: string
  readonly model: Model
}
export type Rule = {
  readonly uid: string
  readonly title: string
  readonly condition: string
  readonly for: string
  readonly noDataState: 'NoData' | 'Alerting' | 'OK'
  /** The parser of Grafana reads `execErrState`, whatever its sample file says. */
  readonly execErrState: 'Error' | 'Alerting'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly data: readonly AlertQuery[]
}
export type RuleGroup = {
  readonly orgId: 1
  readonly name: string
  readonly folder: string
  readonly interval: string
  readonly rules: readonly Rule[]
}

export const EXPRESSION = '__expr__'

/** `query` over the last `from_s` seconds, reduced to one number, held against a threshold. */
function judged(
  source: string,
  query: string,
  from_s: number,
  reducer: 'max' | 'min' | 'last' | 'sum',
  evaluator: { type: 'gt' | 'lt'; value: number },
): AlertQuery[] {
  const range = { from: from_s, to: 0 }
  return [
    {
      refId: 'A',
      relativeTimeRange: range,
      datasourceUid: source,
      model: { refId: 'A', rawQuery: true, resultFormat: 'time_series', query },
    },
    {
      refId: 'B',
      relativeTimeRange: range,
      datasourceUid: EXPRESSION,
      model: {
        refId: 'B',
        type: 'reduce',
        reducer,
        expression: 'A',
        settings: { mode: 'dropNN' },
        datasource: { type: EXPRESSION, uid: EXPRESSION },
      },
    },
    {
      refId: 'C',
      relativeTimeRange: range,
      datasourceUid: EXPRESSION,
      model: {
        refId: 'C',
        type: 'threshold',
        expression: 'B',
        conditions: [{ evaluator: { type: evaluator.type, params: [evaluator.value] } }],
        datasource: { type: EXPRESSION, uid: EXPRESSION },
      },
    },
  ]
}

/**
 * "At this value or beyond" as Grafana's "greater than": float32 registers have 24 bits, so a limit a little on the safe side
 * of itself is the same limit.
 */
const NEAR = 1e-6
const justBelow = (value: number): number => Number((value - Math.abs(value) * NEAR).toPrecision(12))
const justAbove = (value: number): number => Number((value + Math.abs(value) * NEAR).toPrecision(12))

const siteIs = (view: View): string => is(TAG.site, view.site)

function limitRule(view: View, { limit, alarm }: ViewLimit): Rule {
  const device = view.devices.find(({ id }) => limit.channel.startsWith(`${id}/`))
  const source = dataSourceUid(view.site, device?.simulated ? 'exercise' : 'real')
  const above = limit.direction === 'above'
  // A measure that comes rarely counts until it is too old to go by; of others the worst of the window does.
  const { metric } = splitChannel(limit.channel)
  const slow = slowEvery_s(metric) !== undefined
  const call = slow ? 'last' : above ? 'max' : 'min'
  const window_s = slow ? staleAfter_ms(metric, { stale_after_ms: 0 }) / 1000 : WINDOW_S
  const query = `SELECT ${call}(${name(FIELD.reading.value)}) AS "value" ${FROM.reading} ${where(siteIs(view), is(TAG.channel, limit.channel), USABLE, IN_RANGE)} GROUP BY time(${INTERVAL}) fill(none)`
  const low = limit.parameters?.low
  const steps = judged(
    source,
    query,
    window_s,
    call,
    above ? { type: 'gt', value: justBelow(limit.limit) } : { type: 'lt', value: justAbove(limit.limit) },
  )
  return {
    uid: uidOf(view.site, 'limit', limit.id),
    title: `${limit.name} (second path)`,
    condition: 'C',
    for: `${Math.ceil(limit.on_delay_s / STEP_S) * STEP_S}s`,
    noDataState: 'NoData',
    execErrState: 'Error',
    labels: { site: view.site, path: 'second', alarm, priority: limit.priority },
    annotations: {
      summary: `${limit.name}: ${limit.direction} ${limit.limit} ${limit.unit} in what is stored${low === undefined ? '' : ` (its lower bound ${low} ${limit.unit} is judged by the edge only)`}`,
    },
    data: steps,
  }
}

const silentAfter_s = ({ poll_ms }: ViewDevice): number =>
  Math.max(SILENT_LEAST_S, Math.ceil((3 * poll_ms) / 1000 / STEP_S) * STEP_S)

/** A device that says nothing gives no series at all: a rule of its own for each, and "no data" is what it is about. */
function silentRule(view: View, device: ViewDevice): Rule {
  const after_s = silentAfter_s(device)
  const query = `SELECT count(${name(FIELD.reading.value)}) AS "readings" ${FROM.reading} ${where(siteIs(view), is(TAG.device, device.id), USABLE, IN_RANGE)} GROUP BY time(${INTERVAL}) fill(none)`
  return {
    uid: uidOf(view.site, 'silent', device.id),
    title: `${device.name} silent (second path)`,
    condition: 'C',
    for: '0s',
    noDataState: 'Alerting',
    execErrState: 'Error',
    labels: { site: view.site, path: 'second', device: device.id, priority: 'high' },
    annotations: { summary: `${device.name}: no usable reading stored for ${after_s} s` },
    data: judged(dataSourceUid(view.site, device.simulated ? 'exercise' : 'real'), query, after_s, 'sum', {
      type: 'lt',
      value: 1,
    }),
  }
}

/** Always fires while Grafana reads the database and reaches the desk. */
function watchdogRule(view: View): Rule {
  const query = `SELECT last(${name(FIELD.health.up)}) AS "up" ${FROM.health} ${where(siteIs(view), is(TAG.part, 'desk'), IN_RANGE)} GROUP BY time(${INTERVAL}) fill(none)`
  return {
    uid: uidOf(view.site, WATCHDOG),
    title: 'Second path watchdog',
    condition: 'C',
    for: '0s',
    noDataState: 'Alerting',
    execErrState: 'Alerting',
    labels: { site: view.site, path: 'second', watchdog: 'true', priority: 'low' },
    annotations: { summary: 'Fires always: it tells the desk that the second path works.' },
    data: judged(dataSourceUid(view.site, view.simulated ? 'exercise' : 'real'), query, WINDOW_S, 'last', {
      type: 'gt',
      value: -1,
    }),
  }
}

/** Only what is a reading and a value: other kinds of limits the edge alone can judge. */
export function ruleGroups(view: View, folder: string): RuleGroup[] {
  const readings = new Set(view.devices.flatMap(({ channels }) => channels.map(({ channel }) => channel.id)))
  const group = (of: string, rules: readonly Rule[]): RuleGroup => ({
    orgId: 1,
    name: `${view.site} ${of}`,
    folder,
    interval: INTERVAL,
    rules,
  })
  const limits = view.limits.filter(({ limit }) => readings.has(limit.channel))
  return [
    group(
      'limits',
      limits.map((one) => limitRule(view, one)),
    ),
    group(
      'silent devices',
      view.devices.filter(({ channels }) => channels.length > 0).map((device) => silentRule(view, device)),
    ),
    group(WATCHDOG, [watchdogRule(view)]),
  ].filter(({ rules }) => rules.length > 0)
}

export const CONTACT_POINT = 'Plumbline desk'
/** Environment of Grafana: where the desk is, and the token that it knows Grafana by. */
export const DESK_URL_VARIABLE = 'PLUMBLINE_DESK_URL'
export const TOKEN_VARIABLE = 'PLUMBLINE_GRAFANA_TOKEN'
export const WEBHOOK_PATH = '/api/v1/grafana-alerts'

export const contactPoint = (view: View, url: string, credentials: string) => ({
  uid: uidOf(view.site, 'desk'),
  name: CONTACT_POINT,
  type: 'webhook',
  settings: {
    url: `${url}${WEBHOOK_PATH}`,
    httpMethod: 'POST',
    maxAlerts: 0,
    authorization_scheme: 'Bearer',
    authorization_credentials: credentials,
  },
  disableResolveMessage: false,
})

/** The watchdog is repeated every minute, anything else every five: a notification that was lost comes again. */
export const policy = (view: View) => ({
  receiver: CONTACT_POINT,
  group_by: ['...'],
  group_wait: '0s',
  group_interval: '10s',
  repeat_interval: '5m',
  matchers: [`site = ${view.site}`, 'path = second'],
  routes: [{ receiver: CONTACT_POINT, matchers: ['watchdog = true'], group_by: ['...'], repeat_interval: '1m' }],
})
