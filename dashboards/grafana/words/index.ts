/** Words by language. */
import type { Language } from '../ids.ts'
import { en, type Words } from './en.ts'
import { zhTW } from './zh-TW.ts'

export type { Words } from './en.ts'
export const WORDS: Readonly<Record<Language, Words>> = { en, 'zh-TW': zhTW }
