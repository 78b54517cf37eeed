/** `export`: a channel over a span of time as CSV, JSON lines or miniSEED, on standard output or into a file. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { channelsOf } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { fromIso, type Instant } from '../domain/time.ts'
import { operatingError } from '../runtime/file-errors.ts'
import { silentLog } from '../runtime/log.ts'
import { openReader } from '../stack-store.ts'
import { EXPORT_FORMATS, type ExportFormat, exportSeries } from '../store/export.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

const FLAGS = {
  site: 'text',
  data: 'text',
  channel: 'text',
  from: 'text',
  to: 'text',
  format: 'text',
  out: 'text',
  network: 'text',
  station: 'text',
} as const

/** Named `exportCommand`, as `export` is a word of the language. */
export const exportCommand: Command = {
  name: 'export',
  summary: 'a channel over a span of time as CSV, JSON lines or miniSEED',
  usage:
    './plumbline export --channel DEVICE/METRIC --from TIME --to TIME --format csv|jsonl|miniseed --site … [--out FILE] [--data …]',
  run: async (args) => {
    const { flags } = readFlags(exportCommand, args, FLAGS)
    const { site: path, channel, network, station } = flags
    if (path === undefined || channel === undefined || !/^[^/]+\/./.test(channel))
      throw usage('expected --site and --channel DEVICE/METRIC')
    const [from, to] = [instantOf('from', flags.from), instantOf('to', flags.to)]
    if (to <= from) throw usage('--to: expected a time after --from')
    const format = flags.format as ExportFormat
    if (!EXPORT_FORMATS.includes(format)) throw usage(`--format: expected one of ${EXPORT_FORMATS.join(', ')}`)
    const site = await readSite(path)
    const unit = channelsOf(site).find(({ id }) => id === channel)?.unit ?? ''
    const reader = await openReader(site, flags.data ?? './data', silentLog)
    const note = (line: string) => void process.stderr.write(`${line}\n`)
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
    try {
      const pieces = exportSeries({ reader, channel, from, to, format, unit, note, ...codes(network, station) })
      return await (flags.out === undefined
        ? pour(pieces, process.stdout, stop.signal)
        : intoFile(pieces, flags.out, stop.signal))
    } finally {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
      await reader.close()
    }
  },
}

const CANCELLED = 130
const usage = (what: string) => new PlumblineError('USAGE', `${what}; usage: ${exportCommand.usage}`)

function instantOf(flag: string, text: string | undefined): Instant {
  const at = text === undefined ? undefined : fromIso(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (at === undefined)
    throw usage(`--${flag}: expected a time such as 2026-01-31T08:00:00Z or a date, got "${text ?? 'none'}"`)
  return at
}

function codes(network: string | undefined, station: string | undefined): { network?: string; station?: string } {
  if (network !== undefined && !/^[A-Z0-9]{1,2}$/.test(network)) throw usage('--network: expected 1 or 2 of A-Z, 0-9')
  if (station !== undefined && !/^[A-Z0-9]{1,5}$/.test(station)) throw usage('--station: expected 1 to 5 of A-Z, 0-9')
  return { ...(network && { network }), ...(station && { station }) }
}

/** Piece by piece, waiting wherever the other side does not keep up. A reader that went away ends it quietly. */
export async function pour(pieces: AsyncIterable<Uint8Array>, to: Writable, stop: AbortSignal): Promise<number> {
  let failure: NodeJS.ErrnoException | undefined
  const onError = (error: NodeJS.ErrnoException): void => {
    failure = error
  }
  to.on('error', onError)
  try {
    for await (const piece of pieces) {
      if (stop.aborted) return CANCELLED
      if (!to.write(piece) && !to.destroyed) await once(to, 'drain', { signal: stop }).catch(() => {})
      if (failure?.code === 'EPIPE') return 0
      if (failure !== undefined) throw failure
    }
    return stop.aborted ? CANCELLED : 0
  } finally {
    to.off('error', onError)
  }
}

/** The name is there once the file is whole; what was cancelled or failed leaves nothing. */
async function intoFile(pieces: AsyncIterable<Uint8Array>, path: string, stop: AbortSignal): Promise<number> {
  const aside = `${path}.partial`
  const file = createWriteStream(aside)
  try {
    const code = await pour(pieces, file, stop)
    file.end()
    await finished(file)
    if (code === 0) await rename(aside, path)
    return code
  } catch (error) {
    file.destroy()
    throw operatingError(error, path)
  } finally {
    await rm(aside, { force: true })
  }
}
