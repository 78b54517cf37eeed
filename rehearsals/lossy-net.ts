/**
 * The whole line in a network of its own in which the kernel drops packets at random: Modbus, MQTT and HTTP alike. A network
 * namespace of this user is made for it, so nothing outside is touched and nobody needs to be root; where the machine has no
 * such thing, the row says so.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChangingLine, doubledIn, POLL_MS, untoldIn } from './changing-line.ts'
import type { Told } from './truth.ts'
import { pause, until } from './until.ts'

export type LossyNet = {
  readonly samples: Told
  readonly doubled: number
  readonly untold: number
  readonly rises: { readonly expected: number; readonly told: number; readonly again: number }
  /** Segments that TCP had to send again, by the kernel's own count, of all that it sent. */
  readonly sent_again: number
  readonly sent: number
}

const [LOW_M, LIMIT_M, HIGH_M] = [0.5, 1, 1.5]
/** From the register's new value to the next poll on a line on which each packet may be lost. */
const SEEN_MS = 30_000

/**
 * A classic BPF program: of each packet that arrives a random 32-bit number is drawn (`SKF_AD_RANDOM`, 56 below zero plus
 * 4096); above the share that passes the packet is dropped (`TC_ACT_SHOT`, 2).
 */
const droppingBpf = (share: number): string =>
  `4,32 0 0 ${2 ** 32 - 0x1000 + 56},37 0 1 ${Math.floor((1 - share) * 2 ** 32)},6 0 0 2,6 0 0 0`

/** Runs itself in a namespace. Resolves with why not, where the machine cannot. */
export async function lossyNet({ share = 0.05, rounds = 6 } = {}): Promise<LossyNet | { readonly cannot: string }> {
  const net = `ip link set lo up && tc qdisc add dev lo clsact && tc filter add dev lo ingress bpf da bytecode "${droppingBpf(share)}"`
  const probe = await run(`${net} && echo ready`)
  if (!probe.stdout.includes('ready')) return { cannot: probe.stderr.trim().split('\n')[0] ?? 'no reason given' }
  const own = `${process.execPath} --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'lossy-net.ts')} ${rounds}`
  const { stdout, stderr } = await run(`${net} && exec ${own}`)
  const told = stdout.split('\n').find((line) => line.startsWith('{'))
  if (told === undefined) throw new Error(`the line in the lossy network ended without a word:\n${stderr}`)
  return JSON.parse(told) as LossyNet
}

function run(command: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn('unshare', ['--map-root-user', '--net', 'sh', '-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.once('error', ({ message }) => resolve({ stdout: '', stderr: message }))
    child.once('close', () => resolve({ stdout, stderr }))
  })
}

async function inside(rounds: number): Promise<LossyNet> {
  const line = await ChangingLine.start({ gauges: ['north'], limit_m: LIMIT_M })
  const { north } = line.gauges
  const shows = async (stage_m: number) => {
    north.set(stage_m)
    await until(`the edge reads ${stage_m} m`, () => north.seen, SEEN_MS)
    await pause(3 * POLL_MS)
  }
  try {
    for (let round = 0; round < rounds; round++) {
      await shows(LOW_M)
      await shows(HIGH_M)
    }
    await shows(LOW_M)
    const samples = await line.told()
    const notices = () => line.desk.notices('n1:high')
    await until('every rise is told', async () => (await notices()).length >= rounds, 60_000).catch(() => {})
    const all = await notices()
    const told = new Set(all.map(({ occurrence }) => occurrence)).size
    const readings = await line.readings('north')
    const untold = await until(
      'every hole is told',
      async () => untoldIn(readings, await line.gaps('north')) === 0 && 0,
      30_000,
    ).catch(async () => untoldIn(readings, await line.gaps('north')))
    return {
      samples,
      doubled: doubledIn(readings),
      untold,
      rises: { expected: rounds, told, again: all.length - told },
      ...segments(),
    }
  } finally {
    await line.end()
  }
}

/** Of this namespace alone. */
function segments(): { sent: number; sent_again: number } {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((text) => text.startsWith('Tcp:'))
    .map((text) => text.split(' '))
  const of = (name: string) => Number(values![names!.indexOf(name)])
  return { sent: of('OutSegs'), sent_again: of('RetransSegs') }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await inside(Number(process.argv[2])))}\n`)
