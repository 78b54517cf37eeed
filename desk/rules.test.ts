import Type from 'typebox'
import { describe, expect, test } from 'vitest'
import { monotonic } from '../domain/time.ts'
import { fetchedHere, hostAllowed, isLoopback, originAllowed, readingIsOpen } from './access.ts'
import { Attempts, addressKey, BY_ADDRESS, BY_NAME } from './attempts.ts'
import { deviceOf, makeDeviceCookie } from './device-cookie.ts'
import { readBody, readInstant, readQuery, readSpan } from './request.ts'
import { testSite } from './testing-site.ts'

describe('who may read', () => {
  test.each(['127.0.0.1', '127.0.0.53', 'localhost', '::1'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  test.each(['0.0.0.0', '::', '192.168.1.4', 'localhost.example.org', '1270.0.0.1'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false)
  })

  const local = { host: '127.0.0.1', proxied: false }
  const published = { host: '127.0.0.1', proxied: true, public_url: 'https://desk.example' }

  test('everybody on this machine, where every device is simulated; nobody else', () => {
    expect(readingIsOpen(local, testSite({ simulated: true }))).toBe(true)
    expect(readingIsOpen(local, testSite({ simulated: false }))).toBe(false)
    expect(readingIsOpen({ ...local, host: '0.0.0.0' }, testSite({ simulated: true }))).toBe(false)
  })

  test('nobody where a proxy on this machine passes the world on to loopback', () => {
    expect(readingIsOpen(published, testSite({ simulated: true }))).toBe(false)
  })

  test('DNS rebinding: a desk on loopback is only called by a loopback name, or by its public one', () => {
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'LOCALHOST'])
      expect(hostAllowed(local, host), host).toBe(true)
    for (const host of ['evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example', '', 'a b', undefined])
      expect(hostAllowed(local, host), String(host)).toBe(false)
    expect(hostAllowed({ ...local, host: '0.0.0.0' }, 'gauge.example')).toBe(true)
    expect(hostAllowed(published, 'desk.example')).toBe(true)
    expect(hostAllowed(local, 'desk.example')).toBe(false)
    expect(hostAllowed(published, 'desk.example.evil.example')).toBe(false)
  })

  test('a page of another origin changes nothing', () => {
    const here = { host: '127.0.0.1:8080', protocol: 'http' }
    expect(originAllowed('http://127.0.0.1:8080', here)).toBe(true)
    expect(originAllowed(undefined, here)).toBe(true)
    for (const origin of ['http://127.0.0.1:9999', 'http://evil.example', 'null', ''])
      expect(originAllowed(origin, here), origin).toBe(false)
  })

  test('nor does a page that came in the clear where the desk speaks TLS; the public page does', () => {
    const secure = { host: 'desk.example', protocol: 'https' }
    expect(originAllowed('http://desk.example', secure)).toBe(false)
    expect(originAllowed('https://desk.example', secure)).toBe(true)
    expect(
      originAllowed('https://desk.example', { host: '127.0.0.1:8080', protocol: 'http' }, 'https://desk.example'),
    ).toBe(true)
  })

  test('a browser that says another site made it ask is believed', () => {
    expect(['same-origin', 'none', undefined].map(fetchedHere)).toEqual([true, true, true])
    expect(['cross-site', 'same-site', ''].map(fetchedHere)).toEqual([false, false, false])
  })
})

describe('a browser that is known', () => {
  test('is known for the name that signed in there, and for no other, nor by another key', () => {
    const cookie = makeDeviceCookie('key', 'Mei')
    expect(deviceOf('key', ' mei', cookie)).toMatch(/^[\w-]{16}$/)
    expect(deviceOf('key', 'Lin', cookie)).toBeUndefined()
    expect(deviceOf('other', 'Mei', cookie)).toBeUndefined()
    for (const forged of [undefined, '', '.', 'a.b', `${cookie}.x`, cookie.slice(0, -1)])
      expect(deviceOf('key', 'Mei', forged), String(forged)).toBeUndefined()
  })
})

describe('addresses', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})

describe('attempts to sign in', () => {
  const second = (s: number) => monotonic(BigInt(s) * 1_000_000_000n)

  test('a burst, then one every 6 s, for each address', () => {
    const attempts = new Attempts()
    for (let i = 0; i < BY_ADDRESS.burst; i++) expect(attempts.take('a', second(0)).allowed).toBe(true)
    expect(attempts.take('a', second(0))).toEqual({ allowed: false, wait_s: 6 })
    expect(attempts.take('b', second(0)).allowed).toBe(true)
    expect(attempts.take('a', second(5))).toEqual({ allowed: false, wait_s: 1 })
    expect(attempts.take('a', second(6)).allowed).toBe(true)
    expect(attempts.take('a', second(6)).allowed).toBe(false)
    for (let i = 0; i < BY_ADDRESS.burst; i++) expect(attempts.take('a', second(600)).allowed).toBe(true)
    expect(attempts.take('a', second(600)).allowed).toBe(false)
  })
})

describe('guesses at one name', () => {
  test('from wherever they come: ten, then one a minute, never none at all', () => {
    const attempts = new Attempts(BY_NAME)
    const minute = (m: number) => monotonic(BigInt(m) * 60_000_000_000n)
    for (let i = 0; i < 10; i++) expect(attempts.take('name mei', minute(0)).allowed).toBe(true)
    expect(attempts.take('name mei', minute(0))).toEqual({ allowed: false, wait_s: 60 })
    expect(attempts.take('name mei', minute(1)).allowed).toBe(true)
    attempts.forget('name mei')
    expect(attempts.take('name mei', minute(1)).allowed).toBe(true)
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
