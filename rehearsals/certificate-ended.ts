/**
 * The broker's certificate ends in mid-run. Who is connected stays so; once the broker is started again nobody speaks to it, and
 * every place where people look says why. Then `./plumbline tls init` makes a new one, and nothing is restarted for it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CERTIFICATE_DAYS, issueServer } from '../runtime/certificates.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { openStore, removeFolder, temporaryFolder } from './line.ts'
import { runCommand } from './processes.ts'
import { TlsLine } from './tls.ts'
import { compare, storedUpTo, type Told, wallNow } from './truth.ts'
import { pause, until } from './until.ts'

/** Where people learn of it. */
export type Place = 'broker' | 'edge' | 'ingest' | 'desk' | 'healthcheck' | 'metrics' | 'doctor' | 'devices' | 'notice'

export type CertificateEnded = {
  readonly samples: Told
  /** What is said while the certificate has ended. */
  readonly said: Readonly<Record<Place, string>>
  /** When it ended, as it stands in the certificate. */
  readonly ended: string
  /** Records that the edge took while it was away from the broker. */
  readonly recorded: number
  /** From the new certificate until the last part was connected [s]. */
  readonly back_s: number
}

/** Long enough for four processes to start on a busy machine. */
const ENDS_IN_MS = 30_000
const DAY_MS = 86_400_000
const CLIENTS = ['ingest', 'desk', 'edge'] as const

export async function certificateEnded(): Promise<CertificateEnded> {
  const data = await temporaryFolder()
  const metrics = { port: await freePort() }
  const line = await TlsLine.of(data, { node: { metrics } })
  try {
    await line.certify()
    const ends = await endSoon(line)
    const simulation = await line.simulate()
    const device = simulation.simulator().accelerometer('yonago')
    for (const part of ['broker', ...CLIENTS] as const) await line.part(part).start(30_000)
    for (const part of CLIENTS) await says(line, part, /connected to the MQTT broker/)
    await pause(Math.max(0, ends.getTime() + 1000 - Date.now()))

    await line.part('broker').kill()
    await line.part('broker').start(30_000)
    const page = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text()
    const refused = /cannot connect to the MQTT broker.*CERTIFICATE_ENDED.*/
    const [ingest, desk, edge] = await Promise.all(CLIENTS.map((part) => says(line, part, refused)))
    const before = recordsOn(await page())
    const client = new DeskClient(line.site.file.desk.port)
    const notice = await until(
      'the desk tells people',
      async () =>
        (await client.notices('desk:broker')).map(({ body }) => (body as { rule: { en: string } }).rule.en)[0],
      40_000,
    )
    const said = {
      broker: await says(line, 'broker', /the certificate has ended.*/),
      ...{ ingest: ingest!, desk: desk!, edge: edge! },
      healthcheck: (await runCommand(['healthcheck', `http://127.0.0.1:${metrics.port}/readyz`])).stdout,
      metrics: /^plumbline_uplink_away.*$/m.exec(await page())?.[0] ?? '',
      doctor: (await line.command('doctor')).stdout,
      devices: (await client.devices()).map(({ reason }) => reason).join(),
      notice,
    }
    const recorded = recordsOn(await page()) - before

    await line.tls('init')
    const renewed = performance.now()
    for (const part of CLIENTS) await says(line, part, /connected to the MQTT broker.*failed_attempts/, 60_000)
    const back_s = (performance.now() - renewed) / 1000
    const upTo = device.newestCounter(wallNow())
    const store = await openStore(line.site, data)
    const samples = compare(await storedUpTo(store, 'yonago', upTo), device, upTo)
    await store.close()
    return { samples, said, ended: ends.toISOString(), recorded, back_s }
  } finally {
    await line.end()
    await removeFolder(data)
  }
}

const says = (line: TlsLine, part: 'broker' | 'edge' | 'ingest' | 'desk', what: RegExp, within_ms = 20_000) =>
  until(`${part} says ${what}`, () => what.exec(line.logOf(part))?.[0], within_ms)

/** Signed by the site's own authority, so long ago that it has only moments left. */
async function endSoon({ files }: TlsLine): Promise<Date> {
  const authority = {
    certificate: await readFile(files.authority, 'utf8'),
    key: await readFile(join(files.folder, 'ca.key'), 'utf8'),
  }
  // Certificates count in whole seconds.
  const ends = new Date(Math.ceil((Date.now() + ENDS_IN_MS) / 1000) * 1000)
  const issued = new Date(ends.getTime() - CERTIFICATE_DAYS * DAY_MS)
  const { certificate, key } = await issueServer(authority, ['localhost', '127.0.0.1'], issued)
  await writeFile(files.broker.key, key)
  await writeFile(files.broker.cert, certificate)
  return ends
}

const recordsOn = (page: string): number =>
  [...page.matchAll(/^plumbline_outbox_appended_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
