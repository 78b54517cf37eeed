/** `drill`: starts and ends a drill on the desk that runs here, lists them and prints the report. The desk does the work. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DrillJson, DrillReportJson, DrillStartBody } from '../domain/api.ts'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { type Command, type Flags, readFlags } from './command.ts'
import { type DeskClient, deskClient } from './desk-client.ts'
import { drillLine, reportText } from './drill-text.ts'
import { readSite } from './load-site.ts'

const FLAGS = {
  site: 'text',
  data: 'text',
  name: 'text',
  owner: 'text',
  scenario: 'text',
  seed: 'text',
  shadow: 'texts',
  recipients: 'texts',
  minutes: 'positive',
  json: 'flag',
} as const
type DrillFlags = Flags<typeof FLAGS>
type Call = {
  readonly desk: DeskClient
  readonly site: Site
  readonly flags: DrillFlags
  /** Id of a drill, where one was given. */
  readonly id: string | undefined
}

const POLL_MS = 500

export const drill: Command = {
  name: 'drill',
  summary: 'run a drill, marked EXERCISE, and see what people did',
  usage:
    './plumbline drill start --name … --owner … --scenario NAME|FILE [--seed N] [--shadow DEVICE,…] [--recipients a,b] ' +
    '[--minutes N] | end [ID] | list | report [ID] [--json], each with --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(drill, args, FLAGS, { min: 1, max: 2 })
    const [verb = '', id] = words
    const run = VERBS[verb]
    if (run === undefined) throw usage(`expected start, end, list or report, got "${verb}"`)
    if (flags.site === undefined) throw usage('--site is missing')
    if (id !== undefined && verb !== 'end' && verb !== 'report') throw usage(`${verb} takes no id`)
    if (verb !== 'start') refuseStartFlags(verb, flags)
    const site = await readSite(flags.site)
    const body = verb === 'start' ? await startBody(flags) : undefined
    await run({ desk: await deskClient(flags.data ?? './data', site.file.site), site, flags, id }, body)
    return 0
  },
}

const usage = (why: string) => new PlumblineError('USAGE', `${why}; usage: ${drill.usage}`)

function refuseStartFlags(verb: string, flags: DrillFlags): void {
  for (const name of ['name', 'owner', 'scenario', 'seed', 'minutes'] as const)
    if (flags[name] !== undefined) throw usage(`--${name} belongs to start, not to ${verb}`)
  if (flags.shadow.length + flags.recipients.length > 0) throw usage(`--shadow and --recipients belong to start`)
}

const VERBS: Readonly<Record<string, (call: Call, body: DrillStartBody | undefined) => Promise<void>>> = {
  start: (call, body) => start(call, body!),
  end: async ({ desk, site, flags, id }) => {
    const of = id ?? (await running(desk)).id
    await desk.post(`/drills/${encodeURIComponent(of)}/end`, {})
    await print(desk, site, of, flags.json)
  },
  list: async ({ desk, site, flags }) => {
    const { drills } = await desk.get<{ drills: DrillJson[] }>('/drills')
    if (flags.json) return say(JSON.stringify(drills, null, 1))
    for (const one of drills) say(drillLine(one, site.file.time_zone))
    if (drills.length === 0) say('there was no drill')
  },
  report: async ({ desk, site, flags, id }) => {
    const newest = id ?? (await desk.get<{ drills: DrillJson[] }>('/drills')).drills[0]?.id
    if (newest === undefined) throw new PlumblineError('DRILL_REFUSED', 'there was no drill, so there is no report')
    await print(desk, site, newest, flags.json)
  },
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** Everything about the call is judged before the desk is asked. */
async function startBody(flags: DrillFlags): Promise<DrillStartBody> {
  const { name, owner, scenario, seed, minutes } = flags
  if (name === undefined || owner === undefined || scenario === undefined)
    throw usage('start needs --name, --owner and --scenario')
  const number = seed === undefined ? undefined : Number(seed)
  if (number !== undefined && (!/^\d+$/.test(seed!) || number > 2 ** 32 - 1))
    throw usage(`--seed: expected a whole number from 0 to 4294967295, got "${seed}"`)
  const listed = (texts: readonly string[]) =>
    texts.flatMap((text) => text.split(',').map((part) => part.trim())).filter((part) => part !== '')
  return {
    name,
    owner,
    scenario: { ...(await scenarioOf(scenario)), ...(number !== undefined && { seed: number }) },
    shadows: listed(flags.shadow),
    recipients: listed(flags.recipients),
    ...(minutes !== undefined && { max_minutes: minutes }),
  }
}

/** What looks like a file is one; else it is the name of a scenario that ships. */
async function scenarioOf(text: string): Promise<{ name: string } | { text: string }> {
  if (!/[/\\]|\.ya?ml$/.test(text)) return { name: text }
  try {
    return { text: await readFile(text, 'utf8') }
  } catch (error) {
    throw new PlumblineError('SCENARIO_INVALID', `${text}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}

async function start({ desk, site, flags }: Call, body: DrillStartBody): Promise<void> {
  let now = await desk.post<DrillJson>('/drills', body)
  while (now.status === 'starting') {
    await sleep(POLL_MS)
    now = (await desk.get<{ drill: DrillJson }>(`/drills/${now.id}`)).drill
  }
  if (now.status === 'failed') throw new PlumblineError('DRILL_REFUSED', `${now.id} was called off: ${now.why}`)
  say(flags.json ? JSON.stringify(now, null, 1) : drillLine(now, site.file.time_zone))
}

/** @throws PlumblineError DRILL_REFUSED */
async function running(desk: DeskClient): Promise<DrillJson> {
  const { drills } = await desk.get<{ drills: DrillJson[] }>('/drills')
  const found = drills.find(({ status }) => status === 'starting' || status === 'running')
  if (found !== undefined) return found
  throw new PlumblineError('DRILL_REFUSED', 'no drill runs')
}

async function print(desk: DeskClient, site: Site, id: string, json: boolean): Promise<void> {
  const found = await desk.get<{ drill: DrillJson; report: DrillReportJson }>(`/drills/${encodeURIComponent(id)}`)
  const text = json ? `${JSON.stringify(found, null, 1)}\n` : reportText(found.drill, found.report, site.file.time_zone)
  process.stdout.write(text)
}
