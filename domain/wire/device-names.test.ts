import { expect, test } from 'vitest'
import { DeviceNames } from './device-names.ts'

test('a channel is the device and the metric, the same text each time', () => {
  const names = new DeviceNames('tower')
  expect(names.channel('acceleration/x')).toBe('tower/acceleration/x')
  expect(names.channel('acceleration/x')).toBe('tower/acceleration/x')
})

test('any number of names is answered', () => {
  const names = new DeviceNames('tower')
  for (let i = 0; i < 10_000; i++) expect(names.channel(`m${i}`)).toBe(`tower/m${i}`)
  expect(names.channel('m0')).toBe('tower/m0')
})

test('gaps of the same channels have one list; another, longer or shorter, has its own', () => {
  const names = new DeviceNames('tower')
  const both = names.ofGap(['tower/a', 'tower/b'])
  expect(names.ofGap(['tower/a', 'tower/b'])).toBe(both)
  expect(names.ofGap(['tower/a'])).toEqual(['tower/a'])
  expect(names.ofGap(['tower/a', 'tower/c'])).toEqual(['tower/a', 'tower/c'])
  expect(names.ofGap(['tower/a', 'tower/c', 'tower/d'])).toEqual(['tower/a', 'tower/c', 'tower/d'])
  expect(names.ofGap(['tower/b', 'tower/a'])).toEqual(['tower/b', 'tower/a'])
  expect(names.ofGap([])).toEqual([])
})
