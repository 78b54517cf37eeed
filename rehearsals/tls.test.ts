/** The whole line over TLS with a certificate for every client; and what each says when a certificate is not what it must be. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deskUser, ingestUser } from '../domain/data-folder.ts'
import { issueClient, makeAuthority } from '../runtime/certificates.ts'
import { DeskClient } from './desk-client.ts'
import { openStore, removeFolder, temporaryFolder } from './line.ts'
import { TlsLine } from './tls.ts'
import { compare, storedUpTo, WHOLE, wallNow } from './truth.ts'
import { pause, until } from './until.ts'

let data: string
let line: TlsLine
beforeEach(async () => {
  data = await temporaryFolder()
  line = await TlsLine.of(data)
  await line.certify()
}, 60_000)
afterEach(async () => {
  await line.end()
  await removeFolder(data)
})

const says = (part: 'edge' | 'ingest' | 'desk', what: RegExp) =>
  until(`${part} says ${what}`, () => what.exec(line.logOf(part))?.[0], 15_000)

test('broker, ingest, desk and edge meet over TLS alone; every sample is stored; the broker may die meanwhile', async () => {
  const simulation = await line.simulate()
  for (const part of ['broker', 'ingest', 'desk', 'edge'] as const) await line.part(part).start()
  const { port } = line.site.file.broker.tls!
  for (const part of ['ingest', 'desk', 'edge'] as const)
    await says(part, new RegExp(`connected to the MQTT broker.*"port":${port},"tls":true`))
  await pause(2000)
  await line.part('broker').kill()
  await pause(1000)
  await line.part('broker').start()
  const client = new DeskClient(line.site.file.desk.port)
  await until('the desk hears the gauge', async () =>
    (await client.readings()).some((r) => r.channel === 'dead-run/stage'),
  )
  const device = simulation.simulator().accelerometer('yonago')
  const store = await openStore(line.site, data)
  const upTo = device.newestCounter(wallNow())
  expect(compare(await storedUpTo(store, 'yonago', upTo), device, upTo)).toMatchObject(WHOLE)
  await store.close()
  const plain = new RegExp(`"port":${line.site.file.broker.port}\\b`)
  for (const part of ['ingest', 'desk', 'edge'] as const) expect(line.logOf(part)).not.toMatch(plain)
}, 90_000)

test('a client without its certificate, with one that has ended, of another authority or of another user is told which', async () => {
  const { site } = line.site.file
  const desk = line.files.of(deskUser(site))
  const ingest = line.files.of(ingestUser(site))
  await line.part('broker').start()
  await rm(desk.cert)
  await line.part('desk').start()
  expect(await says('desk', /cannot connect.*/)).toContain(`${desk.cert}: ENOENT`)

  // Signed by ours, but two years ago.
  const ours = {
    certificate: await readFile(line.files.authority, 'utf8'),
    key: await readFile(join(line.files.folder, 'ca.key'), 'utf8'),
  }
  const old = await issueClient(ours, ingestUser(site), new Date(Date.now() - 730 * 86_400_000))
  await writeFile(ingest.cert, old.certificate)
  await writeFile(ingest.key, old.key)
  await line.part('ingest').start()
  expect(await says('ingest', /cannot connect.*/)).toMatch(
    /CERTIFICATE_ENDED: certificate .*rehearsal-ingest\.crt: it ended on 20/,
  )
  // It needs no restart: the new one is read at the next attempt.
  await line.tls('client', ingestUser(site))
  await until('ingest is in', () => line.logOf('ingest').includes('connected to the MQTT broker'), 40_000)

  const foreign = await issueClient(await makeAuthority('foreign', new Date()), 'n1', new Date())
  const edge = line.files.of('n1')
  await writeFile(edge.cert, foreign.certificate)
  await writeFile(edge.key, foreign.key)
  await line.part('edge').start()
  expect(await says('edge', /cannot connect.*/)).toMatch(/alert|certificate|ECONNRESET|closed/i)
  await line.part('edge').stop()

  await copyFile(ingest.cert, edge.cert)
  await copyFile(ingest.key, edge.key)
  await line.part('edge').start()
  expect(await says('edge', /cannot connect.*/)).toContain('BROKER_REFUSED')
  for (const part of ['edge', 'desk', 'ingest', 'broker'] as const)
    expect((await line.part(part).stop()).took_ms).toBeLessThan(3000)
}, 120_000)

test('a broker whose certificate another authority signed, or that has none of its names, is not spoken to', async () => {
  await line.part('broker').start()
  const foreign = await makeAuthority('foreign', new Date())
  const ours = line.files.authority
  await copyFile(ours, `${ours}.good`)
  await writeFile(ours, foreign.certificate)
  await line.part('edge').start()
  expect(await says('edge', /cannot connect.*/)).toMatch(/certificate|issuer|self.signed/i)
  await copyFile(`${ours}.good`, ours)
  await until('the edge is in', () => line.logOf('edge').includes('connected to the MQTT broker'), 30_000)
  await line.part('edge').stop()
  await line.part('broker').stop()

  await line.tls('init', '--name', 'elsewhere.example')
  await line.part('broker').start()
  await line.part('edge').start()
  expect(await says('edge', /cannot connect.*/)).toMatch(/altnames|IP.*not in the cert/i)
}, 120_000)
