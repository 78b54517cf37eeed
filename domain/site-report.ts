/**
 * What `./plumbline check` says of a site file, as data. What environment variables hold stays where it is: a mistake in
 * a value that came from one is told with its name.
 */
import { channelsOf, devicesOf, type Site } from './channel.ts'
import { type Known, loadSite } from './site-load.ts'
import type { Environment, Mistake } from './yaml-check.ts'

export type SiteReport = {
  readonly path: string
  /** As it is written. */
  readonly text: string
  /** Of a file that is right: its hash, and what it describes. */
  readonly right: { readonly hash: string; readonly summary: string } | undefined
  /** Of one that is not, in the order of its lines. */
  readonly mistakes: readonly Mistake[]
}

export function siteReport(text: string, path: string, known: Known, environment: Environment): SiteReport {
  const asked = new Map<string, string>()
  const loaded = loadSite(text, path, known, (name) => {
    const value = environment(name)
    if (value !== undefined) asked.set(name, value)
    return value
  })
  if ('site' in loaded)
    return { path, text, right: { hash: loaded.site.hash, summary: summaryOf(loaded.site) }, mistakes: [] }
  const veiled = (said: string) => [...asked].reduce((so, [name, value]) => veil(so, name, value), said)
  const mistakes = loaded.mistakes.map((one) => ({ ...one, expected: veiled(one.expected), got: veiled(one.got) }))
  return { path, text, right: undefined, mistakes }
}

/** One line. */
export function summaryOf(site: Site): string {
  const counts = [
    `${site.file.nodes.length} edge node(s)`,
    `${devicesOf(site).length} device(s)`,
    `${channelsOf(site).length} channel(s)`,
    `${site.file.limits.length} limit(s) and ${site.limits.length - site.file.limits.length} automatic`,
  ]
  return `Site ${site.file.site}: ${counts.join(', ')}; hash ${site.hash.slice(0, 12)}`
}

/** Shorter ones are hidden only where they are all that came: "1" stands in every second sentence. */
const TELLING = 4

function veil(said: string, name: string, value: string): string {
  const reference = `\${${name}}`
  const quoted = JSON.stringify(value)
  if (said === value) return reference
  if (said === quoted) return `"${reference}"`
  if (value.length < TELLING) return said
  const inner = quoted.slice(1, -1)
  const whole = said.replaceAll(inner, reference).replaceAll(value, reference)
  if (!whole.endsWith('...')) return whole
  // What was cut short may end within the value.
  const head = whole.slice(0, -3)
  for (let length = inner.length - 1; length >= TELLING; length--)
    if (head.endsWith(inner.slice(0, length))) return `${head.slice(0, -length)}${reference}...`
  return whole
}
