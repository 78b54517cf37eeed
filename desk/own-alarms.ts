/**
 * The alarms that the desk raises by itself about the line: which there are for a site, with name, priority, delays and rule
 * in both languages. Whether one holds is `site-conditions.ts`'s; what people do about it is the same as about any other.
 */
import type { RuleJson } from '../domain/api.ts'
import { devicesOf, type Site } from '../domain/channel.ts'
import type { Limit } from '../domain/condition.ts'
import { alarmId, OWN_NODE, splitChannel } from '../domain/ids.ts'
import type { OwnAlarm } from '../domain/site-alarms.ts'
import { isAllSimulated } from './access.ts'

export type OwnKind = OwnAlarm | 'k_of_n_across'
export type OwnDefinition = {
  readonly id: string
  readonly kind: OwnKind
  /** Node, device or voting that it is about; none of what the desk has once. */
  readonly about: string | null
  /** Of one about all but some: those. */
  readonly but?: readonly string[]
  readonly limit: Limit
  readonly after_s: number
  readonly clear_after_s: number
  readonly exercise: boolean
  /** With what was found when it was raised. */
  readonly rule: (detail: string) => RuleJson
}

const dashed = (kind: string): string => kind.replaceAll('_', '-')
export const ownLimitId = (kind: OwnAlarm, about: string | null): string =>
  about === null ? dashed(kind) : `${dashed(kind)}-${about}`

type Words = { readonly name: string; readonly en: string; readonly zh: string }
const WORDS: Readonly<Record<OwnAlarm, Words>> = {
  edge_offline: { name: 'Edge node {} is away', en: 'what it would tell is unknown', zh: '其所有資料皆為未知' },
  device_silent: { name: '{} does not answer', en: 'its channels are unknown', zh: '其各頻道皆為未知' },
  data_suspect: {
    name: '{} gives doubtful values',
    en: 'values are suspect or fail their quality tests',
    zh: '數值可疑或未通過品質檢測',
  },
  data_stale: {
    name: '{} gives nothing new',
    en: 'it is online and its values do not change in time',
    zh: '裝置在線但無新數值',
  },
  site_differs: {
    name: 'Edge node {} runs on another site file',
    en: 'its limits may differ from those shown',
    zh: '其限值可能與畫面不同',
  },
  broker: {
    name: 'No connection to the broker',
    en: 'everything is unknown to the desk',
    zh: '值班台無法得知任何現況',
  },
  store: { name: 'The store cannot be read', en: 'history and reports are not to be had', zh: '無法讀取歷史資料' },
  ingest: { name: 'Readings are not being stored', en: 'edge nodes keep them meanwhile', zh: '資料暫存於邊緣節點' },
  quarantine: {
    name: 'Records were put aside',
    en: 'the store cannot take them as they are',
    zh: '資料庫無法收錄，已隔離',
  },
  foreign_lost: {
    name: 'Data of foreign node {} were lost',
    en: 'nobody sends them again; the store has a gap',
    zh: '遺失的資料不會重送，資料庫中留有缺口',
  },
  disk: { name: 'The disk of the desk is nearly full', en: 'soon nothing can be journalled', zh: '即將無法寫入日誌' },
  clock: { name: 'A clock is not to be trusted: {}', en: 'instants may be wrong', zh: '時間可能有誤' },
  journal: {
    name: 'The journal of alarms is not in order',
    en: 'what people do cannot be proved',
    zh: '處置紀錄無法佐證',
  },
  canary: {
    name: 'Readings of {} do not arrive in the store',
    en: 'they are seen live and not stored',
    zh: '即時可見但未存入資料庫',
  },
  second_path: { name: 'The second alarm path disagrees', en: 'one of the two is wrong', zh: '兩條警報路徑不一致' },
}

/** A foreign node whose id makes the id of a limit has an alarm of its own; all others share one. */
const FOREIGN_ID = /^[a-z0-9-]{1,48}$/
const FOREIGN_REST = '(any other)'

const STATE = { channel: '', direction: 'above', limit: 1, deadband: 0, unit: '1', latch: false } as const

export function ownDefinitions(site: Site): Map<string, OwnDefinition> {
  const { file } = site
  const all = isAllSimulated(site)
  const out = new Map<string, OwnDefinition>()
  const make = (kind: OwnAlarm, about: string | null, name: string, exercise: boolean, channel = '') => {
    const { priority, after_s: wanted_s, clear_after_s } = file.alarms.own[kind]
    if (priority === 'off') return
    // A loss is over as soon as it is noticed: a delay would hide it.
    const after_s = kind === 'foreign_lost' ? 0 : wanted_s
    const words = WORDS[kind]
    const limit: Limit = {
      ...STATE,
      channel,
      id: ownLimitId(kind, about),
      name: words.name.replace('{}', name),
      kind,
      priority,
      on_delay_s: after_s,
      off_delay_s: clear_after_s,
    }
    const rule = (detail: string): RuleJson => ({ en: said(words.en, detail), 'zh-TW': said(words.zh, detail) })
    out.set(limit.id, { id: alarmId(OWN_NODE, limit.id), kind, about, limit, after_s, clear_after_s, exercise, rule })
  }
  const makeForeign = (foreign: readonly string[]) => {
    const own = foreign.filter((node) => FOREIGN_ID.test(node))
    for (const node of own) make('foreign_lost', node, node, all)
    if (own.length === foreign.length) return
    make('foreign_lost', null, FOREIGN_REST, all)
    const common = out.get(ownLimitId('foreign_lost', null))
    if (common !== undefined) out.set(common.limit.id, { ...common, but: own })
  }
  for (const kind of ['broker', 'store', 'ingest', 'quarantine', 'disk', 'journal', 'second_path'] as const)
    make(kind, null, '', all)
  make('clock', null, 'the desk', all)
  for (const { id, name, links } of file.nodes) {
    const simulated = links.every(({ devices }) => devices.every((device) => device.simulated !== undefined))
    for (const kind of ['edge_offline', 'site_differs', 'clock', 'canary'] as const) make(kind, id, name, simulated)
  }
  makeForeign(file.ingest.foreign)
  // What a limit of the site judges on the edge node is not judged here a second time.
  const judged = (kind: string) =>
    new Set(site.limits.filter((limit) => limit.kind === kind).map(({ channel }) => splitChannel(channel).device))
  const [stale, failed] = [judged('stale_s'), judged('failed_s')]
  for (const { device } of devicesOf(site)) {
    const exercise = device.simulated !== undefined
    if (!stale.has(device.id)) make('device_silent', device.id, device.name, exercise)
    if (!stale.has(device.id)) make('data_stale', device.id, device.name, exercise)
    if (!failed.has(device.id)) make('data_suspect', device.id, device.name, exercise)
  }
  for (const entry of file.alarms.k_of_n) {
    const limits = site.limits.filter(({ id }) => entry.limits.includes(id))
    const [channel = ''] = limits.map((limit) => limit.channel)
    const limit: Limit = {
      ...STATE,
      ...{ id: entry.id, name: entry.name, channel, priority: entry.priority, kind: 'k_of_n_across', limit: entry.k },
      ...{ on_delay_s: 0, off_delay_s: 0, parameters: { limits: entry.limits, within_s: entry.within_s } },
    }
    out.set(entry.id, {
      ...{ id: alarmId(OWN_NODE, entry.id), kind: 'k_of_n_across', about: entry.id, limit },
      ...{ after_s: 0, clear_after_s: 0, exercise: isExercise(site, channel) },
      rule: (detail) => ({
        en: said(`${entry.k} of ${entry.limits.length} limits at once`, detail),
        'zh-TW': said(`${entry.limits.length} 項限值中有 ${entry.k} 項成立`, detail),
      }),
    })
  }
  return out
}

const said = (words: string, detail: string): string => (detail === '' ? words : `${words} (${detail})`)

const isExercise = (site: Site, channel: string): boolean =>
  devicesOf(site).some(({ device }) => device.id === splitChannel(channel).device && device.simulated !== undefined)
