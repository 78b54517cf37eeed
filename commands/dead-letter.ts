/** `dead-letter`: what came and could not be stored, with the reason; shown, and tried again or discarded while ingest is stopped. */
import { join } from 'node:path'
import { ingestFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { SampleArray } from '../domain/reading.ts'
import type { SiteFile } from '../domain/site.ts'
import { toIso } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { lockFolder } from '../runtime/folder-lock.ts'
import { createLog } from '../runtime/log.ts'
import { type DeadLetter, type DeadLetters, parseBody, readable } from '../store/dead-letter.ts'
import { openInfluxDeadLetters } from '../store/influx.ts'
import { openDeadLetters } from '../store/io/dead-letters.ts'
import { countDiscarded, DISCARDED_FILE, discard } from '../store/io/discarded.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'
import { whoRuns } from './who-runs.ts'

const PAGE = 500
type Print = (line: string) => void
type Place = { readonly folder: string; readonly reason: string }

export const deadLetter: Command = {
  name: 'dead-letter',
  summary: 'what could not be stored, with the reason: list, explain, try again or discard (ingest stopped)',
  usage: './plumbline dead-letter list | explain ID | retry ID|all | discard ID --reason TEXT --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(
      deadLetter,
      args,
      { site: 'text', data: 'text', reason: 'text' },
      { min: 1, max: 2 },
    )
    const [verb = '', id] = words
    const whole = Object.hasOwn(VERBS, verb) && (verb === 'list') === (id === undefined)
    if (flags.site === undefined || !whole || (verb === 'discard') !== (flags.reason !== undefined))
      throw new PlumblineError(
        'USAGE',
        `expected list, explain ID, retry ID|all or discard ID --reason TEXT, and --site; usage: ${deadLetter.usage}`,
      )
    const { file } = await readSite(flags.site)
    const folder = ingestFolder(flags.data ?? './data', file.site)
    const print: Print = (line) => void process.stdout.write(`${line}\n`)
    const writes = verb === 'retry' || verb === 'discard'
    const release = writes ? await lockFolder(folder) : async () => {}
    try {
      const letters = await openLetters(file, folder, !writes)
      try {
        return await VERBS[verb as keyof typeof VERBS](letters, id ?? '', print, { folder, reason: flags.reason ?? '' })
      } finally {
        await letters.close()
      }
    } finally {
      await release()
    }
  },
}

function openLetters({ site, store }: SiteFile, folder: string, readOnly: boolean): Promise<DeadLetters> {
  if (store.influx === undefined) return openDeadLetters(folder, readOnly)
  const settings = { ...store.influx, site }
  return openInfluxDeadLetters(settings, folder, createLog({ level: 'warn' }), new SystemClock(), readOnly)
}

/** A page at a time, so that a long quarantine is never in memory as a whole. */
async function* every(letters: DeadLetters): AsyncGenerator<DeadLetter> {
  for (let after: string | undefined; ; ) {
    const page = await letters.list(PAGE, after)
    yield* page
    after = page.at(-1)?.id
    if (page.length < PAGE) return
  }
}

export const VERBS = {
  list: async (letters: DeadLetters, _: string, print: Print, { folder }: Place): Promise<number> => {
    let n = 0
    for await (const { id, device, node, stream, offset, reason } of every(letters)) {
      print(`${id}  ${device}  (${node} ${stream} ${offset})  ${reason}`)
      n++
    }
    print(n === 0 ? 'nothing is in quarantine' : `${n} in quarantine`)
    const discarded = await countDiscarded(folder)
    if (discarded > 0) print(`${discarded} discarded, kept in ${join(folder, DISCARDED_FILE)}`)
    return 0
  },
  explain: async (letters: DeadLetters, id: string, print: Print): Promise<number> => {
    const letter = await letters.find(id)
    if (letter === undefined) throw new PlumblineError('USAGE', `${id}: there is no such dead letter`)
    const { device, node, outbox, stream, offset, reason, body } = letter
    print(`${id}: ${reason}`)
    print(`  device ${device}; record ${offset} of stream ${stream}, node ${node}, outbox ${outbox}`)
    const found = readable(body)
    print(
      'why' in found
        ? `  as it stands: ${found.why}; ./plumbline dead-letter discard ${id} --reason … ends it`
        : '  it can be tried again: ./plumbline dead-letter retry',
    )
    print(content(body))
    return 0
  },
  retry: async (letters: DeadLetters, wanted: string, print: Print): Promise<number> => {
    let [stored, left] = [0, 0]
    const one = async (id: string) => {
      const told = await letters.retry(id)
      if ('why' in told) {
        left++
        print(`${id}: not stored: ${told.why}`)
        return
      }
      stored++
      print(`${id}: stored`)
    }
    if (wanted === 'all') for await (const { id } of every(letters)) await one(id)
    else await one(wanted)
    print(`${stored} stored, ${left} left in quarantine`)
    return left === 0 ? 0 : 3
  },
  /** One at a time: each for a reason of its own. */
  discard: async (letters: DeadLetters, id: string, print: Print, { folder, reason }: Place): Promise<number> => {
    await discard(letters, folder, id, { by: whoRuns(), because: reason, at: new SystemClock().now() })
    print(`${id}: discarded; kept in ${join(folder, DISCARDED_FILE)}`)
    return 0
  },
} as const

const SAMPLES_SHOWN = 12

/** The body as people read it: instants in UTC, samples as numbers. */
function content(body: string): string {
  let parsed: unknown
  try {
    parsed = parseBody(body)
  } catch {
    return body
  }
  const shown = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint')
      return value > 10n ** 17n && value < 10n ** 19n
        ? `${value} (${toIso(value as Parameters<typeof toIso>[0])})`
        : String(value)
    if (!ArrayBuffer.isView(value)) return value
    const numbers = [...(value as SampleArray).subarray(0, SAMPLES_SHOWN)]
    return `${(value as SampleArray).length} values: ${numbers.join(', ')}${(value as SampleArray).length > SAMPLES_SHOWN ? ', …' : ''}`
  }
  return JSON.stringify(parsed, shown, 2)
}
