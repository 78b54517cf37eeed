/**
 * A door of the product at which hostile input knocks. Each attack comes to one of a few outcomes, which are counted; what is
 * none of them is a finding: an error without a code, an answer of 500, a hang, memory that grows.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Random, randomFrom } from '../seeded.ts'

export type Door = {
  /** One attack; resolves with the outcome in a word or two. Rejects with what must never happen. */
  attack(random: Random): Promise<string>
  /** Whether the product behind the door still does its work; rejects where it does not. */
  healthy?(): Promise<void>
  close?(): Promise<void>
}
export type Target = { readonly id: string; readonly what: string; open(): Promise<Door> }

export type Fuzzed = {
  readonly attacks: number
  readonly outcomes: ReadonlyMap<string, number>
  readonly slowest_ms: number
  readonly grown_bytes: number
  /** The seed of the attack and what it did. */
  readonly findings: ReadonlyArray<{ readonly seed: number; readonly what: string }>
}

/** An attack that is not over by then hangs. */
const HANGS_MS = 20_000
const HEALTH_EVERY = 100
const FINDINGS_MAX = 5
/** What is kept after many thousand attacks: less than this, whatever was sent. */
export const GROWTH_MAX_BYTES = 64 * 2 ** 20

/** The attack of a seed is always the same; the first one is `seed`, then one more each. */
export async function fuzz(
  target: Target,
  { attacks = Number.POSITIVE_INFINITY, for_ms = Number.POSITIVE_INFINITY, seed = 1 }: FuzzOptions,
): Promise<Fuzzed> {
  const door = await target.open()
  const outcomes = new Map<string, number>()
  const findings: Array<{ seed: number; what: string }> = []
  let [n, slowest_ms, begun_bytes] = [0, 0, 0]
  const begun_ms = performance.now()
  try {
    for (; n < attacks && performance.now() - begun_ms < for_ms && findings.length < FINDINGS_MAX; n++) {
      const at_ms = performance.now()
      try {
        const outcome = await inTime(door.attack(randomFrom(seed + n)))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        if (n % HEALTH_EVERY === HEALTH_EVERY - 1) await inTime(door.healthy?.() ?? Promise.resolve())
      } catch (error) {
        findings.push({ seed: seed + n, what: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      }
      slowest_ms = Math.max(slowest_ms, performance.now() - at_ms)
      // What the first ones load and compile is no growth.
      if (n === Math.min(200, attacks >> 2)) begun_bytes = heapAfterCollection()
    }
    await inTime(door.healthy?.() ?? Promise.resolve())
    return { attacks: n, outcomes, slowest_ms, grown_bytes: heapAfterCollection() - begun_bytes, findings }
  } finally {
    await door.close?.()
  }
}
export type FuzzOptions = { readonly attacks?: number; readonly for_ms?: number; readonly seed?: number }

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs: not over after ${HANGS_MS} ms`)), HANGS_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

export const isWell = ({ findings, grown_bytes }: Fuzzed): boolean =>
  findings.length === 0 && grown_bytes < GROWTH_MAX_BYTES

export function inWords({ attacks, outcomes, slowest_ms, grown_bytes, findings }: Fuzzed): string {
  const counted = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`)
  const found = findings.map(({ seed, what }) => `\n  seed ${seed}: ${what}`).join('')
  return `${attacks} attacks: ${counted.join(', ')}; slowest ${Math.round(slowest_ms)} ms, memory ${(grown_bytes / 2 ** 20).toFixed(1)} MiB${found}`
}
