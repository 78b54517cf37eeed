/**
 * From the text of a site file to a `Site`, or every mistake at once. Reading files is the caller's business: it hands
 * over the text, the models that exist and the names of the recordings.
 */
import { createHash } from 'node:crypto'
import { automaticLimits } from './automatic-limits.ts'
import { canonicalJson } from './canonical-json.ts'
import { channelsOf, limitOf, type Site } from './channel.ts'
import type { Limit } from './condition.ts'
import type { Model } from './model.ts'
import { type SiteFile, SiteSchema } from './site.ts'
import { siteMistakes } from './site-check.ts'
import { checkYaml, type Environment, type Mistake, withoutEchoes } from './yaml-check.ts'

export { canonicalJson }

export type Known = { readonly models: ReadonlyMap<string, Model>; readonly recordings: ReadonlySet<string> }
export type Loaded = { readonly site: Site } | { readonly mistakes: readonly Mistake[] }

export function loadSite(text: string, file: string, known: Known, environment: Environment): Loaded {
  const checked = checkYaml(text, file, SiteSchema, environment)
  if (checked.value === undefined) return { mistakes: checked.mistakes }
  const siteFile = checked.value as SiteFile
  const mistakes = withoutEchoes(
    checked.mistakes,
    siteMistakes(siteFile, known, checked.mistakeAt, checked.mistakes.length > 0),
  )
  if (mistakes.length > 0) return { mistakes: mistakes.sort((a, b) => a.line - b.line) }

  const used = new Set(siteFile.nodes.flatMap((n) => n.links.flatMap((l) => l.devices.map((d) => d.model))))
  const models = new Map([...known.models].filter(([id]) => used.has(id)))
  const channels = new Map(channelsOf({ file: siteFile, models }).map((c) => [c.id, c]))
  const declared = siteFile.limits
    .map((entry) => limitOf(siteFile, channels, entry))
    .filter((l): l is Limit => l !== undefined)
  const limits = [...declared, ...automaticLimits(siteFile, models)]
  return { site: { file: siteFile, models, limits, hash: siteHash(checked.raw, models) } }
}

/** SHA-256 of the canonical JSON of the site (defaults filled, before `${ENV}`) and the models it uses. */
function siteHash(raw: unknown, models: ReadonlyMap<string, Model>): string {
  const used = [...models.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return createHash('sha256')
    .update(canonicalJson({ site: raw, models: used }))
    .digest('hex')
}
