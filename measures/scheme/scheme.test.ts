import { describe, expect, test } from 'vitest'
import { SEVERITIES } from '../../domain/site.ts'
import { wraLevel } from '../water/wra.ts'
import { customScheme } from './custom.ts'
import { JMA } from './jma.ts'
import { compareLevels, levelOf, reachedLevel, type Scheme, schemeMistakes, worstLevel } from './scheme.ts'
import { SCHEMES, schemeOf } from './schemes.ts'
import { TW_CWA } from './tw-cwa.ts'
import { TW_WRA } from './tw-wra.ts'
import { UK_EA } from './uk-ea.ts'
import { US_NWS } from './us-nws.ts'

describe.each(SCHEMES.map((scheme) => [scheme.id, scheme] as const))('%s', (_, scheme) => {
  test('is right: ranks strictly rise, codes are unique, every text is there in English and zh-TW', () => {
    expect(schemeMistakes(scheme)).toEqual([])
  })
  test('zh-TW is Chinese and English is not; no two levels look or read alike', () => {
    for (const level of scheme.levels)
      for (const text of [level.name, level.meaning, level.action]) {
        expect(text['zh-TW']).toMatch(/\p{Script=Han}/u)
        expect(text.en).not.toMatch(/\p{Script=Han}/u)
      }
    for (const named of ['colour', 'code'] as const)
      expect(new Set(scheme.levels.map((level) => level[named])).size).toBe(scheme.levels.length)
    for (const language of ['en', 'zh-TW'] as const)
      expect(new Set(scheme.levels.map((level) => level.name[language])).size).toBe(scheme.levels.length)
  })
})

describe('order', () => {
  test('WRA and Environment Agency: number 1 is the worst', () => {
    for (const scheme of [TW_WRA, UK_EA]) {
      expect(worstLevel(scheme, ['3', '1', '2'])?.code).toBe('1')
      expect(compareLevels(scheme, '1', '3')).toBeGreaterThan(0)
    }
  })
  test('intensities: 7 is the worst, 5- below 5+ below 6-', () => {
    for (const scheme of [TW_CWA, JMA]) {
      expect(scheme.levels.map((l) => l.code)).toEqual(['0', '1', '2', '3', '4', '5-', '5+', '6-', '6+', '7'])
      expect(worstLevel(scheme, ['4', '5+', '5-'])?.code).toBe('5+')
    }
  })
  test('NWS categories are the severities of the site file, in its order', () => {
    expect(US_NWS.levels.map((l) => l.code)).toEqual([...SEVERITIES])
  })
  test('none of nothing; an unknown code is refused with those there are', () => {
    expect(worstLevel(JMA, [])).toBeUndefined()
    expect(levelOf(JMA, '5')).toBeUndefined()
    expect(() => compareLevels(JMA, '5', '4')).toThrow(/expected one of 0, 1, 2, 3, 4, 5-, .*got "5"/)
  })
})

describe('the level a stage has reached', () => {
  const alert = { '1': 27.5, '2': 26, '3': 25 }
  test('is the worst one, as the WRA machine says', () => {
    for (const stage of [24.9, 25, 26, 27.49, 27.5, 30])
      expect(reachedLevel(TW_WRA, stage, alert)?.code ?? null).toBe(wraLevel(stage, alert)?.toString() ?? null)
    expect(reachedLevel(TW_WRA, 27.5, alert)?.name['zh-TW']).toBe('一級警戒（紅色）')
    expect(reachedLevel(US_NWS, 3, { action: 2, minor: 4 })?.code).toBe('action')
  })
  test('an unknown stage has no level to be told; an unknown code is refused', () => {
    expect(() => reachedLevel(TW_WRA, Number.NaN, alert)).toThrow(/NaN/)
    expect(() => reachedLevel(TW_WRA, 1, { '4': 0 })).toThrow(/got "4"/)
  })
})

describe('a site’s own scheme', () => {
  const level = (code: string) => ({
    code,
    name: { en: `Stage ${code}`, 'zh-TW': `階段${code}` },
    meaning: { en: 'Water in the yard.', 'zh-TW': '院內積水。' },
    action: { en: 'Close the doors.', 'zh-TW': '關閉門扇。' },
    colour: '#112233',
  })
  const own = { id: 'yard', name: { en: 'Yard', 'zh-TW': '院子' }, of: 'water' as const }
  test('is ranked by its order and found before those that ship', () => {
    const scheme = customScheme({ ...own, levels: [level('b'), level('a')] })
    expect(worstLevel(scheme, ['a', 'b'])?.code).toBe('a')
    expect(schemeOf('yard', [scheme])).toBe(scheme)
    expect(schemeOf('yard')).toBeUndefined()
    expect(schemeOf('tw-wra')).toBe(TW_WRA)
  })
  test('every mistake is told at once', () => {
    const bad = { ...level('a'), colour: 'red', name: { en: 'A', 'zh-TW': ' ' } }
    expect(() => customScheme({ ...own, levels: [level('a'), bad] })).toThrow(
      /"a" is the code of levels\[0\] already; levels\[1\]\.name: expected a text in zh-TW; levels\[1\]\.colour: expected #rrggbb, got "red"/,
    )
    expect(() => customScheme({ ...own, levels: [] })).toThrow(/at least one/)
  })
  test('ranks out of order are a mistake', () => {
    const turned: Scheme = { ...TW_WRA, levels: [...TW_WRA.levels].reverse() }
    expect(schemeMistakes(turned)).toHaveLength(2)
  })
})
