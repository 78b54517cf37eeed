import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  CERTIFICATE_DAYS,
  describeCertificate,
  type Issued,
  issueClient,
  issueServer,
  makeAuthority,
} from './certificates.ts'

let ca: Issued
let other: Issued
let server: Issued
let client: Issued
beforeAll(async () => {
  const now = new Date()
  ;[ca, other] = await Promise.all([makeAuthority('Plumbline town', now), makeAuthority('Somebody else', now)])
  ;[server, client] = await Promise.all([
    issueServer(ca, ['127.0.0.1', 'broker.town.example', '::1'], now),
    issueClient(ca, 'edge-1', now),
  ])
}, 60_000)

/** The client's common name as the server sees it, over a real TLS connection. */
async function handshake(
  served: TlsOptions,
  asked: { ca: string; servername?: string; cert?: string; key?: string; host?: string },
): Promise<string | undefined> {
  const listener = createServer(served)
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const seen = new Promise<string | undefined>((resolve, reject) => {
    listener.once('secureConnection', (socket: TLSSocket) => {
      resolve(socket.getPeerCertificate().subject?.CN as string | undefined)
      socket.end('x')
    })
    listener.once('tlsClientError', reject)
  })
  const socket = connect({ host: '127.0.0.1', port, minVersion: 'TLSv1.2', ...asked })
  try {
    // TLS 1.3 tells the client of a refused certificate only after its own handshake.
    const refused = new Promise<never>((_, reject) => socket.once('error', reject))
    const read = new Promise<void>((resolve) => socket.once('data', () => resolve()))
    const [name] = await Promise.race([Promise.all([seen, read]), refused])
    return name
  } finally {
    socket.destroy()
    seen.catch(() => {})
    listener.close()
  }
}

const served = (extra: TlsOptions = {}): TlsOptions => ({ cert: server.certificate, key: server.key, ...extra })

describe('a server certificate', () => {
  test('is trusted by who trusts the authority, for its address and its names', async () => {
    await handshake(served(), { ca: ca.certificate, host: '127.0.0.1' })
    await handshake(served(), { ca: ca.certificate, servername: 'broker.town.example' })
    await expect(handshake(served(), { ca: ca.certificate, servername: 'other.example' })).rejects.toThrow(/altnames/)
  })

  test('is refused by who trusts another authority', async () => {
    await expect(handshake(served(), { ca: other.certificate })).rejects.toThrow(/unable to verify|self-signed/)
  })

  test('says until when, and stands for no longer than browsers accept', () => {
    const { names, until } = describeCertificate(server.certificate)
    expect(names).toContain('DNS:broker.town.example')
    expect(names).toContain('IP Address:127.0.0.1')
    const days = (until.getTime() - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(CERTIFICATE_DAYS - 1)
    expect(days).toBeLessThanOrEqual(CERTIFICATE_DAYS)
  })
})

describe('a client certificate', () => {
  const asking = () => ({ requestCert: true, rejectUnauthorized: true, ca: ca.certificate })

  test('names the client', async () => {
    const asked = { ca: ca.certificate, cert: client.certificate, key: client.key }
    expect(await handshake(served(asking()), asked)).toBe('edge-1')
  })

  test('of another authority, or none, is refused', async () => {
    const stranger = await issueClient(other, 'edge-1', new Date())
    const asked = { ca: ca.certificate, cert: stranger.certificate, key: stranger.key }
    await expect(handshake(served(asking()), asked)).rejects.toThrow()
    await expect(handshake(served(asking()), { ca: ca.certificate })).rejects.toThrow()
  })

  test('cannot serve, and a server certificate cannot be a client', async () => {
    await expect(
      handshake({ cert: client.certificate, key: client.key }, { ca: ca.certificate, servername: 'edge-1' }),
    ).rejects.toThrow()
    const asked = { ca: ca.certificate, cert: server.certificate, key: server.key }
    await expect(handshake(served(asking()), asked)).rejects.toThrow()
  })
})

test('the authority signs certificates only, and nothing below it signs', () => {
  expect(new X509Certificate(ca.certificate).ca).toBe(true)
  expect(new X509Certificate(server.certificate).ca).toBe(false)
  expect(new X509Certificate(server.certificate).checkIssued(new X509Certificate(ca.certificate))).toBe(true)
})

test('a certificate ends with its authority at the latest', async () => {
  const old = await makeAuthority('Old', new Date(Date.now() - 3649 * 86_400_000))
  const { until } = describeCertificate((await issueClient(old, 'edge-1', new Date())).certificate)
  expect(until).toEqual(new Date(new X509Certificate(old.certificate).validTo))
}, 30_000)
