/**
 * `doctor`: looks at the machine on which a site runs or is to run, and says what is wrong with the remedy: ports, clock, disk,
 * permissions, broker, store, certificates, console. It changes nothing and may be run beside the services.
 */
import { X509Certificate } from 'node:crypto'
import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { deskFolder, deskUser, edgeUser, ingestFolder, ingestUser } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { addressOf, type BrokerAddress, type BrokerTrust, openSocket } from '../runtime/broker-address.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { SystemClock } from '../runtime/clock.ts'
import { systemClockProbe } from '../runtime/clock-probe.ts'
import { silentLog } from '../runtime/log.ts'
import { diskOf } from '../runtime/process-metrics.ts'
import { TlsFiles } from '../runtime/tls-files.ts'
import { filesBelow } from '../runtime/whole-folder.ts'
import { brokerReach } from '../stack-broker.ts'
import { openReader } from '../stack-store.ts'
import { checkDatabases, databasesIn } from '../store/io/backup.ts'
import { type Command, readFlags } from './command.ts'
import type { Finding } from './doctor-checks.ts'
import * as findings from './doctor-checks.ts'
import { readSite, TOP } from './load-site.ts'

const ANSWER_MS = 2000
const MARK = { well: 'well   ', warning: 'WARNING', fault: 'FAULT  ' } as const

export const doctor: Command = {
  name: 'doctor',
  summary: 'look at ports, clock, disk, permissions, broker, store, certificates, console; each with the remedy',
  usage: './plumbline doctor --site … [--data …] [--json]',
  run: async (args) => {
    const { flags } = readFlags(doctor, args, { site: 'text', data: 'text', json: 'flag' })
    if (flags.site === undefined) throw new PlumblineError('USAGE', `expected --site; usage: ${doctor.usage}`)
    const all = await examine(await readSite(flags.site), resolve(flags.data ?? './data'))
    if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    else for (const finding of all) process.stdout.write(line(finding))
    return all.some(({ level }) => level === 'fault') ? 3 : 0
  },
}

const line = ({ what, level, said, remedy }: Finding): string =>
  `${MARK[level]} ${what}: ${said}\n${remedy === undefined ? '' : `        -> ${remedy}\n`}`

async function examine(site: Site, data: string): Promise<Finding[]> {
  const parts = await Promise.all([
    ports(site),
    systemClockProbe().then((answer) => [
      findings.clockFinding(answer === undefined ? {} : { synchronised: answer.synchronised }),
    ]),
    folder(site, data),
    broker(site, data),
    store(site, data),
    certificates(site, data),
    exists(join(TOP, 'dashboards', 'console', 'dist', 'index.html')).then((built) => [findings.consoleFinding(built)]),
  ])
  return parts.flat()
}

/** Ports of this site that services listen on, and whether one that is taken is its own. */
async function ports({ file }: Site): Promise<Finding[]> {
  const { broker, desk } = file
  const places = [
    ...(broker.external === undefined ? [{ name: 'broker', ...broker }] : []),
    { name: 'desk', ...desk },
    ...doors(file),
  ]
  return Promise.all(
    places.map(async ({ name, host, port }) => {
      const state = await listenable(host, port)
      const ours =
        state === 'taken' &&
        (name === 'broker'
          ? (await dial({ host, port, tls: false })) === undefined
          : await answersLive(host, port, name === 'desk' && desk.tls !== undefined))
      return findings.portFinding(name, `${host}:${port}`, state, ours)
    }),
  )
}

/** Where services are watched. */
function doors({
  broker,
  desk,
  ingest,
  sim,
  nodes,
}: Site['file']): Array<{ name: string; host: string; port: number }> {
  const watched = [
    { name: 'broker', door: broker.metrics },
    { name: 'ingest', door: ingest.metrics },
    { name: 'desk', door: desk.metrics },
    { name: 'simulator', door: sim?.metrics },
    ...nodes.map(({ id, metrics }) => ({ name: `edge node ${id}`, door: metrics })),
  ]
  return watched.flatMap(({ name, door }) => (door === undefined ? [] : [{ name: `metrics of ${name}`, ...door }]))
}

function listenable(host: string, port: number): Promise<'free' | 'taken' | 'denied'> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => done(code === 'EADDRINUSE' ? 'taken' : 'denied'))
    server.listen(port, host, () => server.close(() => done('free')))
  })
}

const local = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

/** Over TLS whoever it is: it is asked whether it lives, and told nothing. */
function answersLive(host: string, port: number, secure: boolean): Promise<boolean> {
  return new Promise((done) => {
    const at = { host: local(host), port, path: '/livez', timeout: ANSWER_MS }
    const asked = secure ? httpsGet({ ...at, rejectUnauthorized: false }) : httpGet(at)
    asked.once('response', (answer) => {
      answer.resume()
      done(answer.statusCode === 200)
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => done(false))
    asked.once('close', () => done(false))
  })
}

/** Why nothing can be reached there, or must not be spoken to; `undefined` where all is well. */
function dial({ host, port, tls }: BrokerAddress, trust: BrokerTrust = {}): Promise<string | undefined> {
  return new Promise((done) => {
    const { socket, certificateEnded } = openSocket({ host: local(host), port, tls }, trust)
    const end = (why: string | undefined) => {
      socket.destroy()
      done(why)
    }
    socket.once(tls ? 'secureConnect' : 'connect', () => end(undefined))
    socket.setTimeout(ANSWER_MS, () => end('no answer'))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(certificateEnded(error, new Date())?.message ?? error.code ?? error.message),
    )
  })
}

async function folder({ file }: Site, data: string): Promise<Finding[]> {
  const here = (await exists(data)) ? data : resolve(data, '..')
  const writable = await access(here, constants.W_OK).then(
    () => true,
    () => false,
  )
  const root = join(data, file.site)
  const secret = (await filesBelow(root).catch(() => [])).filter((path) =>
    /mqtt-password$|users\.json$|clients\.json$|\.key$|local\.json$/.test(path),
  )
  const modes = new Map<string, number>()
  for (const path of secret) modes.set(join(root, path), (await stat(join(root, path))).mode & 0o777)
  const budget = file.nodes
    .flatMap(({ outbox }) => Object.values(outbox))
    .reduce((sum, { max_mib }) => sum + max_mib, 0)
  const disk = diskOf(here)
  return [
    ...(disk === undefined ? [] : [findings.diskFinding(disk, budget * 1024 ** 2)]),
    ...findings.permissionFindings(data, writable, modes),
  ]
}

async function broker(site: Site, data: string): Promise<Finding[]> {
  const { url, access } = brokerReach({ site, data })
  const ca = access?.ca_file && (await readFile(access.ca_file, 'utf8').catch(() => undefined))
  const addresses = (access?.urls ?? [url]).map(addressOf)
  return Promise.all(
    addresses.map(async (at) => findings.brokerFinding(`${at.host}:${at.port}`, await dial(at, ca ? { ca } : {}))),
  )
}

async function store(site: Site, data: string): Promise<Finding[]> {
  const name = site.file.site
  if (site.file.store.influx !== undefined) {
    const reader = await openReader(site, data, silentLog)
    const problem = await reader.latest().then(
      () => undefined,
      (error: Error) => error.message,
    )
    await reader.close()
    return [findings.storeFinding(`${site.file.store.influx.url} answers`, problem)]
  }
  const databases = await databasesIn([ingestFolder(data, name), deskFolder(data, name)])
  const checked = await checkDatabases(databases).catch((error: Error) => error)
  if (checked instanceof Error) return [findings.storeFinding('', checked.message)]
  if (checked.length === 0) return [findings.storeFinding('nothing is stored yet', undefined)]
  return checked.map(({ path, broken }) =>
    findings.storeFinding(`${path} is sound`, broken[0] && `${path}: ${broken[0]}`),
  )
}

async function certificates({ file }: Site, data: string): Promise<Finding[]> {
  const files = new CertificateFiles(data, file.site)
  const { tls, external } = file.broker
  const own = file.desk.tls
  const pairs = [
    ...(tls === undefined ? [] : [{ cert: tls.cert_file ?? files.broker.cert, key: tls.key_file ?? files.broker.key }]),
    ...(own === undefined ? [] : [{ cert: own.cert_file ?? files.desk.cert, key: own.key_file ?? files.desk.key }]),
  ]
  const paths = [
    ...pairs.map(({ cert }) => cert),
    ...(tls?.use ? [tls.ca_file ?? files.authority] : []),
    ...(external?.ca_file === undefined ? [] : [external.ca_file]),
  ]
  // On the host of an edge node its own pair is all there is.
  const users = [...file.nodes.map(({ id }) => edgeUser(id)), ingestUser(file.site), deskUser(file.site)]
  for (const { cert } of tls?.use ? users.map((user) => files.of(user)) : []) if (await exists(cert)) paths.push(cert)
  const until = new Map<string, Date | undefined>()
  for (const path of paths) until.set(path, await endOf(path))
  const unusable = new Map<string, string>()
  const clock = new SystemClock()
  for (const pair of pairs)
    await new TlsFiles(pair, clock, silentLog).load().catch((error: Error) => unusable.set(pair.cert, error.message))
  return findings.certificateFindings(until, new Date(), unusable)
}

const endOf = (path: string): Promise<Date | undefined> =>
  readFile(path).then(
    (pem) => new Date(new X509Certificate(pem).validTo),
    () => undefined,
  )

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
