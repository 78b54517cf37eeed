/**
 * The info blocks of a message, English and Traditional Chinese, and the table from a level to urgency, severity and response
 * (docs/guides/cap.md). They say what was measured and what the site file says of the level; never that anything is safe. Pure.
 */
import type { AlarmJson } from '../../domain/alarm.ts'
import { amountOf } from '../../domain/limit-words.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { CapTarget, Severity } from './cap-target.ts'
import { type CapInfo, capInstant } from './cap-xml.ts'

export const CAP_LANGUAGES = ['en', 'zh-TW'] as const
export type CapLanguage = (typeof CAP_LANGUAGES)[number]

export const CAP_TABLE: Readonly<Record<Severity, Pick<CapInfo, 'urgency' | 'severity' | 'responseType'>>> = {
  action: { urgency: 'Expected', severity: 'Minor', responseType: ['Monitor'] },
  minor: { urgency: 'Expected', severity: 'Moderate', responseType: ['Prepare'] },
  moderate: { urgency: 'Immediate', severity: 'Severe', responseType: ['Execute'] },
  major: { urgency: 'Immediate', severity: 'Extreme', responseType: ['Execute'] },
}

const en = {
  exercise: 'EXERCISE: ',
  exerciseLine: (drill: string | undefined) =>
    `EXERCISE - ${drill === undefined ? 'simulated' : `drill "${drill}"`}, nothing of this has happened. `,
  event: { water: 'High water', structure: 'Limit of a structure exceeded' },
  headline: (place: string, level: string) => `${place}: ${level} reached`,
  measured: (value: string, limit: string, since: string) =>
    `Measured ${value}, threshold ${limit}, exceeded since ${since}. `,
  unconfirmed: 'UNCONFIRMED: the value is suspect. ',
  noValue: 'no value',
  cancel: 'Cancelled: ',
  returned:
    'No threshold of this message is exceeded in the recorded data any more. This is a measurement, not an all-clear.',
  withdrawn: 'The earlier messages were withdrawn by their sender. This is not an all-clear.',
}
const zhTW: typeof en = {
  exercise: '演習：',
  exerciseLine: (drill) => `演習 - ${drill === undefined ? '模擬資料' : `演練「${drill}」`}，並未實際發生。`,
  event: { water: '高水位', structure: '結構物超過門檻' },
  headline: (place, level) => `${place}：達到 ${level}`,
  measured: (value, limit, since) => `量測值 ${value}，門檻 ${limit}，自 ${since} 起超過。`,
  unconfirmed: '未確認：量測值可疑。',
  noValue: '無量測值',
  cancel: '取消：',
  returned: '紀錄資料中已無超過本訊息門檻之情形。此為量測結果，並非解除危險之保證。',
  withdrawn: '先前訊息已由發布者撤回。此並非解除危險之保證。',
}
const WORDS: Readonly<Record<CapLanguage, typeof en>> = { en, 'zh-TW': zhTW }

/** An info block as the journal keeps it. */
export type KeptInfo = Omit<CapInfo, 'onset' | 'language'> & {
  readonly language: CapLanguage
  readonly onset_ns: string
}
export const infoOf = ({ onset_ns, ...info }: KeptInfo): CapInfo => ({ ...info, onset: instant(BigInt(onset_ns)) })

/** CAP 1.2, 3.2.2: some receivers show no more than 160 letters. */
const HEADLINE_MAX = 160
const clip = (text: string): string => {
  const letters = [...text]
  return letters.length <= HEADLINE_MAX ? text : `${letters.slice(0, HEADLINE_MAX - 1).join('')}…`
}

export type Raised = AlarmJson & { readonly onset_ns: string }
export const isSuspect = ({
  unconfirmed,
  flag,
  unknown,
}: Pick<AlarmJson, 'unconfirmed' | 'flag' | 'unknown'>): boolean => unconfirmed || flag !== 1 || unknown !== null

export function raisedInfo(
  target: CapTarget,
  alarm: Raised,
  language: CapLanguage,
  site: { readonly name: string; readonly time_zone: string },
): KeptInfo {
  const words = WORDS[language]
  const suspect = isSuspect(alarm)
  const amount = (value: number | null): string => {
    const known = value === null ? undefined : amountOf(value, alarm.unit, alarm.kind)
    return known === undefined
      ? value === null
        ? words.noValue
        : `${value} ${alarm.unit}`
      : `${known.value.toFixed(known.digits)} ${known.unit}`
  }
  const since = capInstant(instant(BigInt(alarm.onset_ns)) as Instant, site.time_zone)
  return {
    ...{ language, category: [target.kind === 'water' ? 'Met' : 'Infra'], event: words.event[target.kind] },
    ...CAP_TABLE[target.severity],
    certainty: suspect ? 'Unknown' : 'Observed',
    onset_ns: alarm.onset_ns,
    senderName: site.name,
    headline: clip(`${alarm.exercise ? words.exercise : ''}${words.headline(target.placeName, target.levelName)}`),
    description: [
      alarm.exercise ? words.exerciseLine(alarm.drill?.name) : '',
      suspect ? words.unconfirmed : '',
      words.measured(amount(alarm.value), amount(alarm.limit), since),
      alarm.name,
    ].join(''),
    instruction: `${alarm.exercise ? words.exercise : ''}${target.meaning}`,
    area: target.area,
  }
}

/** What a Cancel says of the message before it. */
export function cancelInfo(
  last: KeptInfo,
  exercise: boolean,
  drill: string | undefined,
  why: 'returned' | 'withdrawn',
): KeptInfo {
  const words = WORDS[last.language]
  const { instruction: _, ...kept } = last
  const bare = last.headline.startsWith(words.exercise) ? last.headline.slice(words.exercise.length) : last.headline
  return {
    ...kept,
    ...{ urgency: 'Past', responseType: ['None'] },
    headline: clip(`${exercise ? words.exercise : ''}${words.cancel}${bare}`),
    description: `${exercise ? words.exerciseLine(drill) : ''}${words[why]}`,
  }
}
