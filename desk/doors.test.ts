/** The desk over TLS: what a browser is told, what the command line trusts, and a certificate that is renewed meanwhile. */
import { X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import { connect } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { deskClient } from '../commands/desk-client.ts'
import { instantFromMs, NS_PER_S } from '../domain/time.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { TestDesks } from './testing.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

async function secured() {
  const dataDir = await desks.folder()
  const files = new CertificateFiles(dataDir, 'yard')
  await files.initDesk(['localhost', '127.0.0.1'], new Date())
  const clock = new SimulatedClock(instantFromMs(Date.now()))
  const desk = await desks.start({ dataDir, clock, tls: files.desk })
  return { dataDir, files, clock, port: desk.service.port, announced: desk.announced }
}
const shown = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!.serialNumber)
      socket.destroy()
    }).on('error', reject)
  })

test('https with HSTS and secure cookies, for whoever trusts the authority of the site; waveforms over it too', async () => {
  const { dataDir, port, announced } = await secured()
  expect(announced[0]).toContain(`https://127.0.0.1:${port}/#/first-user`)
  const { readFile } = await import('node:fs/promises')
  const ca = await readFile(new CertificateFiles(dataDir, 'yard').authority)
  const answer = await new Promise<{ status?: number; hsts?: string | string[] | undefined }>((resolve, reject) =>
    get({ host: 'localhost', port, path: '/livez', ca }, (response) => {
      response.resume()
      resolve({ status: response.statusCode!, hsts: response.headers['strict-transport-security'] })
    }).on('error', reject),
  )
  expect(answer).toEqual({ status: 200, hsts: 'max-age=31536000' })
  await expect(fetch(`https://localhost:${port}/livez`), 'a stranger to the authority').rejects.toThrow()
  await expect(fetch(`http://127.0.0.1:${port}/livez`), 'in the clear').rejects.toThrow()
  const socket = new WebSocket(`wss://localhost:${port}/api/v1/live/blocks?device=roof`, { ca })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.terminate()
})

test('the command line trusts the very certificate in the folder; a renewed one is shown and trusted without a restart', async () => {
  const { dataDir, files, clock, port } = await secured()
  const ask = async () => (await deskClient(dataDir, 'yard', 'ops')).get('/users')
  expect(await ask()).toEqual({ users: [] })
  const before = await shown(port)
  await files.initDesk(['localhost'], new Date())
  const { readFile } = await import('node:fs/promises')
  const renewed = new X509Certificate(await readFile(files.desk.cert)).serialNumber
  expect(renewed).not.toBe(before)
  await clock.advance(31n * NS_PER_S)
  await expect.poll(() => shown(port)).toBe(renewed)
  await expect.poll(ask).toEqual({ users: [] })
}, 30_000)

test('a certificate without its key is said at the start', async () => {
  const dataDir = await desks.folder()
  const tls = { cert: `${dataDir}/none.crt`, key: `${dataDir}/none.key` }
  await expect(desks.start({ dataDir, tls })).rejects.toThrow(
    /TLS_INVALID: .*none\.(crt|key): expected a file \(PEM\), got nothing/,
  )
})
