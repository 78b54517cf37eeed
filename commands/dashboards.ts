/**
 * `dashboards build|check|push`: the Grafana side of a site as files, judged without a Grafana, or carried into a running
 * one. What they hold is `dashboards/grafana/build.ts`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Bundle, bundleOf } from '../dashboards/grafana/build.ts'
import { checkBundle } from '../dashboards/grafana/check.ts'
import { GrafanaApi } from '../dashboards/grafana/io/grafana-api.ts'
import { push } from '../dashboards/grafana/io/push.ts'
import { changeText, type PushOptions } from '../dashboards/grafana/push-plan.ts'
import { queriesOf } from '../dashboards/grafana/queries.ts'
import { PlumblineError } from '../domain/errors.ts'
import { operatingError } from '../runtime/file-errors.ts'
import { type Command, type Flags, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

const FLAGS = {
  out: 'text',
  console: 'text',
  'influx-url': 'text',
  path: 'text',
  url: 'text',
  'token-file': 'text',
  'influx-secret-file': 'text',
  'desk-url': 'text',
  'desk-token-file': 'text',
  'dry-run': 'flag',
  force: 'flag',
} as const
type Given = Flags<typeof FLAGS>

export const dashboards: Command = {
  name: 'dashboards',
  summary: 'Grafana dashboards, data sources and alert rules of a site: as files, judged, or into a running Grafana',
  usage:
    './plumbline dashboards build SITE --out DIR | check SITE | push SITE --url http://grafana:3000 [--token-file FILE] [--dry-run] [--force] ' +
    '[--console URL] [--influx-url URL] [--influx-secret-file FILE] [--desk-url URL --desk-token-file FILE]',
  run: async (args) => {
    const { flags, words } = readFlags(dashboards, args, FLAGS, { min: 2, max: 2 })
    const [what, path] = words as [string, string]
    const verb = VERBS[what as keyof typeof VERBS]
    if (verb === undefined) throw usage(`expected build, check or push, got "${what}"`)
    for (const name of ['console', 'influx-url', 'url', 'desk-url'] as const) checkUrl(name, flags[name])
    const bundle = bundleOf(await readSite(path), {
      ...(flags.console !== undefined && { console: flags.console }),
      ...(flags['influx-url'] !== undefined && { influxUrl: flags['influx-url'] }),
      ...(flags.path !== undefined && { path: flags.path }),
    })
    const faults = checkBundle(bundle)
    if (faults.length > 0) throw new PlumblineError('DASHBOARDS_INVALID', `\n  ${faults.join('\n  ')}`)
    return verb(bundle, flags)
  },
}

const VERBS = { build, check, push: pushTo } as const
const usage = (what: string) => new PlumblineError('USAGE', `${what}; usage: ${dashboards.usage}`)
const say = (line: string) => void process.stdout.write(`${line}\n`)

function checkUrl(name: string, text: string | undefined): void {
  if (text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return
  throw usage(`--${name}: expected http://… or https://…, got "${text}"`)
}

async function build(bundle: Bundle, { out }: Given): Promise<number> {
  if (out === undefined) throw usage('expected --out DIR')
  for (const [path, text] of bundle.files) {
    const whole = join(out, path)
    try {
      await mkdir(dirname(whole), { recursive: true })
      await writeFile(whole, text)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOTDIR' || code === 'EEXIST') throw usage(`--out: ${out} is not a folder`)
      throw operatingError(error, whole)
    }
  }
  say(`${bundle.files.size} files in ${out}; docs/guides/grafana.md says where they go`)
  return 0
}

async function check(bundle: Bundle): Promise<number> {
  const queries = queriesOf(bundle).length
  const rules = bundle.rules.reduce((sum, group) => sum + group.rules.length, 0)
  say(
    `${bundle.dashboards.length} dashboards, ${rules} alert rules, ${queries} queries: sound, and portable over InfluxDB 1.6 to 3.x`,
  )
  if (bundle.view.simulated) say('everything of this site is simulated: its series are in the EXERCISE data source')
  return 0
}

async function pushTo(bundle: Bundle, flags: Given): Promise<number> {
  const { url } = flags
  if (url === undefined) throw usage('expected --url, the address of Grafana')
  const token = await secret('GRAFANA_TOKEN', 'token-file', flags['token-file'])
  if (token === undefined) throw usage('expected --token-file or GRAFANA_TOKEN, a service-account token of Grafana')
  const options = await optionsOf(bundle, flags)
  const changes = await push(new GrafanaApi({ url, token }), bundle, {
    ...options,
    dryRun: flags['dry-run'],
    force: flags.force,
    told: (change) => {
      if (change.how !== 'same' || flags.force) for (const line of changeText(change)) say(line)
    },
  })
  const changed = changes.filter(({ how }) => how !== 'same').length
  const done = flags['dry-run'] ? 'would change' : 'changed'
  say(`${changed} of ${changes.length} ${done}${flags['dry-run'] ? '; nothing was written' : ''}`)
  if (options.desk === undefined)
    say('alerting was left out: give --desk-url and --desk-token-file to push the second path too')
  return 0
}

async function optionsOf({ influx }: Bundle, flags: Given): Promise<PushOptions> {
  const given = await secret('PLUMBLINE_INFLUX_SECRET', 'influx-secret-file', flags['influx-secret-file'])
  if (influx.auth !== 'none' && given === undefined)
    throw usage(
      'the site’s InfluxDB needs a password or token: expected --influx-secret-file or PLUMBLINE_INFLUX_SECRET',
    )
  const desk = flags['desk-url']
  const deskToken = await secret('PLUMBLINE_GRAFANA_TOKEN', 'desk-token-file', flags['desk-token-file'])
  if (desk !== undefined && deskToken === undefined)
    throw usage(
      '--desk-url needs --desk-token-file or PLUMBLINE_GRAFANA_TOKEN, the token that the desk knows Grafana by',
    )
  return {
    secrets: { password: given ?? '', token: given ?? '' },
    ...(desk !== undefined && { desk: { url: desk.replace(/(?<!\/)\/+$/, ''), token: deskToken! } }),
  }
}

/** From a file, else from the environment; never from the command line, where everybody sees it. */
async function secret(variable: string, flag: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return process.env[variable] || undefined
  try {
    const text = (await readFile(path, 'utf8')).trim()
    if (text !== '') return text
  } catch (error) {
    throw usage(`--${flag}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`)
  }
  throw usage(`--${flag}: ${path} is empty`)
}
