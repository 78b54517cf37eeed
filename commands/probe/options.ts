/** The flags of `probe` as a link, a range and what to do with it; each wrong one is told with what was expected. */
import { basename, dirname } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import type { SiteLink } from '../../domain/site.ts'
import { readFlags } from '../command.ts'
import { type DraftPoint, readPoint } from './draft.ts'
import { BITS_MAX, isBits, type Range, REGISTERS_MAX, type Table } from './read.ts'

export const USAGE =
  './plumbline probe --tcp HOST:PORT | --tls HOST:PORT [--ca FILE] [--cert FILE --key FILE] [--server-name NAME] | --rtu PATH [--baud N] [--parity none|even|odd] [--stop-bits 1|2] | --rtu-over-tcp HOST:PORT [--echo] ' +
  '[--unit N] [--timeout-ms N] [--table holding|input|coil|discrete --from A --count N [--max N] [--wide]] [--model ID] ' +
  '[--draft FILE --point METRIC@ADDRESS:TYPE[:ORDER]:UNIT …]'

const FLAGS = {
  tcp: 'text',
  tls: 'text',
  ca: 'text',
  cert: 'text',
  key: 'text',
  'server-name': 'text',
  rtu: 'text',
  'rtu-over-tcp': 'text',
  baud: 'text',
  parity: 'text',
  'stop-bits': 'text',
  echo: 'flag',
  unit: 'text',
  'timeout-ms': 'text',
  table: 'text',
  from: 'text',
  count: 'text',
  max: 'text',
  wide: 'flag',
  model: 'text',
  draft: 'text',
  point: 'texts',
} as const

/** A probe looks at a part of a map, not at all of it: more rows than this nobody reads. */
const COUNT_MAX = 2000

export type ProbeOptions = {
  readonly link: SiteLink
  readonly unitId: number
  readonly range: Range | undefined
  /** Registers (bits) a request. */
  readonly max: number
  readonly maxGiven: number | undefined
  readonly wide: boolean
  readonly model: string | undefined
  readonly draft: { readonly file: string; readonly id: string; readonly points: readonly DraftPoint[] } | undefined
}

/** @throws PlumblineError USAGE */
export function readOptions(args: readonly string[]): ProbeOptions {
  const { flags } = readFlags({ usage: USAGE }, args, FLAGS)
  const unitId = whole('unit', flags.unit, 0, 255) ?? 1
  if (unitId === 0 && flags.tcp === undefined && flags.tls === undefined)
    throw usage('--unit: expected 1 to 255 on RTU, where nobody answers 0')
  const range = rangeOf(flags.table, flags.from, flags.count)
  const most = range !== undefined && isBits(range.table) ? BITS_MAX : REGISTERS_MAX
  const maxGiven = whole('max', flags.max, 1, most)
  if (range === undefined && flags.model === undefined)
    throw usage('expected what to read: --from and --count, or --model')
  if (flags.draft !== undefined && range === undefined) throw usage('--draft: expected with --from and --count')
  if (flags.point.length > 0 && flags.draft === undefined) throw usage('--point: expected with --draft')
  return {
    link: linkOf(flags),
    unitId,
    range,
    max: maxGiven ?? most,
    maxGiven,
    wide: flags.wide,
    model: flags.model,
    draft:
      flags.draft === undefined
        ? undefined
        : { file: flags.draft, id: idOf(flags.draft), points: flags.point.map(readPoint) },
  }
}

type LinkFlags = Record<
  'tcp' | 'tls' | 'rtu' | 'rtu-over-tcp' | (typeof SERIAL)[number] | (typeof TLS)[number] | 'timeout-ms',
  string | undefined
> & { readonly echo: boolean }
const SERIAL = ['baud', 'parity', 'stop-bits'] as const
const TLS = ['ca', 'cert', 'key', 'server-name'] as const

function linkOf(flags: LinkFlags): SiteLink {
  const given = (['tcp', 'tls', 'rtu', 'rtu-over-tcp'] as const).filter((kind) => flags[kind] !== undefined)
  if (given.length !== 1) throw usage(`expected one of --tcp, --tls, --rtu and --rtu-over-tcp, got ${given.length}`)
  for (const [kind, names] of [
    ['rtu', SERIAL],
    ['tls', TLS],
  ] as const) {
    const stray = names.find((name) => flags[name] !== undefined)
    if (stray !== undefined && given[0] !== kind) throw usage(`--${stray}: expected with --${kind}`)
  }
  if (flags.echo && (given[0] === 'tcp' || given[0] === 'tls'))
    throw usage('--echo: expected with --rtu or --rtu-over-tcp')
  const echo = flags.echo && { echo: true }
  const common = {
    id: 'probe',
    timeout_ms: whole('timeout-ms', flags['timeout-ms'], 10, 60_000) ?? 1000,
    pause_after_connect_ms: 0,
    pause_ms: 0,
    close_after_poll: false,
    devices: [],
  }
  if (flags.tcp !== undefined) return { ...common, tcp: place('tcp', flags.tcp, 502) }
  if (flags.tls !== undefined) return { ...common, tls: tlsOf(flags, flags.tls) }
  const rtuOverTcp = flags['rtu-over-tcp']
  if (rtuOverTcp !== undefined) return { ...common, rtu_over_tcp: { ...place('rtu-over-tcp', rtuOverTcp), ...echo } }
  return {
    ...common,
    rtu: {
      path: flags.rtu!,
      baud: whole('baud', flags.baud, 300, 4_000_000) ?? 9600,
      parity: oneOf('parity', flags.parity, ['none', 'even', 'odd']) ?? 'even',
      data_bits: 8,
      stop_bits: oneOf('stop-bits', flags['stop-bits'], ['1', '2']) === '2' ? 2 : 1,
      ...echo,
    },
  }
}

/** The device is always judged by its certificate: by `--ca`, else by what the system trusts. */
function tlsOf(flags: LinkFlags, text: string): NonNullable<SiteLink['tls']> {
  const { ca, cert, key } = flags
  if ((cert === undefined) !== (key === undefined)) throw usage('--cert and --key: expected both or neither')
  const name = flags['server-name']
  return {
    ...place('tls', text, 802),
    ...(ca !== undefined && { ca_file: ca }),
    ...(cert !== undefined && { cert_file: cert, key_file: key! }),
    ...(name !== undefined && { server_name: name }),
  }
}

/** `host:port`, `[::1]:port`; without a port the usual one, where there is one. */
function place(name: string, text: string, usual?: number): { host: string; port: number } {
  const [, v6, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = v6 ?? plain
  const number = port === undefined ? usual : Number(port)
  if (host === undefined || number === undefined || number < 1 || number > 65_535)
    throw usage(`--${name}: expected HOST:PORT, got "${text}"`)
  return { host, port: number }
}

function rangeOf(
  tableText: string | undefined,
  fromText: string | undefined,
  countText: string | undefined,
): Range | undefined {
  const from = whole('from', fromText, 0, 65_535)
  const count = whole('count', countText, 1, COUNT_MAX)
  const table: Table | undefined = oneOf('table', tableText, ['holding', 'input', 'coil', 'discrete'])
  if (from === undefined && count === undefined) {
    if (table !== undefined) throw usage('--table: expected with --from and --count')
    return undefined
  }
  if (from === undefined || count === undefined)
    throw usage(`--${from === undefined ? 'from' : 'count'}: expected a number`)
  if (from + count > 65_536)
    throw usage(`--count: expected at most ${65_536 - from} from address ${from}, got ${count}`)
  return { table: table ?? 'holding', from, count }
}

/** Decimal or 0x hexadecimal, as manuals print addresses. */
function whole(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  if (!(value >= low && value <= high))
    throw usage(`--${name}: expected a whole number from ${low} to ${high}, got "${text}"`)
  return value
}

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined
  const found = known.find((value) => value === text)
  if (found === undefined) throw usage(`--${name}: expected ${known.join(', ')}, got "${text}"`)
  return found
}

/** `models/<id>/model.yaml` is of the model `<id>`, `<id>.yaml` too. */
function idOf(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, '')
  const id = name === 'model' ? basename(dirname(file)) : name
  if (!isId(id)) throw usage(`--draft: expected a file named after the model (river-gauge.yaml), got "${file}"`)
  return id
}

const usage = (detail: string): PlumblineError => new PlumblineError('USAGE', `${detail}; usage: ${USAGE}`)
