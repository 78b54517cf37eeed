/**
 * What a limit says to people beside its name: its rule in words, and amounts in the unit in which they are read. Notices,
 * reports and the console share it; how a number and a unit are set in type is left to whoever shows them.
 */
import { LIMIT_KINDS, type LimitKind, type LimitParameters, VALUE_KINDS } from './condition.ts'
import { fromSi, quantityOf, SCREEN_UNIT } from './units.ts'

/** A limit as births and the API tell it. */
export type Judged = {
  readonly kind: LimitKind | (string & {})
  readonly limit: number
  readonly unit: string
  readonly parameters: LimitParameters | null
}

type SpanNames = Readonly<Record<'s' | 'min' | 'h' | 'd', string>>

const en = {
  outside: (low: string, high: string) => `outside ${low} to ${high}`,
  rising: (rate: string, span: string) => `rising ${rate} or faster over ${span}`,
  reaching: (level: string, span: string) => `would reach ${level} within ${span} (not a forecast)`,
  stale: (span: string) => `no valid value for ${span}`,
  failed: (span: string) => `fails its quality tests for ${span}`,
  differs: (channel: string, by: string) => `differs from ${channel} by ${by} or more`,
  votes: (k: string, n: string) => `${k} of ${n} limits at once`,
  votesWithin: (k: string, n: string, span: string) => `${k} of ${n} limits within ${span}`,
  outputFailed: (output: string) => `output ${output} cannot be driven`,
  silenced: (output: string) => `output ${output} silenced at the panel`,
  recordsLost: 'records are lost before they are stored: disk or outbox full',
  span: { s: 's', min: 'min', h: 'h', d: 'd' } as SpanNames,
}
export type RuleWords = Readonly<typeof en>

const zhTW: RuleWords = {
  outside: (low: string, high: string) => `超出 ${low} 至 ${high} 的範圍`,
  rising: (rate: string, span: string) => `${span}內上升速率達 ${rate}`,
  reaching: (level: string, span: string) => `照目前趨勢 ${span}內將達 ${level}（非預報）`,
  stale: (span: string) => `${span}無有效數值`,
  failed: (span: string) => `未通過品質檢測達 ${span}`,
  differs: (channel: string, by: string) => `與 ${channel} 相差 ${by} 以上`,
  votes: (k: string, n: string) => `${n} 項限值中同時有 ${k} 項成立`,
  votesWithin: (k: string, n: string, span: string) => `${n} 項限值中有 ${k} 項在 ${span}內成立`,
  outputFailed: (output: string) => `無法驅動輸出 ${output}`,
  silenced: (output: string) => `輸出 ${output} 已於面板靜音`,
  recordsLost: '紀錄在存妥前遺失：磁碟或暫存已滿',
  span: { s: '秒', min: '分鐘', h: '小時', d: '天' },
}

export const RULE_WORDS: Readonly<Record<'en' | 'zh-TW', RuleWords>> = { en, 'zh-TW': zhTW }

/** Of whoever says it: how amounts read. */
export type RuleSpeech = {
  amount(value: number, unit: string, kind: string): string
  /** A value of a channel; the name of the level where the site has one there. */
  target(channel: string, value: number): string
}

/**
 * The rule of a limit that does not compare its channel with one number; `null` where limit and value say it all (above,
 * below), and for a kind of a later version, of which only name and state can be told.
 */
export function ruleOf(limit: Judged & { readonly channel: string }, words: RuleWords, say: RuleSpeech): string | null {
  const { kind, unit, channel } = limit
  const p = limit.parameters ?? {}
  const span = (s: number | undefined) => spanText(s ?? 0, words.span)
  const amount = (value: number) => say.amount(value, unit, kind)
  switch (kind) {
    case 'outside':
      return p.low === undefined ? null : words.outside(amount(p.low), amount(limit.limit))
    case 'rising_faster_than':
      return words.rising(amount(limit.limit), span(p.window_s))
    case 'reaching':
      return p.target === undefined ? null : words.reaching(say.target(channel, p.target), span(limit.limit))
    case 'stale_s':
      return words.stale(span(limit.limit))
    case 'failed_s':
      return words.failed(span(limit.limit))
    case 'differs_from':
      return words.differs(p.channel ?? '', amount(limit.limit))
    case 'k_of_n': {
      const [k, n] = [amount(limit.limit), String(p.limits?.length ?? 0)]
      return p.within_s ? words.votesWithin(k, n, span(p.within_s)) : words.votes(k, n)
    }
    case 'output_failed':
      return words.outputFailed(p.output ?? '')
    case 'silenced':
      return words.silenced(p.output ?? '')
    case 'records_lost':
      return words.recordsLost
    default:
      return null
  }
}

/** Kinds about sensors and outputs: they say nothing of the water or the building. */
const ABOUT_THE_SYSTEM: readonly string[] = [
  'stale_s',
  'failed_s',
  'differs_from',
  'output_failed',
  'silenced',
  'records_lost',
]
export const isAboutTheSystem = (kind: string): boolean => ABOUT_THE_SYSTEM.includes(kind)

/** Whether value and peak of an occurrence say more than that its rule held. */
export const hasAmount = (kind: string): boolean =>
  VALUE_KINDS.includes(kind) || kind === 'rising_faster_than' || kind === 'reaching' || kind === 'differs_from'

export const isKnownKind = (kind: string): boolean => (LIMIT_KINDS as readonly string[]).includes(kind)

export type Amount = { readonly value: number; readonly unit: string; readonly digits: number }

/**
 * An SI amount as people read it: rates per hour, differences without an offset, counts whole.
 * `undefined` for seconds, which `spanText` says, and for a unit that is none of ours.
 */
export function amountOf(value: number, unit: string, kind: string): Amount | undefined {
  if (kind === 'k_of_n') return { value, unit: '1', digits: 0 }
  const rate = kind === 'rising_faster_than'
  const base = rate ? unit.replace(/\/s$/, '').replace(/^\((.*)\)$/, '$1') : unit
  const quantity = quantityOf(base)
  if (quantity === undefined) return undefined
  const { unit: screen, digits } = SCREEN_UNIT[quantity]
  const onScreen = fromSi(value, screen)!
  if (!rate && kind !== 'differs_from') return { value: onScreen, unit: screen, digits }
  const difference = onScreen - fromSi(0, screen)!
  return rate ? { value: difference * 3600, unit: `${screen}/h`, digits } : { value: difference, unit: screen, digits }
}

/** `60 s`, `15 min`, `2 h`, `25.4 min`. */
export function spanText(s: number, names: SpanNames): string {
  const [size, name] =
    s >= 172_800 ? [86_400, names.d] : s >= 7200 ? [3600, names.h] : s >= 120 ? [60, names.min] : [1, names.s]
  return `${Number((s / size).toFixed(1))} ${name}`
}
