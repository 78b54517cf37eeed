/** Ambient vibration for the tests of this folder: simulated modes with known frequency and damping, and the shared records. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SHARED = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data')

export const haveShared = (path: string): boolean => existsSync(join(SHARED, path))

/** Columns of a CSV of the data folder beside the project, by name. */
export function sharedColumns(path: string): Map<string, Float64Array> {
  const [header, ...lines] = readFileSync(join(SHARED, path), 'utf8').trim().split('\n')
  const rows = lines.map((line) => line.split(',').map(Number))
  return new Map(header!.split(',').map((name, k) => [name.trim(), Float64Array.from(rows, (row) => row[k]!)]))
}

/** Repeatable uniform numbers in 0 … 1 (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export type Mode = {
  readonly f_hz: number
  readonly damping: number
  readonly seconds: number
  readonly rate: number
  readonly seed: number
}

/** Displacement of an oscillator under white noise: its poles are those of the mode, exactly (impulse invariant). */
export function ambient({ f_hz, damping, seconds, rate, seed }: Mode): Float64Array {
  const random = uniform(seed)
  const w = 2 * Math.PI * f_hz
  const a = 2 * Math.exp((-damping * w) / rate) * Math.cos((w * Math.sqrt(1 - damping * damping)) / rate)
  const b = Math.exp((-2 * damping * w) / rate)
  let [before, last] = [0, 0]
  return Float64Array.from({ length: seconds * rate }, () => {
    const next = a * last - b * before + random() + random() + random() + random() - 2
    before = last
    last = next
    return next
  })
}
