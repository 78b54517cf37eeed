/** Runs some services of a site until a signal: what `start` and the single services have in common. */
import type { Site } from '../domain/channel.ts'
import type { Service, SiteText } from '../domain/ports.ts'
import { SystemClock } from '../runtime/clock.ts'
import { systemClockProbe } from '../runtime/clock-probe.ts'
import { createLog } from '../runtime/log.ts'
import { stopInTime, untilSignal } from '../runtime/signals.ts'
import { buildServices, type ServiceName, type StackOptions, startAll, stopAll } from '../stack.ts'
import { reloadOnHangup } from './reload.ts'
import { readSiteApart } from './site-apart.ts'

export const STACK_FLAGS = { site: 'text', data: 'text', 'mqtt-port': 'port', port: 'port', node: 'text' } as const

export type StackFlags = {
  site: string
  data?: string
  node?: string
  'mqtt-port'?: number
  port?: number
}

/** The site as it is run, where that is not wholly the file's, and what its simulated devices then play. */
export type Prepared = { readonly site: Site } & Pick<StackOptions, 'loadRecording' | 'scenario' | 'uplinks'>

export type RunOptions = {
  readonly prepare?: (site: Site) => Prepared | Promise<Prepared>
  readonly started?: (site: Site) => void
}

export async function runStack(
  services: readonly ServiceName[],
  flags: StackFlags,
  { prepare, started = () => {} }: RunOptions = {},
): Promise<number> {
  const signal = untilSignal()
  const openSite = openerFor(services)
  const { site: read, text } = await openSite(flags.site)
  const { site, ...played } = prepare === undefined ? { site: read } : await prepare(read)
  const log = createLog().child({ site: site.file.site })
  const stack = await buildServices({
    site,
    ...(text !== undefined && { siteText: text }),
    data: flags.data ?? './data',
    clock: new SystemClock(),
    clockProbe: systemClockProbe,
    log,
    services,
    node: flags.node,
    mqttPort: flags['mqtt-port'],
    port: flags.port,
    ...secretFiles(services),
    announce: (line) => process.stdout.write(`${line}\n`),
    ...played,
  })
  await startAll(stack)
  for (const { name } of stack) log.info('started', { service: name })
  started(site)
  // What a scenario made of the site is not in the file.
  if (prepare === undefined) reloadOnHangup(async () => (await openSite(flags.site)).site, stack, log)
  log.info('stopping', { signal: await signal })
  return finish(stack, log)
}

/** An edge process keeps nothing in memory that it needed to start only; nobody asks it for the text of the file. */
const openerFor =
  (services: readonly ServiceName[]) =>
  async (path: string): Promise<{ readonly site: Site; readonly text?: SiteText }> =>
    services.every((name) => name === 'edge')
      ? { site: await readSiteApart(path) }
      : (await import('./load-site.ts')).openSite(path)

async function finish(stack: readonly Service[], log: ReturnType<typeof createLog>): Promise<number> {
  const inTime = await stopInTime(() => stopAll(stack), log)
  if (inTime) log.info('stopped')
  // Handles that a library leaves open must not keep a stopped process alive.
  setImmediate(() => process.exit(inTime ? 0 : 3))
  return inTime ? 0 : 3
}

/** Containers are given secrets as files; a password is one client's, so only a service alone in its process takes one. */
function secretFiles(services: readonly ServiceName[]): Pick<StackOptions, 'passwordFile' | 'firstUserFile'> {
  const { PLUMBLINE_MQTT_PASSWORD_FILE: passwordFile, PLUMBLINE_FIRST_USER_FILE: firstUserFile } = process.env
  return {
    ...(passwordFile && services.length === 1 && { passwordFile }),
    ...(firstUserFile && { firstUserFile }),
  }
}
