/** A part of the line in the reader's language: its name, what the desk says of it, its figures with their units. Pure. */
import type { Format } from '../format.ts'

type Texts = Readonly<Record<string, string>>
export type PartWords = {
  readonly part: Texts
  readonly figure: Texts
  readonly detail: Texts
  node(id: string): string
  canary(id: string): string
  silentFor(age: string): string
  off(by: string): string
  free(percent: string): string
}

/** A part of a newer desk goes by its id. */
export function partName(id: string, words: PartWords): string {
  const [kind, of] = id.split('/')
  if (of !== undefined && kind === 'node') return words.node(of)
  if (of !== undefined && kind === 'canary') return words.canary(of)
  return words.part[id] ?? id
}

/** What the desk says otherwise, e.g. an error of the store, stands as it came. */
export function partDetail(said: string, words: PartWords, format: Pick<Format, 'duration' | 'number'>): string {
  const silent = /^silent for (\d+) s$/.exec(said)
  if (silent !== null) return words.silentFor(format.duration(Number(silent[1]) * 1000))
  const off = /^([\d.]+ m?s) off$/.exec(said)
  if (off !== null) return words.off(off[1]!)
  const free = /^([\d.]+) % free$/.exec(said)
  if (free !== null) return words.free(format.number(Number(free[1]), 1))
  const [, known, why] = /^(not connected): (.*)$/s.exec(said) ?? []
  if (known !== undefined) return `${words.detail[known] ?? known}: ${why}`
  return words.detail[said] ?? said
}

export const figureName = (name: string, words: PartWords): string => words.figure[name] ?? name

/** Bytes as GB, seconds to the millisecond where they are few. */
export function figureText(name: string, value: number | string | null, format: Pick<Format, 'number'>): string {
  if (typeof value !== 'number') return value ?? '–'
  if (name.endsWith('_bytes')) return `${format.number(value / 1e9, 1)} GB`
  if (name.endsWith('_s')) return `${format.number(value, Math.abs(value) < 10 ? 3 : 0)} s`
  return format.number(value, Number.isInteger(value) ? 0 : 1)
}
