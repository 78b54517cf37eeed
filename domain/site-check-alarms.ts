/** What the alarms' part of a site file must hold beyond its schema: limits that are there, steps that are beyond them. */
import type { Channel } from './channel.ts'
import { judgesValue } from './condition.ts'
import { OWN_NODE } from './ids.ts'
import { limitOf } from './limit-of.ts'
import type { SiteFile } from './site.ts'
import { OWN_ALARMS } from './site-alarms.ts'
import { quantityOf, toSi } from './units.ts'
import type { Checked, Mistake } from './yaml-check.ts'

type Say = Checked['mistakeAt']

export function alarmMistakes(file: SiteFile, channels: ReadonlyMap<string, Channel>, say: Say): Mistake[] {
  const node = file.nodes.findIndex(({ id }) => id === OWN_NODE)
  const reserved = node < 0 ? [] : [say(['nodes', node, 'id'], 'an id other than that of the desk itself', OWN_NODE)]
  return [...reserved, ...votingMistakes(file, say), ...stepMistakes(file, channels, say)]
}

function votingMistakes({ alarms, limits }: SiteFile, say: Say): Mistake[] {
  const known = limits.map(({ id }) => id)
  const taken = new Set<string>(Object.keys(OWN_ALARMS))
  return alarms.k_of_n.flatMap((entry, i) => {
    const path = ['alarms', 'k_of_n', i]
    const out: Mistake[] = []
    if (taken.has(entry.id)) out.push(say([...path, 'id'], 'an id that no other alarm of the desk has', entry.id))
    taken.add(entry.id)
    if (entry.k > entry.limits.length)
      out.push(say([...path, 'k'], `at most the ${entry.limits.length} limits given`, entry.k))
    for (const [l, id] of entry.limits.entries())
      if (!known.includes(id)) out.push(say([...path, 'limits', l], `a limit (${known.join(', ')})`, id))
    return out
  })
}

/** A step lies further in the direction of its limit than the limit itself. */
function stepMistakes(file: SiteFile, channels: ReadonlyMap<string, Channel>, say: Say): Mistake[] {
  return file.alarms.step_up.flatMap((step, i) => {
    const path = ['alarms', 'step_up', i]
    const entry = file.limits.find(({ id }) => id === step.limit)
    const limit = entry && limitOf(file, channels, entry)
    if (limit === undefined || !judgesValue(limit) || limit.kind === 'outside')
      return [say([...path, 'limit'], 'a limit that raises above or below a value', step.limit)]
    const unit = step.unit ?? limit.unit
    if (quantityOf(unit) !== quantityOf(limit.unit))
      return [say([...path, 'unit'], `a unit of ${quantityOf(limit.unit)}`, unit)]
    const beyond = toSi(step.beyond, unit)!
    const further = limit.direction === 'above' ? beyond > limit.limit : beyond < limit.limit
    return further
      ? []
      : [
          say(
            [...path, 'beyond'],
            `a value further ${limit.direction} than the limit (${limit.limit} ${limit.unit})`,
            step.beyond,
          ),
        ]
  })
}
