/** Judges what the steps of a scenario mean to one another: one water per gauge, one fault at a time, restarts apart. */
import type { Mistake } from '../../domain/yaml-check.ts'
import type { Context } from './check.ts'
import { actionsOf, lasts_s, type ScenarioStep } from './schema.ts'
import { gaugesOfFlood, isA, isShaken, linkName, linksOfStep, nodesOfStep, targetsOfStep } from './targets.ts'

export function togetherMistakes(context: Context): Mistake[] {
  return [...waterMistakes(context), ...faultMistakes(context), ...restartMistakes(context)]
}

/** Steps that do exactly one thing, with it and their place. */
const steps = ({ file }: Context) =>
  file.timeline.flatMap((step, i) => {
    const actions = actionsOf(step)
    return actions.length === 1 ? [{ step, i, action: actions[0]! }] : []
  })

/** One source of water per gauge and round. */
function waterMistakes(context: Context): Mistake[] {
  const { targets, mistakeAt } = context
  const before = new Map<string, number>()
  return steps(context).flatMap(({ step, i, action }) => {
    if (!['flood', 'play', 'tide', 'pond'].includes(action)) return []
    const who = step.flood ? gaugesOfFlood(step.flood, targets) : targetsOfStep(step, targets)
    return who.flatMap((target) => {
      if (isA(target, 'accelerometer')) return []
      const { id } = target
      const first = before.get(id)
      if (first === undefined) before.set(id, i)
      const expected = `one flood, play, tide or pond of ${id} in a round (timeline[${first}])`
      return first === undefined ? [] : [mistakeAt(['timeline', i, action], expected, action)]
    })
  })
}

type Span = { i: number; from_s: number; to_s: number }

/** One fault of a device, a wire or an uplink at a time: the end of one would end the other. */
function faultMistakes(context: Context): Mistake[] {
  const spans = new Map<string, Span[]>()
  return steps(context).flatMap(({ step, i, action }) =>
    subjectsOf(step, context).flatMap((id) => {
      const span = { i, from_s: step.at_s, to_s: step.at_s + lasts_s(step) }
      const before = spans.get(`${action} ${id}`) ?? []
      const clash = before.find((b) => b.from_s < span.to_s && span.from_s < b.to_s)
      spans.set(`${action} ${id}`, [...before, span])
      if (clash === undefined) return []
      const what = action === 'fault' ? 'fault' : `${action} fault`
      const got = step.fault?.kind ?? action
      return [context.mistakeAt(['timeline', i, action], `one ${what} of ${id} at a time (timeline[${clash.i}])`, got)]
    }),
  )
}

function subjectsOf(step: ScenarioStep, { site, targets }: Context): string[] {
  if (step.fault) return targetsOfStep(step, targets).map(({ id }) => id)
  if (step.wire) return linksOfStep(step, site).map(linkName)
  return step.uplink ? nodesOfStep(step, site) : []
}

/** A device starts its recording anew when it boots: whatever else it played would come at another time than said. */
function restartMistakes(context: Context): Mistake[] {
  const { targets, mistakeAt } = context
  const moved = new Set<string>()
  for (const { step, action } of steps(context)) {
    if (['fault', 'restart', 'wire', 'uplink'].includes(action)) continue
    const shaken = targets.filter(isShaken)
    const who = step.flood ? gaugesOfFlood(step.flood, targets) : targetsOfStep(step, targets)
    for (const { id } of step.earthquake || step.damage ? shaken : who) moved.add(id)
  }
  return steps(context).flatMap(({ step, i }) => {
    const also = step.restart && targetsOfStep(step, targets).find((t) => moved.has(t.id))
    if (!also) return []
    return [mistakeAt(['timeline', i, 'restart'], 'a device that plays nothing else in the round', also.id)]
  })
}
