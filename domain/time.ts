/**
 * Instants, monotonic time and durations. A wall-clock instant and a reading of the monotonic clock are different types,
 * so that a clock step can never be mistaken for elapsed time. Reading the real clock is left to `runtime/`.
 */

declare const kind: unique symbol

/** UTC, nanoseconds since 1970-01-01T00:00:00Z (no leap seconds). */
export type Instant = bigint & { readonly [kind]: 'instant' }

/** Nanoseconds since an arbitrary start; never steps, comparable only within one boot of one machine. */
export type Monotonic = bigint & { readonly [kind]: 'monotonic' }

export const NS_PER_MS = 1_000_000n
export const NS_PER_S = 1_000_000_000n

export const instant = (ns: bigint): Instant => ns as Instant
export const monotonic = (ns: bigint): Monotonic => ns as Monotonic

export const instantFromMs = (ms: number): Instant => instant(BigInt(Math.round(ms)) * NS_PER_MS)

/** Whole milliseconds since 1970 (floor): the resolution of a Sparkplug timestamp. */
export const instantToMs = (at: Instant): number => Number(at / NS_PER_MS)

export const addNs = (at: Instant, ns: bigint): Instant => instant(at + ns)

/** `a - b` in seconds as a number; exact to about 1 ns for differences below 100 days. */
export const secondsBetween = (a: Instant | Monotonic, b: Instant | Monotonic): number => Number(a - b) / 1e9

export const secondsToNs = (s: number): bigint => BigInt(Math.round(s * 1e9))

/** ISO 8601 in UTC with as many of the nine fraction digits as are needed (at least three). */
export function toIso(at: Instant): string {
  const ms = at >= 0n ? at / NS_PER_MS : -((-at + NS_PER_MS - 1n) / NS_PER_MS)
  const rest = String(at - ms * NS_PER_MS)
    .padStart(6, '0')
    .replace(/(?<!0)0+$/, '')
  return new Date(Number(ms)).toISOString().replace('Z', `${rest}Z`)
}

const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/

/** Parses an ISO 8601 instant with zone; `undefined` where the text is not one. */
export function fromIso(text: string): Instant | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}${match[3]}`)
  if (Number.isNaN(ms)) return undefined
  // Date rolls 29 February 2001 over to 1 March: a day that does not exist is no instant.
  if (!new Date(`${match[1]}Z`).toISOString().startsWith(match[1]!)) return undefined
  return instant(BigInt(ms) * NS_PER_MS + BigInt((match[2] ?? '').padEnd(9, '0')))
}
