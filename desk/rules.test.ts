import Type from 'typebox'
import { describe, expect, test } from 'vitest'
import { monotonic } from '../domain/time.ts'
import { hostAllowed, isLoopback, originAllowed, readingIsOpen } from './access.ts'
import { ATTEMPTS_BURST, Attempts } from './attempts.ts'
import { readBody, readInstant, readQuery, readSpan } from './request.ts'
import { testSite } from './testing-site.ts'

describe('who may read', () => {
  test.each(['127.0.0.1', '127.0.0.53', 'localhost', '::1'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  test.each(['0.0.0.0', '::', '192.168.1.4', 'localhost.example.org', '1270.0.0.1'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false)
  })

  test('everybody on this machine, where every device is simulated; nobody else', () => {
    expect(readingIsOpen('127.0.0.1', testSite({ simulated: true }))).toBe(true)
    expect(readingIsOpen('127.0.0.1', testSite({ simulated: false }))).toBe(false)
    expect(readingIsOpen('0.0.0.0', testSite({ simulated: true }))).toBe(false)
  })

  test('DNS rebinding: a desk on loopback is only called by a loopback name', () => {
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'LOCALHOST'])
      expect(hostAllowed('127.0.0.1', host), host).toBe(true)
    for (const host of ['evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example', '', 'a b', undefined])
      expect(hostAllowed('127.0.0.1', host), String(host)).toBe(false)
    expect(hostAllowed('0.0.0.0', 'gauge.example')).toBe(true)
  })

  test('a page of another origin changes nothing', () => {
    expect(originAllowed('http://127.0.0.1:8080', '127.0.0.1:8080')).toBe(true)
    expect(originAllowed(undefined, '127.0.0.1:8080')).toBe(true)
    for (const origin of ['http://127.0.0.1:9999', 'http://evil.example', 'null', ''])
      expect(originAllowed(origin, '127.0.0.1:8080'), origin).toBe(false)
  })
})

describe('attempts to sign in', () => {
  const second = (s: number) => monotonic(BigInt(s) * 1_000_000_000n)

  test('a burst, then one every 6 s, for each address', () => {
    const attempts = new Attempts()
    for (let i = 0; i < ATTEMPTS_BURST; i++) expect(attempts.take('a', second(0)).allowed).toBe(true)
    expect(attempts.take('a', second(0))).toEqual({ allowed: false, wait_s: 6 })
    expect(attempts.take('b', second(0)).allowed).toBe(true)
    expect(attempts.take('a', second(5))).toEqual({ allowed: false, wait_s: 1 })
    expect(attempts.take('a', second(6)).allowed).toBe(true)
    expect(attempts.take('a', second(6)).allowed).toBe(false)
    for (let i = 0; i < ATTEMPTS_BURST; i++) expect(attempts.take('a', second(600)).allowed).toBe(true)
    expect(attempts.take('a', second(600)).allowed).toBe(false)
  })
})

describe('what a request carries', () => {
  const Body = Type.Object(
    { occurrence: Type.Integer({ minimum: 0 }), etag: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  )

  test('every mistake is named at once', () => {
    const wrong = { occurrence: '5', etag: '', who: 'me' }
    expect(() => readBody(Body, wrong)).toThrow(/body.occurrence: must be integer, got "5"/)
    expect(() => readBody(Body, wrong)).toThrow(/body.etag: /)
    expect(() => readBody(Body, wrong)).toThrow(/additional properties/)
    expect(() => readBody(Body, undefined)).toThrow('body: must be object')
    expect(readBody(Body, { occurrence: 5, etag: 'x' })).toEqual({ occurrence: 5, etag: 'x' })
  })

  test('a query is text: numbers are read, defaults filled', () => {
    const Query = Type.Object({ points: Type.Integer({ minimum: 1, default: 1000 }) })
    expect(readQuery(Query, { points: '12' })).toEqual({ points: 12 })
    expect(readQuery(Query, {})).toEqual({ points: 1000 })
    expect(() => readQuery(Query, { points: 'many' })).toThrow(/query.points: must be integer, got "many"/)
  })

  test('instants are ISO 8601 with zone or nanoseconds', () => {
    expect(readInstant('1528005600000000001', 'from')).toBe(1_528_005_600_000_000_001n)
    expect(readInstant('2018-06-03T06:00:00Z', 'from')).toBe(1_528_005_600_000_000_000n)
    expect(readInstant('2018-06-03T14:00:00 08:00', 'from'), 'an unescaped +').toBe(1_528_005_600_000_000_000n)
    expect(() => readInstant('yesterday', 'from')).toThrow('query.from: expected ISO 8601')
    expect(() => readSpan({ from: '2', to: '2' })).toThrow('query.to: expected an instant after from')
  })
})
