/**
 * Whether a service can do its work: one answer for each thing that it needs, with the reason where it is not there. What
 * is asked is each service's own; `/readyz` shows it (`metrics-server.ts`, the desk's routes), `healthcheck` reads it.
 */

export type Check = { readonly ok: true } | { readonly ok: false; readonly why: string }
/** By what is needed, e.g. `broker`, `store`. */
export type Checks = Readonly<Record<string, Check>>

export const check = (why: string | undefined): Check => (why === undefined ? { ok: true } : { ok: false, why })

/** To the broker. */
export const notConnected = (why: string | undefined): string =>
  why === undefined ? 'not connected' : `not connected: ${why}`

export type Readiness = { readonly ready: boolean; readonly checks: Checks }
export const readinessOf = (checks: Checks): Readiness => ({
  ready: Object.values(checks).every(({ ok }) => ok),
  checks,
})

/** A line for each thing that is missing, for people. */
export const missing = ({ checks }: Readiness): string[] =>
  Object.entries(checks).flatMap(([name, answer]) => (answer.ok ? [] : [`${name}: ${answer.why}`]))
