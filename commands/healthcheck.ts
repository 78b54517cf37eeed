/**
 * `healthcheck`: asks a service whether it can do its work, for container runtimes and supervisors. It loads nothing but the
 * answer where it is given the address: a check every few seconds must not cost more than what it checks.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { SiteFile } from '../domain/site.ts'
import { missing, type Readiness } from '../runtime/health.ts'
import { type Command, readFlags } from './command.ts'

const FLAGS = { site: 'text', service: 'text', node: 'text', live: 'flag' } as const
const ANSWER_MS = 3000
const SERVICES = ['broker', 'ingest', 'desk', 'edge', 'sim'] as const
type ServiceWord = (typeof SERVICES)[number]

export const healthcheck: Command = {
  name: 'healthcheck',
  summary: 'whether a service can do its work, with what it lacks; exit code 3 where it cannot',
  usage: './plumbline healthcheck URL | --site … --service broker|ingest|desk|edge|sim [--node …] [--live]',
  run: async (args) => {
    const { flags, words } = readFlags(healthcheck, args, FLAGS, { min: 0, max: 1 })
    const url = words[0] ?? (await urlOf(flags))
    const { status, body } = await ask(url)
    if (status === 200) {
      process.stdout.write(`${url}: well\n`)
      return 0
    }
    const said = parsed(body)
    const lines = said === undefined ? [`it answered ${status}`] : missing(said)
    process.stdout.write(`${url}: not ready\n${lines.map((line) => `  ${line}\n`).join('')}`)
    return 3
  },
}

type Given = { site: string | undefined; service: string | undefined; node: string | undefined; live: boolean }

async function urlOf({ site, service, node, live }: Given): Promise<string> {
  const word = SERVICES.find((name) => name === service)
  if (site === undefined || word === undefined)
    throw new PlumblineError('USAGE', `expected an address, or --site and --service; usage: ${healthcheck.usage}`)
  const { readSite } = await import('./load-site.ts')
  const door = doorOf((await readSite(site)).file, word, node)
  if (door === undefined)
    throw new PlumblineError('USAGE', `--service ${word}: expected \`metrics\` of it in ${site}, got nothing`)
  const host = LOCAL[door.host] ?? door.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${door.port}/${live ? 'livez' : 'readyz'}`
}

/** Who listens everywhere is asked at home. */
const LOCAL: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Where a service is watched; the desk answers by its own port, too. */
export function doorOf(
  file: SiteFile,
  service: ServiceWord,
  node?: string,
): { host: string; port: number } | undefined {
  if (service === 'desk') return file.desk.metrics ?? file.desk
  if (service === 'edge')
    return (node === undefined ? file.nodes[0] : file.nodes.find(({ id }) => id === node))?.metrics
  return file[service]?.metrics
}

async function ask(url: string): Promise<{ status: number; body: string }> {
  if (!URL.canParse(url))
    throw new PlumblineError('USAGE', `expected an address like http://127.0.0.1:9464/readyz, got ${url}`)
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    return { status: answer.status, body: await answer.text() }
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    throw new PlumblineError('NOT_READY', `${url} does not answer (${cause?.code ?? message})`, { cause: error })
  }
}

function parsed(body: string): Readiness | undefined {
  try {
    const value = JSON.parse(body) as Readiness
    return typeof value.checks === 'object' && value.checks !== null ? value : undefined
  } catch {
    return undefined
  }
}
