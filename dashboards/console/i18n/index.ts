/** Which languages there are, which one a browser should see first, and how a reason code becomes words. */
import type { Language } from '../format.ts'
import { en, type Words } from './en.ts'
import { zhTW } from './zh-TW.ts'

export type { Words } from './en.ts'

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
