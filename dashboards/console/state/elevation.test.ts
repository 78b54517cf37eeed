import { expect, test } from 'vitest'
import { SITE } from '../test/fake-world.ts'
import { datumName, neighboursOf, offset_m } from './elevation.ts'

const run = SITE.waters[0]!

test('an elevation is the stage plus where zero lies; where that is not known nothing is added', () => {
  const zero = { elevation_m: 12.3, above: 'TWVD2001' }
  expect(offset_m({ zero }, 'elevation')).toBe(12.3)
  expect(offset_m({ zero }, 'gauge')).toBe(0)
  expect(datumName({ ...run, zero }, 'elevation')).toBe('TWVD2001')
  expect(datumName({ datum: run.datum }, 'elevation')).toBe(run.datum)
})

test('neighbours are those the site file names, in both directions', () => {
  const [a, b, c] = [
    { ...run, id: 'a' },
    { ...run, id: 'b', upstream: ['a'] },
    { ...run, id: 'c', upstream: ['b', 'a', 'nowhere'] },
  ]
  const ids = (waters: readonly { id: string }[]) => waters.map((w) => w.id)
  const of = neighboursOf([a, b, c], b)
  expect([ids(of.upstream), ids(of.downstream)]).toEqual([['a'], ['c']])
  expect(ids(neighboursOf([a, b, c], c).upstream)).toEqual(['b', 'a'])
})
