/** Instants and half widths are 64-bit integers wherever they are kept. The least one is left out, so that each has its negative. */
const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -INT64_MAX

export const isInt64 = (n: unknown): boolean => typeof n === 'bigint' && n <= INT64_MAX && n >= INT64_MIN
