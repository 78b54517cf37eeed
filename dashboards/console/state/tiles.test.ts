import { expect, test } from 'vitest'
import { ns, SITE } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietSite, reading } from '../test/fixtures.ts'
import { tilesOf } from './tiles.ts'

const tiles = (more: Parameters<typeof quietSite>[0] = {}) =>
  tilesOf(SITE, quietSite(more), NOW_MS).map((t) => [t.id, t.state])

test('while all is quiet the tiles keep the order of the site file', () =>
  expect(tiles()).toEqual([
    ['dead-run', 'quiet'],
    ['tower-a', 'quiet'],
  ]))

test('what is exceeded comes first, then what is unknown', () => {
  expect(tiles({ alarms: [alarm('roof-pga')] })[0]).toEqual(['tower-a', 'exceeded'])
  const silent = reading('tower-a-base/pga', 0.001, { t_ns: ns(NOW_MS - 60_000) })
  expect(tiles({ readings: [silent] })).toEqual([
    ['tower-a', 'unknown'],
    ['dead-run', 'quiet'],
  ])
  expect(tiles({ readings: [silent, reading('dead-run/stage', 1.3)] })[0]).toEqual(['dead-run', 'exceeded'])
})

test('a water that rises fast is watched before it exceeds anything', () =>
  expect(tiles({ readings: [reading('dead-run/rate_of_rise', 0.43 / 3600)] })[0]).toEqual(['dead-run', 'watch']))
