/** Which alarms have become more severe than their limit says: their value went beyond a further step of the site file. Pure. */
import type { Site } from '../domain/channel.ts'
import { type Limit, PRIORITIES, type Priority } from '../domain/condition.ts'
import { splitShadow } from '../domain/drill.ts'
import { toSi } from '../domain/units.ts'
import type { Alarm } from './alarm.ts'
import type { AlarmDefinition } from './alarm-json.ts'
import type { AlarmEvent } from './alarm-machine.ts'
import { conditionIsTrue } from './alarm-table.ts'
import { onScreen } from './notice.ts'

/** In SI. */
export type StepRule = { readonly limit: string; readonly beyond: number; readonly priority: Priority }

export const stepRules = ({ file, limits }: Pick<Site, 'file' | 'limits'>): StepRule[] =>
  file.alarms.step_up.map(({ limit: id, beyond, unit, priority }) => {
    const limit = limits.find((one) => one.id === id)!
    return { limit: id, beyond: toSi(beyond, unit ?? limit.unit)!, priority }
  })

export function stepUps(
  rules: readonly StepRule[],
  alarms: Iterable<Alarm>,
  definitionOf: (id: string) => AlarmDefinition | undefined,
  peakOf: (id: string) => number | null,
): Array<{ id: string; event: AlarmEvent }> {
  if (rules.length === 0) return []
  const out: Array<{ id: string; event: AlarmEvent }> = []
  for (const alarm of alarms) {
    const limit = definitionOf(alarm.id)?.limit
    if (limit === undefined || !conditionIsTrue(alarm.state)) continue
    const value = peakOf(alarm.id) ?? alarm.present?.value ?? null
    const rule = value === null ? undefined : highest(rules, limit, value)
    const now = alarm.stepped_up?.priority ?? limit.priority
    if (rule === undefined || PRIORITIES.indexOf(rule.priority) >= PRIORITIES.indexOf(now)) continue
    const why = `${onScreen(value!, limit.unit)}, beyond ${onScreen(rule.beyond, limit.unit)}`
    out.push({ id: alarm.id, event: { kind: 'step-up', priority: rule.priority, why } })
  }
  return out
}

function highest(rules: readonly StepRule[], { id, direction }: Limit, value: number): StepRule | undefined {
  const real = splitShadow(id)?.id ?? id
  return rules
    .filter(({ limit, beyond }) => limit === real && (direction === 'above' ? value >= beyond : value <= beyond))
    .sort((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority))[0]
}
