import { describe, expect, test } from 'vitest'
import type { LimitParameters } from './condition.ts'
import { amountOf, RULE_WORDS, ruleOf, spanText } from './limit-words.ts'

const say = {
  amount: (value: number, unit: string, kind: string) => {
    const amount = amountOf(value, unit, kind)
    return amount === undefined
      ? `${value} ${unit}`
      : `${amount.value.toFixed(amount.digits)} ${amount.unit}`.replace(/ 1$/, '')
  },
  target: (_: string, value: number) => (value === 2 ? 'Red' : `${value} m`),
}
const rule = (kind: string, limit: number, unit: string, parameters: LimitParameters | null = null) =>
  (['en', 'zh-TW'] as const).map((language) =>
    ruleOf({ kind, limit, unit, parameters, channel: 'creek/stage' }, RULE_WORDS[language], say),
  )

describe('the rule of a limit', () => {
  test.each([
    ['stale_s', 60, 's', null, 'no valid value for 60 s', '60 秒無有效數值'],
    ['failed_s', 10, 's', null, 'fails its quality tests for 10 s', '未通過品質檢測達 10 秒'],
    [
      'k_of_n',
      2,
      '1',
      { limits: ['a', 'b', 'c'], within_s: 30 },
      '2 of 3 limits within 30 s',
      '3 項限值中有 2 項在 30 秒內成立',
    ],
    ['k_of_n', 2, '1', { limits: ['a', 'b'], within_s: 0 }, '2 of 2 limits at once', '2 項限值中同時有 2 項成立'],
    [
      'reaching',
      1800,
      's',
      { target: 2, window_s: 900 },
      'would reach Red within 30 min (not a forecast)',
      '照目前趨勢 30 分鐘內將達 Red（非預報）',
    ],
    [
      'rising_faster_than',
      0.5 / 3600,
      'm/s',
      { window_s: 900 },
      'rising 0.50 m/h or faster over 15 min',
      '15 分鐘內上升速率達 0.50 m/h',
    ],
    ['outside', 8, 'm', { low: 0.1 }, 'outside 0.10 m to 8.00 m', '超出 0.10 m 至 8.00 m 的範圍'],
    [
      'differs_from',
      0.2,
      'm',
      { channel: 'creek-2/stage' },
      'differs from creek-2/stage by 0.20 m or more',
      '與 creek-2/stage 相差 0.20 m 以上',
    ],
    ['output_failed', 1, '1', { output: 'siren' }, 'output siren cannot be driven', '無法驅動輸出 siren'],
    ['silenced', 1, '1', { output: 'siren' }, 'output siren silenced at the panel', '輸出 siren 已於面板靜音'],
  ] as const)('%s %d %s', (kind, limit, unit, parameters, en, zh) =>
    expect(rule(kind, limit, unit, parameters)).toEqual([en, zh]),
  )

  test.each(['above', 'below', 'kind-of-tomorrow'])('of %s there is none', (kind) =>
    expect(rule(kind, 2, 'm')).toEqual([null, null]),
  )
  test('parameters that did not come are not made up', () => {
    expect(rule('outside', 8, 'm')).toEqual([null, null])
    expect(rule('reaching', 60, 's')).toEqual([null, null])
  })
})

describe('amounts', () => {
  test('a difference of temperatures has no offset: 2 K apart is 2 °C apart', () =>
    expect(amountOf(2, 'K', 'differs_from')).toEqual({ value: 2, unit: 'degC', digits: 1 }))
  test('a temperature has one', () => expect(amountOf(273.15, 'K', 'above')?.value).toBe(0))
  test('rates are per hour, of acceleration too', () => {
    expect(amountOf(1 / 3600, 'K/s', 'rising_faster_than')).toMatchObject({ unit: 'degC/h' })
    expect(amountOf(1 / 3600, 'K/s', 'rising_faster_than')?.value).toBeCloseTo(1, 9)
    const { value, unit } = amountOf(0.01 / 3600, '(m/s²)/s', 'rising_faster_than')!
    expect([value.toFixed(9), unit]).toEqual(['1.000000000', 'gal/h'])
  })
  test('a count is whole; seconds and foreign units are not amounts', () => {
    expect(amountOf(2, '1', 'k_of_n')).toEqual({ value: 2, unit: '1', digits: 0 })
    expect(amountOf(60, 's', 'stale_s')).toBeUndefined()
    expect(amountOf(3, 'furlong', 'above')).toBeUndefined()
  })
  test('spans in the unit in which they are said', () => {
    const { span } = RULE_WORDS.en
    expect([0.5, 60, 90, 120, 900, 1524, 3600, 7200, 86_400, 172_800].map((s) => spanText(s, span))).toEqual([
      '0.5 s',
      '60 s',
      '90 s',
      '2 min',
      '15 min',
      '25.4 min',
      '60 min',
      '2 h',
      '24 h',
      '2 d',
    ])
  })
})
