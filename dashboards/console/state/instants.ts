/**
 * Instants as the console keeps them: milliseconds since 1970 as a number. The API's decimal nanoseconds come in here and
 * nowhere else; a double holds them to better than a microsecond, which is finer than any pixel.
 */

/** Decimal UTC nanoseconds to (fractional) milliseconds since 1970. */
export const msOf = (ns: string): number => Number(BigInt(ns) / 1000n) / 1000

export const msOrNull = (ns: string | null): number | null => (ns === null ? null : msOf(ns))

/** Milliseconds since 1970 to decimal nanoseconds, for the queries of the API. */
export const nsOf = (ms: number): string => String(BigInt(Math.round(ms)) * 1_000_000n)
