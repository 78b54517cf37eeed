import { expect, test } from 'vitest'
import { judgeClock } from '../../../domain/clock-health.ts'
import { createFormat } from '../format.ts'
import { words } from '../screens/system/parts-words.ts'
import { figureName, figureText, partDetail, partName } from './system-part.ts'

const [en, zh] = [createFormat('en', 'UTC'), createFormat('zh-TW', 'UTC')]

test('parts, figures and what is said of them are words; what a newer desk tells stands as it came', () => {
  expect(
    ['broker', 'node/edge-1', 'canary/edge-1', 'turbine', 'turbine/2'].map((id) => partName(id, words.en)),
  ).toEqual(['Broker', 'Edge node edge-1', 'From sensor to store, edge-1', 'turbine', 'turbine/2'])
  expect(partName('node/edge-1', words['zh-TW'])).toBe('邊緣節點 edge-1')
  expect(partDetail('connected', words['zh-TW'], zh)).toBe('已連線')
  expect(partDetail('silent for 95 s', words.en, en)).toBe('silent for 1 min 35 s')
  expect(partDetail('23.4 % free', words['zh-TW'], zh)).toBe('可用 23.4 %')
  expect(partDetail('1.4 s off', words['zh-TW'], zh)).toBe('偏差 1.4 s')
  expect(partDetail('not connected: CERTIFICATE_ENDED: it ended', words['zh-TW'], zh)).toBe(
    '未連線: CERTIFICATE_ENDED: it ended',
  )
  // Every fixed sentence that a judgement of the clock may hold is known in both languages.
  for (const facts of [{}, { synchronised: false }, { trusted: false }])
    expect(partDetail(judgeClock(facts).why!, words['zh-TW'], zh)).toMatch(/[\u4e00-\u9fff]/)
  expect(partDetail('database is locked', words['zh-TW'], zh)).toBe('database is locked')
  expect([figureName('polls_good', words['zh-TW']), figureName('spin', words.en)]).toEqual(['有回應的輪詢', 'spin'])
})

test('figures carry their unit: bytes as GB, spans in seconds, counts plain', () => {
  expect(figureText('free_bytes', 12_345_678_900, en)).toBe('12.3 GB')
  expect(figureText('lag_s', 0.0421, en)).toBe('0.042 s')
  expect(figureText('last_seen_s', 61.4, en)).toBe('61 s')
  expect(figureText('polls', 12_345, en)).toBe(en.number(12_345, 0))
  expect(figureText('lag_s', null, en)).toBe('–')
})
