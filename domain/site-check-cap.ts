/** What `cap:` must hold beyond its schema: levels, structures and limits that are there, and what its scope needs. */
import { splitChannel } from './ids.ts'
import type { SiteFile } from './site.ts'
import type { Checked, Mistake } from './yaml-check.ts'

export function capMistakes(
  { cap, waters, structures, limits, nodes }: SiteFile,
  say: Checked['mistakeAt'],
): Mistake[] {
  if (cap === undefined) return []
  const out: Mistake[] = []
  // CAP 1.2, 3.2.1: a restricted message says its rule, a private one its receivers.
  if (cap.scope === 'Restricted' && cap.restriction === undefined)
    out.push(say(['cap', 'restriction'], 'the rule, because scope is Restricted', undefined))
  if (cap.scope === 'Private' && cap.addresses === undefined)
    out.push(say(['cap', 'addresses'], 'who receives them, because scope is Private', undefined))
  const levels = waters.flatMap((water) => water.levels.map((level) => `${water.id}/${level.id}`))
  const seen = new Set<string>()
  cap.levels.forEach(({ level }, i) => {
    const path = ['cap', 'levels', i, 'level']
    if (!levels.includes(level)) out.push(say(path, `a level of a water (${levels.join(', ')})`, level))
    else if (seen.has(level)) out.push(say(path, 'a level that no other entry has', level))
    seen.add(level)
  })
  const floorOf = new Map(
    nodes.flatMap(({ links }) => links.flatMap((link) => link.devices.map(({ id, floor }) => [id, floor] as const))),
  )
  const named = new Set<string>()
  cap.structures.forEach(({ structure, limit }, i) => {
    const path = ['cap', 'structures', i]
    const known = structures.map(({ id }) => id)
    if (!known.includes(structure))
      out.push(say([...path, 'structure'], `a structure of the site (${known.join(', ')})`, structure))
    const its = limits.filter(
      ({ channel, level }) =>
        level === undefined && floorOf.get(splitChannel(channel).device)?.split('/')[0] === structure,
    )
    const ids = its.map(({ id }) => id)
    if (!ids.includes(limit)) out.push(say([...path, 'limit'], `a limit on its floors (${ids.join(', ')})`, limit))
    else if (named.has(limit)) out.push(say([...path, 'limit'], 'a limit that no other entry has', limit))
    named.add(limit)
  })
  return out
}
