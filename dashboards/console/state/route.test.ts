import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { href, PAGES, routeOf, stretchOf, stretchQuery } from './route.ts'

describe('addresses', () => {
  test('name every screen, and what it is about', () => {
    expect(routeOf('')).toEqual({ page: 'overview', id: null, query: {} })
    expect(routeOf('#/')).toMatchObject({ page: 'overview' })
    expect(routeOf('#/alarms/gateway-1:roof-pga')).toEqual({ page: 'alarms', id: 'gateway-1:roof-pga', query: {} })
    expect(routeOf('#/system/audit?actor=Lin')).toEqual({ page: 'system', id: 'audit', query: { actor: 'Lin' } })
    expect(routeOf('#/first-user?token=a%2Bb')).toMatchObject({ page: 'first-user', query: { token: 'a+b' } })
  })
  test('that are of no screen say so, broken ones too', () => {
    expect(routeOf('#/nowhere')).toMatchObject({ page: 'unknown' })
    expect(routeOf('#/water/%E0%A4%A')).toMatchObject({ page: 'water', id: '%E0%A4%A' })
  })
  test('lead back to what they were made of, whatever the name', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...PAGES.filter((p) => p !== 'overview')),
        fc.string({ minLength: 1 }).filter((id) => !id.includes('/') && id.isWellFormed()),
        fc.dictionary(
          fc.constantFrom('list', 'actor', 'kind'),
          fc.string().filter((s) => s.isWellFormed()),
        ),
        (page, id, query) => {
          expect(routeOf(href(page, id, query))).toEqual({ page, id, query: { ...query } })
        },
      ),
    ))
  test('carry a stretch of time; one that is the wrong way round is none', () => {
    const stretch = { from_ms: Date.UTC(2026, 2, 2), to_ms: Date.UTC(2026, 2, 3) }
    expect(stretchOf(routeOf(href('water', 'dead-run', stretchQuery(stretch))).query)).toEqual(stretch)
    expect(stretchOf({ from: '2026-03-03', to: '2026-03-02' })).toBeNull()
    expect(stretchOf({ from: 'yesterday' })).toBeNull()
  })
})
