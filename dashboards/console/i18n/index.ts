/** Which languages there are, which one a browser should see first, and how a reason code becomes words. */
import type { Language } from '../format.ts'
import { en, type Same, type Words } from './en.ts'
import { zhTW } from './zh-TW.ts'

export type { Same, Words } from './en.ts'

/** Words of one screen, which come with it: `Same` makes sure that every language has every key. */
export type ScreenWords<T> = { readonly en: T; readonly 'zh-TW': Same<T> }
export const screenWords = <T>(en: T, zhTW: Same<T>): ScreenWords<T> => ({ en, 'zh-TW': zhTW })

export const WORDS: Readonly<Record<Language, Words>> = { en, 'zh-TW': zhTW }

export const isLanguage = (text: string | null): text is Language => text === 'en' || text === 'zh-TW'

/** Chinese of any kind reads Traditional Chinese here more easily than English; everybody else gets English. */
export function firstLanguage(remembered: string | null, preferred: readonly string[]): Language {
  if (isLanguage(remembered)) return remembered
  const first = preferred.find((tag) => /^(en|zh)\b/i.test(tag))
  return first?.toLowerCase().startsWith('zh') ? 'zh-TW' : 'en'
}

/** A reason as the edge gives it, in words; a code that is none of ours is shown as it came. */
export function reasonWords(words: Words, reason: string | null): string {
  if (reason === null) return ''
  const exception = /^exception-(\d+)$/.exec(reason)
  if (exception !== null) return words.exception(exception[1]!)
  const broker = /^the desk has no connection to the broker \((.*)\)$/.exec(reason)
  if (broker !== null) return words.deskWithoutBroker(broker[1]!)
  return reason in words.reason ? words.reason[reason as keyof Words['reason']] : reason
}
