import { describe, expect, test } from 'vitest'
import type { Limit } from '../domain/condition.ts'
import { ruleTeller } from './limit-rule.ts'
import { limitOf, testSite } from './testing-site.ts'

const tell = ruleTeller(testSite())
const reaching = (channel: string, target: number): Limit => ({
  ...limitOf('creek-red'),
  ...{ kind: 'reaching', channel, direction: 'below', limit: 7200, unit: 's', parameters: { target, window_s: 900 } },
})

describe('the rule of a limit on this site', () => {
  test('names the level that would be reached', () =>
    expect(tell(reaching('creek/stage', 2))).toEqual({
      en: 'would reach Red within 2 h (not a forecast)',
      'zh-TW': '照目前趨勢 2 小時內將達 Red（非預報）',
    }))
  test('also for the shadow of a drill', () =>
    expect(tell(reaching('drill.dawn.creek/stage', 2))?.en).toBe('would reach Red within 2 h (not a forecast)'))
  test('else says the value in the unit of the channel', () => {
    expect(tell(reaching('creek/stage', 1.5))?.en).toBe('would reach 1.50 m within 2 h (not a forecast)')
    expect(tell(reaching('roof/pga', 0.5))?.en).toBe('would reach 50.0 gal within 2 h (not a forecast)')
  })
  test('is not told of a plain limit', () => expect(tell(limitOf('creek-red'))).toBeNull())
})
