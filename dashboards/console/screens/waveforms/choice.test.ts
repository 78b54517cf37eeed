import { expect, test } from 'vitest'
import { device } from '../../test/fixtures.ts'
import { filterOf, filterQuery, moved, STRETCH_LEAST_MS, STRETCH_MAX_MS, sensorsOf } from './choice.ts'

const all = ['tower-a-roof', 'tower-a-base'].map((id) => device(id))

test('the sensor of the address first, then those beside it, each once', () => {
  expect(sensorsOf(all, 'tower-a-base', 'tower-a-roof,tower-a-base,gone').map((d) => d.id)).toEqual([
    'tower-a-base',
    'tower-a-roof',
  ])
  expect(sensorsOf(all, null, undefined).map((d) => d.id)).toEqual(['tower-a-roof'])
  expect(sensorsOf([], 'x', undefined)).toEqual([])
})

test('moves keep the length or the middle, within a second and ten minutes', () => {
  const stretch = { from_ms: 100_000, to_ms: 160_000 }
  expect(moved(stretch, 'later')).toEqual({ from_ms: 130_000, to_ms: 190_000 })
  expect(moved(stretch, 'closer')).toEqual({ from_ms: 115_000, to_ms: 145_000 })
  let [close, wide] = [stretch, stretch]
  for (let i = 0; i < 12; i += 1) [close, wide] = [moved(close, 'closer'), moved(wide, 'wider')]
  expect(close.to_ms - close.from_ms).toBe(STRETCH_LEAST_MS)
  expect(wide.to_ms - wide.from_ms).toBe(STRETCH_MAX_MS)
})

test('a filter comes back from its address; an unknown one is none', () => {
  const filter = { kind: 'bandpass', low_hz: 0.3, high_hz: 12 } as const
  expect(filterOf(filterQuery(filter) as Record<string, string>)).toEqual(filter)
  expect(filterOf({ filter: 'magic' }).kind).toBe('none')
})
