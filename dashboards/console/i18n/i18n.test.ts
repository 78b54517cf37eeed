import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { firstLanguage, reasonWords, type ScreenWords, WORDS } from './index.ts'

type Tree = { readonly [key: string]: unknown }
const leaves = (tree: Tree, path = ''): Array<[string, unknown]> =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null
      ? leaves(value as Tree, `${path}${key}.`)
      : [[`${path}${key}`, value] as [string, unknown]],
  )
const said = (value: unknown): string =>
  typeof value === 'function' ? (value as (...args: unknown[]) => string)('1', '2', '3', '4', '5', '6') : String(value)

const SCREENS = join(import.meta.dirname, '../screens')
const ofScreens = readdirSync(SCREENS, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /words[^/]*\.ts$/.test(path),
)
const tables: Array<[string, ScreenWords<unknown>]> = [
  ['every screen', WORDS],
  ...(await Promise.all(
    ofScreens.map(async (path): Promise<[string, ScreenWords<unknown>]> => {
      const { words } = (await import(join(SCREENS, path))) as { words: ScreenWords<unknown> }
      return [path, words]
    }),
  )),
]

test('screens have words of their own', () => expect(tables.length).toBeGreaterThan(1))

describe.each(tables)('dictionaries of %s', (_, table) => {
  const en = leaves(table.en as Tree)
  const zh = new Map(leaves(table['zh-TW'] as Tree))

  test('have the same keys, each a text or a function in both', () => {
    expect([...zh.keys()].sort()).toEqual(en.map(([key]) => key).sort())
    for (const [key, value] of en) expect(typeof zh.get(key), key).toBe(typeof value)
  })
  test('leave nothing untranslated and nothing empty', () => {
    // The same in every language: letters of the standard, signs, names and the button to the other language.
    const same =
      /^(priorityLetter|languageName|otherLanguage|listJoin|partJoin|sentenceEnd|pgaNow|waterRising|position)/
    for (const [key, value] of en) {
      expect(said(value), key).not.toBe('')
      expect(said(zh.get(key)), key).not.toBe('')
      if (!same.test(key)) expect(said(zh.get(key)), key).toMatch(/[\u4e00-\u9fff]/)
    }
  })
  test('pass every argument on', () => {
    for (const [key, value] of en)
      if (typeof value === 'function') {
        const args = Array.from({ length: value.length }, (_, i) => `<${i}>`)
        for (const words of [value, zh.get(key)] as Array<(...a: string[]) => string>)
          expect(words(...args).match(/<\d>/g)?.length ?? 0, key).toBeGreaterThan(0)
      }
  })
  test('never promise safety', () => {
    for (const words of [...en, ...zh]) expect(said(words[1])).not.toMatch(/\bsafe\b|安全/i)
  })
})

test('the first language is the remembered one, else that of the browser', () => {
  expect(firstLanguage('zh-TW', ['en-US'])).toBe('zh-TW')
  expect(firstLanguage(null, ['de-DE', 'zh-HK', 'en'])).toBe('zh-TW')
  expect(firstLanguage(null, ['en-GB', 'zh-TW'])).toBe('en')
  expect(firstLanguage('klingon', ['fr'])).toBe('en')
})

test('reasons are words; a code that is none of ours stays as it came', () => {
  expect(reasonWords(WORDS.en, 'timeout')).toBe('no answer in time')
  expect(reasonWords(WORDS['zh-TW'], 'exception-2')).toBe('Modbus 例外碼 2')
  expect(reasonWords(WORDS['zh-TW'], 'the edge node is away')).toBe('邊緣節點離線')
  expect(reasonWords(WORDS['zh-TW'], 'the desk has no connection to the broker (refused)')).toContain('refused')
  expect(reasonWords(WORDS.en, 'solar flare')).toBe('solar flare')
  expect(reasonWords(WORDS.en, null)).toBe('')
})
