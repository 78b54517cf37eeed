import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPreferences, zoneOf } from './preferences.ts'

const DEFAULT = { language: 'zh-TW', theme: 'auto', clock: 'site', units: { stage: 'm', acceleration: 'gal' } }

test('preferences come back as they were kept', () => {
  const mine = { language: 'en', theme: 'night', clock: 'utc', units: { stage: 'ft', acceleration: '%g' } }
  expect(readPreferences(JSON.stringify(mine), 'zh-TW')).toEqual(mine)
})

test('whatever else was kept, something usable comes out', () => {
  expect(readPreferences(null, 'zh-TW')).toEqual(DEFAULT)
  expect(readPreferences('{"theme":"pink","units":7}', 'zh-TW')).toEqual(DEFAULT)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = readPreferences(text, 'en')
      expect(readPreferences(JSON.stringify(read), 'zh-TW')).toEqual(read)
    }),
  )
})

test('the clock is the site’s unless somebody chose otherwise', () => {
  expect(zoneOf('site', 'Asia/Taipei', 'Europe/Paris')).toBe('Asia/Taipei')
  expect(zoneOf('local', 'Asia/Taipei', 'Europe/Paris')).toBe('Europe/Paris')
  expect(zoneOf('utc', 'Asia/Taipei', 'Europe/Paris')).toBe('UTC')
})
