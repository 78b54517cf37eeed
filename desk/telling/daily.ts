/** The daily mail: the head of the journal, kept where nobody at the desk can change it, and how things stand. Pure. */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { DeviceJson } from '../../domain/api.ts'
import { localMinute, minuteOf } from '../../domain/duty.ts'
import type { Language } from '../../domain/site-notices.ts'
import { addNs, type Instant, NS_PER_S } from '../../domain/time.ts'
import type { Message } from './message.ts'

export type Standing = {
  readonly name: string
  readonly exercise: boolean
  readonly head: { readonly seq: number; readonly hash: string }
  /** Rows that were checked against their hashes, and the first that does not fit. */
  readonly chain_broken: string | null
  readonly alarms: readonly AlarmJson[]
  readonly devices: readonly DeviceJson[]
  /** Age of the newest backup [h]; null = none is known. */
  readonly backup_age_h: number | null
  readonly failed_messages: number
  readonly date: string
  readonly late: boolean
}

const LISTED_MAX = 20

const WORDS = {
  en: {
    subject: (name: string, date: string) => `Plumbline ${name}: ${date}`,
    exercise: 'EXERCISE: this site has simulated devices.',
    late: 'LATE: the desk was away when this mail was due.',
    head: (seq: number, hash: string) => `Journal: row ${seq}, hash ${hash}`,
    keep: 'Keep this mail: ./plumbline journal verify must find the same hash at that row.',
    broken: (why: string) => `THE JOURNAL WAS CHANGED: ${why}`,
    alarms: (count: number) => (count === 0 ? 'No alarm is open.' : `Open alarms: ${count}`),
    devices: (bad: number, all: number) =>
      bad === 0 ? `Devices: all ${all} online` : `Devices: ${bad} of ${all} not online or unknown`,
    backup: (age: number | null) => (age === null ? 'Backup: none is known' : `Backup: ${age.toFixed(1)} h old`),
    failed: (count: number) => `Messages that reached nobody: ${count}`,
    more: (count: number) => `and ${count} more`,
  },
  'zh-TW': {
    subject: (name: string, date: string) => `Plumbline ${name}：${date} 日報`,
    exercise: '演習 EXERCISE：本站含模擬裝置。',
    late: '延遲：本信應寄出時，值班台並未運作。',
    head: (seq: number, hash: string) => `日誌：第 ${seq} 列，雜湊 ${hash}`,
    keep: '請保存此信：./plumbline journal verify 在該列必須得到相同的雜湊。',
    broken: (why: string) => `日誌遭更動：${why}`,
    alarms: (count: number) => (count === 0 ? '目前沒有未結警報。' : `未結警報：${count} 項`),
    devices: (bad: number, all: number) =>
      bad === 0 ? `裝置：${all} 部全部在線` : `裝置：${all} 部中有 ${bad} 部離線或不明`,
    backup: (age: number | null) => (age === null ? '備份：不明' : `備份：${age.toFixed(1)} 小時前`),
    failed: (count: number) => `未能送達任何人的訊息：${count} 則`,
    more: (count: number) => `另有 ${count} 項`,
  },
} as const

export function dailyMessage(standing: Standing, language: Language): Message {
  const words = WORDS[language]
  const open = standing.alarms.filter(({ state }) => state !== 'normal')
  const bad = standing.devices.filter(({ state }) => state !== 'online')
  const list = (lines: readonly string[]) => [
    ...lines.slice(0, LISTED_MAX).map((line) => `- ${line}`),
    ...(lines.length > LISTED_MAX ? [words.more(lines.length - LISTED_MAX)] : []),
  ]
  const lines = [
    ...(standing.exercise ? [words.exercise] : []),
    ...(standing.late ? [words.late] : []),
    words.head(standing.head.seq, standing.head.hash),
    ...(standing.chain_broken === null ? [words.keep] : [words.broken(standing.chain_broken)]),
    words.alarms(open.length),
    ...list(open.map(({ name, state, priority }) => `${name}: ${state}, ${priority}`)),
    words.devices(bad.length, standing.devices.length),
    ...list(bad.map(({ id, state, reason }) => `${id}: ${state}${reason === null ? '' : ` (${reason})`}`)),
    words.backup(standing.backup_age_h),
    ...(standing.failed_messages === 0 ? [] : [words.failed(standing.failed_messages)]),
  ]
  const subject = words.subject(standing.name, standing.date)
  return { subject, text: lines.join('\n'), short: subject }
}

const LATE_NS = 600n * NS_PER_S

/**
 * The local day whose mail is due, once its time has come; `undefined` before. A mail that was due while the desk was away is
 * due still, that day.
 */
export function dueDay(
  at: string,
  now: Instant,
  zone: string,
): { readonly date: string; readonly late: boolean } | undefined {
  const { date, minute } = localMinute(now, zone)
  if (minute < minuteOf(at)) return undefined
  // By what the wall showed then: where the clock was put forward over its time, the mail is not late for that.
  const before = localMinute(addNs(now, -LATE_NS), zone)
  return { date, late: before.date === date && before.minute >= minuteOf(at) }
}
