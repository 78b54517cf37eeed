/**
 * `wire`: makes the wire of a link bad while the site runs, or stands as a bad wire between a master and a real device.
 * What a bad wire does to frames is `firmware-sim/wire-proxy.ts`.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { WireStatus } from '../domain/simulator-control.ts'
import type { WireFaults } from '../domain/wire-faults.ts'
import { type Command, type FlagKind, type Flags, readFlags } from './command.ts'
import { simulatorOf } from './simulator.ts'
import { countsText, proxyUntilSignal } from './wire-proxy.ts'

const FAULT_FLAGS = {
  drop: 'positive',
  truncate: 'positive',
  duplicate: 'positive',
  misnumber: 'positive',
  corrupt: 'positive',
  reorder: 'positive',
  delay: 'positive',
  jitter: 'positive',
  'delay-chance': 'positive',
  way: 'text',
  units: 'text',
} as const satisfies Record<string, FlagKind>
const FLAGS = {
  ...FAULT_FLAGS,
  site: 'text',
  data: 'text',
  listen: 'text',
  to: 'text',
  framing: 'text',
  seed: 'text',
} as const satisfies Record<string, FlagKind>
type WireFlags = Flags<typeof FLAGS>

const FAULTS =
  '[--drop P] [--delay MS [--jitter MS] [--delay-chance P]] [--corrupt P] [--truncate P] [--duplicate P] [--misnumber P] [--reorder P] [--way requests|replies] [--units 1,2]'

export const wire: Command = {
  name: 'wire',
  summary: 'spoil the wire of simulated devices while they run, or of real ones through a proxy',
  usage: `./plumbline wire set NODE/LINK ${FAULTS} | clear NODE/LINK | status [--site …] [--data …] | proxy --listen HOST:PORT --to HOST:PORT [--framing mbap|rtu] [--seed N] ${FAULTS}`,
  run: async (args) => {
    const { flags, words } = readFlags(wire, args, FLAGS, { min: 1, max: 2 })
    const [what, place] = words
    if (what === 'proxy' && place === undefined) return proxy(flags)
    if (what === 'status' && place === undefined) return status(flags)
    if (what !== 'set' && what !== 'clear')
      throw new PlumblineError(
        'USAGE',
        `expected set, clear, status or proxy, got "${words.join(' ')}"; usage: ${wire.usage}`,
      )
    const [node, link, ...more] = (place ?? '').split('/')
    if (!node || !link || more.length > 0)
      throw new PlumblineError('USAGE', `wire ${what}: expected NODE/LINK, got "${place ?? ''}"`)
    const faults = faultsOf(flags)
    if (what === 'set' && Object.keys(faults).length === 0)
      throw new PlumblineError('USAGE', `wire set: expected at least one of ${FAULTS}; \`wire clear\` mends it`)
    const control = await simulatorOf(flags)
    show([await control.setWireFaults(node, link, what === 'set' ? faults : {})])
    return 0
  },
}

async function status(flags: WireFlags): Promise<number> {
  const { wires } = await (await simulatorOf(flags)).status()
  if (wires.length === 0) process.stdout.write('no link has simulated devices\n')
  show(wires)
  return 0
}

function show(wires: readonly WireStatus[]): void {
  for (const { node, link, faults, counts } of wires) {
    const set = Object.keys(faults).length === 0 ? 'sound' : JSON.stringify(faults)
    process.stdout.write(`${node}/${link}: ${set}; ${countsText(counts)}\n`)
  }
}

/** Ranges are judged where the faults are set. @throws PlumblineError USAGE */
function faultsOf(flags: WireFlags): WireFaults {
  const { delay, jitter, way, units } = flags
  const chance = flags['delay-chance']
  if (delay === undefined && (jitter ?? chance) !== undefined)
    throw new PlumblineError('USAGE', '--jitter and --delay-chance: expected beside --delay')
  const chances = (['drop', 'truncate', 'duplicate', 'misnumber', 'corrupt', 'reorder'] as const).flatMap((kind) =>
    flags[kind] === undefined ? [] : [[kind, flags[kind]] as const],
  )
  return {
    ...Object.fromEntries(chances),
    ...(delay !== undefined && {
      delay: { ms: delay, ...(jitter !== undefined && { jitter_ms: jitter }), ...(chance !== undefined && { chance }) },
    }),
    ...(way !== undefined && { way: way as 'requests' }),
    ...(units !== undefined && { units: units.split(',').map(Number) }),
  }
}

function proxy(flags: WireFlags): Promise<number> {
  const { framing = 'mbap', seed = '1' } = flags
  if (framing !== 'mbap' && framing !== 'rtu')
    throw new PlumblineError('USAGE', `--framing: expected mbap or rtu, got "${framing}"`)
  if (!/^\d{1,10}$/.test(seed) || Number(seed) > 2 ** 32 - 1)
    throw new PlumblineError('USAGE', `--seed: expected a whole number from 0 to ${2 ** 32 - 1}, got "${seed}"`)
  const [listen, to] = [place('listen', flags.listen, 0), place('to', flags.to, 1)]
  return proxyUntilSignal({ listen, to, framing, seed: Number(seed), faults: faultsOf(flags) })
}

function place(flag: string, text: string | undefined, least: number): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text ?? '') ?? []
  if (host === undefined || Number(port) < least || Number(port) > 65_535)
    throw new PlumblineError('USAGE', `--${flag}: expected HOST:PORT, got "${text ?? ''}"`)
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}
