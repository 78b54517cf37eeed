import { expect, test } from 'vitest'
import { events } from '../test/fake-shaking.ts'
import { NOW_MS } from '../test/fixtures.ts'
import { changeOf, chosenEvent, newestFirst, recentEvent, stretchAround, worstOf } from './events.ts'

const MIN = 60_000
// Onsets 5, 1500 and 9000 min before; PGA 2.12, 0.31 and 0.12 m/s².
const all = events(NOW_MS)

test('newest first, and the worst by PGA, never one that was not measured', () => {
  expect(newestFirst([...all].reverse()).map((e) => e.id)).toEqual(['tower-a-3', 'tower-a-2', 'tower-a-1'])
  expect(worstOf(all)?.id).toBe('tower-a-3')
  expect(worstOf(all.map((e) => ({ ...e, pga_m_s2: null })))).toBeNull()
})

test('an address means the event it names, else the worst of its stretch, else none', () => {
  expect(chosenEvent(all, 'tower-a-2', null, NOW_MS)?.id).toBe('tower-a-2')
  expect(chosenEvent(all, 'gone', null, NOW_MS)).toBeNull()
  const old = { from_ms: NOW_MS - 10_000 * MIN, to_ms: NOW_MS - 1000 * MIN }
  expect(chosenEvent(all, undefined, old, NOW_MS)?.id).toBe('tower-a-2')
  expect(chosenEvent(all, undefined, null, NOW_MS)).toBeNull()
})

test('the event that people come for goes on or ended within half an hour', () => {
  expect(recentEvent(all, NOW_MS)?.id).toBe('tower-a-3')
  expect(recentEvent(all.slice(1), NOW_MS)).toBeNull()
  expect(recentEvent([{ ...all[1]!, ended_ns: null }], NOW_MS)?.id).toBe('tower-a-2')
  expect(recentEvent([], NOW_MS)).toBeNull()
})

test('a stretch around an event reaches ten seconds to either side, and never over ten minutes', () => {
  const around = stretchAround(all[0]!, NOW_MS)
  expect(around).toEqual({ from_ms: NOW_MS - 5 * MIN - 10_000, to_ms: NOW_MS - 5 * MIN + 50_000 })
  const endless = stretchAround({ ...all[1]!, ended_ns: null }, NOW_MS)
  expect(endless.to_ms - endless.from_ms).toBe(600_000)
})

test('a frequency that fell from 1.12 to 1.09 Hz fell by 2.7 in a hundred', () => {
  expect(changeOf({ before: 1.12, during: null, after: 1.09 })).toBeCloseTo(-0.0268, 4)
  expect(changeOf({ before: null, during: 1, after: 1.09 })).toBeNull()
})
