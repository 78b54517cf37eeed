/**
 * `probe`: reads a Modbus device and shows its registers as everything they could be, decodes them by a model, or drafts a
 * model file. It only ever reads; what it asks is bounded (`probe/read.ts`).
 */
import { writeFile } from 'node:fs/promises'
import { endpointOf } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { ModbusError, type ModbusLink } from '../domain/ports.ts'
import { openModbus } from '../edge/io/modbus-link.ts'
import { loadModels } from '../models/load.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import type { Command } from './command.ts'
import { draftModel } from './probe/draft.ts'
import { readModelLive } from './probe/live.ts'
import { type ProbeOptions, readOptions } from './probe/options.ts'
import { isBits, readRange, type Seen } from './probe/read.ts'
import { bitTable, registerTable, wideTable } from './probe/table.ts'

/** Modbus Application Protocol 1.1b3, 6.21: objects of basic and regular identification. */
const OBJECTS = ['vendor', 'product code', 'revision', 'vendor URL', 'product', 'model', 'application']

export const probe: Command = {
  name: 'probe',
  summary: 'reads a Modbus device: registers in all types and orders, or by a model; drafts a model file',
  usage:
    './plumbline probe --tcp HOST:PORT | --tls HOST:PORT | --rtu PATH | --rtu-over-tcp HOST:PORT [--unit N] --from A --count N | --model ID …',
  run: async (args) => {
    await runProbe(readOptions(args), (line) => process.stdout.write(`${line}\n`))
    return 0
  },
}

/** @throws PlumblineError DEVICE_SILENT where the device does not answer, MODEL_INVALID, USAGE */
export async function runProbe(options: ProbeOptions, print: (line: string) => void): Promise<void> {
  const { link: settings, unitId, model: id } = options
  const model = id === undefined ? undefined : (await loadModels([id])).get(id)!
  const link = openModbus(new SystemClock(), silentLog)(settings)
  const where = `${endpointOf(settings)} unit ${unitId}`
  try {
    const seen = options.range === undefined ? undefined : await readRange(link, unitId, options.range, options.max)
    const live = model === undefined ? undefined : await readModelLive(link, unitId, model)
    // Last, and only of a device that answers: some devices fall silent at a function that they do not know.
    const identity = await identityOf(link, unitId)
    print(where)
    for (const [object, text] of identity ?? []) print(`  ${OBJECTS[object] ?? `object ${object}`}: ${printable(text)}`)
    if (seen !== undefined) showRange(options, seen, print)
    if (live !== undefined) {
      print(`\nas ${id}:`)
      live.forEach(print)
    }
    if (options.draft !== undefined) await writeDraft(options, seen!, identity, print)
  } catch (error) {
    if (error instanceof ModbusError)
      throw new PlumblineError('DEVICE_SILENT', `${where}: ${error.reason}: ${error.message}`)
    throw error
  } finally {
    await link.close()
  }
}

/** `undefined` where the device says nothing of itself: function 43 is optional. */
async function identityOf(link: ModbusLink, unitId: number): Promise<ReadonlyMap<number, string> | undefined> {
  try {
    return await link.readIdentity(unitId)
  } catch (error) {
    if (error instanceof ModbusError) return undefined
    throw error
  }
}

/** What a device says of itself may hold anything, also what a terminal obeys. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')

function showRange({ range, wide }: ProbeOptions, seen: Seen, print: (line: string) => void): void {
  const { table, from, count } = range!
  const [one, many] = isBits(table) ? ['bit', 'bits'] : ['register', 'registers']
  const asked = seen.requests === 1 ? '1 request' : `${seen.requests} requests`
  print(`\n${count} ${table} ${count === 1 ? one : many} from ${from} (${asked}); addresses from 0, as on the wire`)
  for (const line of isBits(table) ? bitTable(seen) : registerTable(seen)) print(line)
  if (!isBits(table))
    print('* of the size that sensors give (0.0001 to 1000000); the manual says which reading is right')
  if (wide && !isBits(table)) for (const line of ['', ...wideTable(seen)]) print(line)
}

async function writeDraft(
  { draft, range, maxGiven }: ProbeOptions,
  seen: Seen,
  identity: ReadonlyMap<number, string> | undefined,
  print: (line: string) => void,
): Promise<void> {
  const { file, id, points } = draft!
  const text = draftModel({ id, range: range!, seen, points, identity, max: maxGiven })
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    const expected = code === 'EEXIST' ? 'a file that is not there yet; a draft overwrites nothing' : 'a place to write'
    throw new PlumblineError('USAGE', `--draft ${file}: expected ${expected}, got ${code}`)
  }
  print(`\nwrote ${file}, which passes the check; its TODOs are for the manual`)
}
