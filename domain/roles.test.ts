import { expect, test } from 'vitest'
import { mayActAs, ROLES } from './roles.ts'

test('each role may do all that the ones before it may, and nothing more', () => {
  const may = ROLES.map((role) => ROLES.filter((needed) => mayActAs(role, needed)))
  expect(may).toEqual([
    ['viewer'],
    ['viewer', 'operator'],
    ['viewer', 'operator', 'engineer'],
    ['viewer', 'operator', 'engineer', 'admin'],
  ])
})
