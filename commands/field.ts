/**
 * `write` and `silence`: have an edge node write a point of a device, or silence one of its outputs. The desk that runs on
 * this machine sends it and journals who asked; the node decides.
 */
import type { CommandBody, CommandJson } from '../domain/api.ts'
import { PlumblineError } from '../domain/errors.ts'
import { splitChannel } from '../domain/ids.ts'
import { type Command, readFlags } from './command.ts'
import { deskClient } from './desk-client.ts'
import { readSite } from './load-site.ts'

const FLAGS = { site: 'text', data: 'text', json: 'flag' } as const

export const write: Command = {
  name: 'write',
  summary: 'write a point that its model marks writable, read back and journalled',
  usage: './plumbline write DEVICE/METRIC VALUE --site … [--data …] [--json]',
  run: (args) =>
    ask(write, args, 2, ([channel = '', text = '']) => {
      const { device, metric } = splitChannel(channel)
      if (!channel.includes('/') || device === '' || metric === '')
        throw usage(write, `expected DEVICE/METRIC, got "${channel}"`)
      const value = text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isFinite(value)) throw usage(write, `VALUE: expected a number, got "${text}"`)
      return { kind: 'write', device, metric, value }
    }),
}

export const silence: Command = {
  name: 'silence',
  summary: 'silence a local output: a siren or lamp that an edge node drives',
  usage: './plumbline silence OUTPUT --site … [--data …] [--json]',
  run: (args) => ask(silence, args, 1, ([output = '']) => ({ kind: 'silence', output })),
}

const usage = (command: Command, why: string) => new PlumblineError('USAGE', `${why}; usage: ${command.usage}`)

/** Everything about the call is judged before the desk is asked. */
async function ask(
  command: Command,
  args: readonly string[],
  words: number,
  bodyOf: (words: readonly string[]) => CommandBody,
): Promise<number> {
  const { flags, words: given } = readFlags(command, args, FLAGS, { min: words, max: words })
  const body = bodyOf(given)
  if (flags.site === undefined) throw usage(command, '--site is missing')
  const site = await readSite(flags.site)
  const desk = await deskClient(flags.data ?? './data', site.file.site)
  const told = await desk.post<CommandJson>('/commands', body)
  process.stdout.write(flags.json ? `${JSON.stringify(told, null, 1)}\n` : `${told.node}: ${told.detail}\n`)
  return 0
}
