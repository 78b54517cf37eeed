import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { PlumblineError } from '../../domain/errors.ts'
import type { ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type LinkOptions, open, overTcp, overTls, PlainServer } from './testing-modbus.ts'

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error('openssl is missing')
    console.info('openssl is missing: the tests of TLS links are skipped')
    return false
  }
})()

const folder = mkdtempSync(join(tmpdir(), 'plumbline-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const file = (name: string): string => join(folder, name)
const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder })
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate authority of its own. */
function authority(name: string): void {
  openssl('req', '-x509', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-days', '2')
}
function certificate(name: string, by: string, san: string, days = '2'): void {
  openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  writeFileSync(file(`${name}.ext`), `subjectAltName=${san}`)
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-out',
    `${name}.pem`,
    '-days',
    days,
    '-extfile',
    `${name}.ext`,
  )
}
if (hasOpenssl) {
  authority('plant')
  authority('stranger')
  certificate('gauge', 'plant', 'DNS:gauge.example,IP:127.0.0.1')
  certificate('elsewhere', 'plant', 'DNS:elsewhere.example')
  certificate('edge', 'plant', 'DNS:edge.example')
  certificate('intruder', 'stranger', 'DNS:edge.example')
}
const keys = (name: string): TlsOptions => ({
  key: readFileSync(file(`${name}.key`)),
  cert: readFileSync(file(`${name}.pem`)),
})
const CA = hasOpenssl ? file('plant.pem') : ''
type Client = Omit<NonNullable<SiteLink['tls']>, 'host' | 'port'>

async function serve(server: TlsOptions, client: Client, options: LinkOptions = { timeout_ms: 1000 }) {
  const plain = new PlainServer()
  const served = await overTls(plain, server, client, options)
  const link = open(served.link)
  cleanups.push(served.close, () => link.close())
  return { plain, link, served }
}
const failure = (promise: Promise<unknown>): Promise<ModbusError> =>
  promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`)
    },
    (error) => error,
  )

describe.skipIf(!hasOpenssl)('a Modbus TCP link inside TLS', () => {
  test('reads and writes where the certificate is right, in one connection, TLS 1.2 or newer', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { plain, link } = await serve({ ...keys('gauge'), maxVersion }, { ca_file: CA })
      await link.writeRegisters(1, 5, [42])
      expect(Array.from((await link.readRegisters(1, 'holding', 5, 2)).registers)).toEqual([42, 1006])
      expect((await link.readFifo(1, 0)).registers).toHaveLength(5)
      expect(plain.connections).toBe(1)
    }
  })

  test('the name of the site is the one the certificate must bear', async () => {
    const right = await serve(keys('elsewhere'), { ca_file: CA, server_name: 'elsewhere.example' })
    expect((await right.link.readRegisters(1, 'holding', 0, 1)).registers).toHaveLength(1)
  })

  test.each<[string, () => TlsOptions, () => Client, RegExp]>([
    ['of nobody we trust', () => keys('gauge'), () => ({ ca_file: file('stranger.pem') }), /UNABLE_TO_(VERIFY|GET)/],
    ['judged by the system alone', () => keys('gauge'), () => ({}), /UNABLE_TO_(VERIFY|GET)/],
    ['of another device', () => keys('elsewhere'), () => ({ ca_file: CA }), /ERR_TLS_CERT_ALTNAME_INVALID/],
    [
      'of another name',
      () => keys('gauge'),
      () => ({ ca_file: CA, server_name: 'x.example' }),
      /x\.example.*ALTNAME_INVALID/,
    ],
    [
      'signed by itself',
      () => ({ key: readFileSync(file('stranger.key')), cert: readFileSync(file('stranger.pem')) }),
      () => ({ ca_file: CA }),
      /SELF_SIGNED/,
    ],
  ])('a certificate %s is refused, and the reason is told', async (_, server, client, why) => {
    const { plain, link } = await serve(server(), client())
    const error = await failure(link.readRegisters(1, 'holding', 0, 1))
    expect(error.reason).toBe('closed')
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: TLS: /)
    expect(error.message).toMatch(why)
    expect(plain.asked).toEqual([])
  })

  test('a device that asks for a certificate gets ours, and refuses none and a stranger', async () => {
    const server = {
      ...keys('gauge'),
      ca: readFileSync(file('plant.pem')),
      requestCert: true,
      rejectUnauthorized: true,
    }
    const own = (name: string): Client => ({
      ca_file: CA,
      cert_file: file(`${name}.pem`),
      key_file: file(`${name}.key`),
    })
    const right = await serve(server, own('edge'))
    expect(Array.from((await right.link.readRegisters(2, 'input', 3, 1)).registers)).toEqual([2003])
    for (const client of [{ ca_file: CA }, own('intruder')]) {
      const { plain, link } = await serve(server, client)
      const error = await failure(link.readRegisters(1, 'holding', 0, 1))
      expect(error.reason).toBe('closed')
      expect(plain.asked).toEqual([])
    }
  })

  test('TLS 1.1 is refused', async () => {
    const old = { ...keys('gauge'), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    const { link } = await serve(old, { ca_file: CA })
    const error = await failure(link.readRegisters(1, 'holding', 0, 1))
    expect([error.reason, error.message]).toEqual(['closed', expect.stringMatching(/TLS: .*(protocol|version|alert)/i)])
  })

  test('a device that speaks no TLS is refused, one that says nothing times out', async () => {
    const plain = await overTcp(new PlainServer())
    const link = open({ ...plain.link, tcp: undefined, tls: { ...plain.link.tcp!, ca_file: CA } } as SiteLink)
    cleanups.push(plain.close, () => link.close())
    expect((await failure(link.readRegisters(1, 'holding', 0, 1))).reason).toMatch(/^(closed|timeout)$/)
  })

  test('files that are missing, do not fit together or are none stop the start', () => {
    const tls = (client: Client) =>
      ({ id: 'bus', tls: { host: '127.0.0.1', port: 802, ...client }, timeout_ms: 100 }) as SiteLink
    const refused = (client: Client): string => {
      try {
        open(tls(client))
      } catch (error) {
        expect(error).toBeInstanceOf(PlumblineError)
        expect((error as PlumblineError).code).toBe('SITE_INVALID')
        return (error as Error).message
      }
      throw new Error('expected it to be refused')
    }
    expect(refused({ ca_file: file('none.pem') })).toContain('bus.tls.ca_file: expected a file that can be read')
    expect(refused({ cert_file: file('edge.pem') })).toContain('expected cert_file and key_file together')
    expect(refused({ cert_file: file('edge.pem'), key_file: file('gauge.key') })).toContain('that fit together')
    writeFileSync(file('text.pem'), 'no certificate')
    expect(refused({ cert_file: file('text.pem'), key_file: file('edge.key') })).toContain('that fit together')
  })
})
