/**
 * Judges a scenario of the right shape against the site that it is to run on: names, variants, times that fit the round.
 * Whether records and scales can be shown by the devices is found when they are made (`compose.ts`).
 */
import type { Checked, Mistake } from '../../domain/yaml-check.ts'
import { ACTIONS, type Action, actionsOf, type ScenarioFile, type ScenarioStep } from './schema.ts'
import { gaugesOfFlood, type SitePart, type Target, targetsOf, targetsOfStep } from './targets.ts'

type At = Checked['mistakeAt']
type Context = { file: ScenarioFile; site: SitePart; targets: Target[]; recordings: ReadonlySet<string>; mistakeAt: At }

export function scenarioMistakes(
  file: ScenarioFile,
  site: SitePart,
  recordings: ReadonlySet<string>,
  mistakeAt: At,
): Mistake[] {
  const context: Context = { file, site, targets: targetsOf(site), recordings, mistakeAt }
  const structures = site.file.structures.map((s) => s.id)
  const buildings = file.buildings.flatMap(({ structure }, i) =>
    structures.includes(structure)
      ? []
      : [mistakeAt(['buildings', i, 'structure'], oneOf('a structure of the site', structures), structure)],
  )
  const steps = file.timeline.flatMap((step, i) => stepMistakes(step, i, context))
  return [...buildings, ...steps, ...togetherMistakes(context)]
}

const oneOf = (what: string, names: readonly string[]) => `${what} (${names.join(', ') || 'it has none'})`

function stepMistakes(step: ScenarioStep, i: number, context: Context): Mistake[] {
  const { file, mistakeAt } = context
  const path = ['timeline', i]
  const actions = actionsOf(step)
  if (actions.length !== 1)
    return [
      mistakeAt(path, `exactly one of ${ACTIONS.join(', ')}`, actions.length === 0 ? undefined : actions.join(', ')),
    ]
  const action = actions[0]!
  const out: Mistake[] = []
  const end_s = step.at_s + (step.fault?.for_s ?? step.stuck?.for_s ?? step.drift?.for_s ?? 0)
  if (step.at_s >= file.duration_s)
    out.push(mistakeAt([...path, 'at_s'], `a time before the end of the round (${file.duration_s} s)`, step.at_s))
  else if (end_s > file.duration_s)
    out.push(mistakeAt([...path, action, 'for_s'], `an end within the round (${file.duration_s} s)`, end_s - step.at_s))
  return [...out, ...whoMistakes(step, action, i, context), ...actionMistakes(step, i, context)]
}

/** An earthquake names a structure or nobody, a flood its gauges, everything else exactly one way of naming devices. */
function whoMistakes(step: ScenarioStep, action: Action, i: number, context: Context): Mistake[] {
  const { site, targets, mistakeAt } = context
  const path = ['timeline', i]
  const ways = (['device', 'first', 'every'] as const).filter((key) => step[key] !== undefined)
  const out: Mistake[] = []
  const structures = site.file.structures.map((s) => s.id)
  if (step.structure !== undefined && action !== 'earthquake')
    out.push(mistakeAt([...path, 'structure'], `no such key beside ${action}`, step.structure))
  else if (step.structure !== undefined && !structures.includes(step.structure))
    out.push(mistakeAt([...path, 'structure'], oneOf('a structure of the site', structures), step.structure))
  if (action === 'earthquake' || action === 'flood') {
    for (const key of ways) out.push(mistakeAt([...path, key], `no such key beside ${action}`, step[key]))
    for (const [k, id] of (step.flood?.gauges ?? []).entries()) {
      const gauges = targets.filter((t) => t.kind === 'gauge').map((t) => t.id)
      if (!gauges.includes(id))
        out.push(mistakeAt([...path, 'flood', 'gauges', k], oneOf('a simulated gauge of the site', gauges), id))
    }
    return out
  }
  if (ways.length !== 1)
    return [...out, mistakeAt(path, 'exactly one of device, first, every', ways.join(', ') || undefined)]
  if (step.device !== undefined && targetsOfStep(step, targets).length === 0)
    out.push(
      mistakeAt(
        [...path, 'device'],
        oneOf(
          'a simulated device of the site',
          targets.map((t) => t.id),
        ),
        step.device,
      ),
    )
  return out
}

function actionMistakes(step: ScenarioStep, i: number, context: Context): Mistake[] {
  const { recordings, targets, mistakeAt } = context
  const path = ['timeline', i]
  const out: Mistake[] = []
  const { play, earthquake, fault } = step
  const named = play?.recording ?? earthquake?.recording
  if (named !== undefined && !recordings.has(named))
    out.push(
      mistakeAt(
        [...path, play ? 'play' : 'earthquake', 'recording'],
        oneOf('a record in recordings/', [...recordings]),
        named,
      ),
    )
  if (play?.scale !== undefined && play.scale_pga_m_s2 !== undefined)
    out.push(mistakeAt([...path, 'play', 'scale'], 'scale or scale_pga_m_s2, not both', play.scale))
  if (earthquake !== undefined) out.push(...earthquakeMistakes(earthquake, [...path, 'earthquake'], mistakeAt))
  for (const key of ['spike', 'drift'] as const) {
    const size = step[key]
    if (size === undefined) continue
    const kinds = new Set(targetsOfStep(step, targets).map((t) => t.kind))
    const wanted = kinds.has('gauge') ? 'stage_m' : 'acceleration_m_s2'
    const other = wanted === 'stage_m' ? 'acceleration_m_s2' : 'stage_m'
    if (kinds.size > 0 && (size[wanted] === undefined || size[other] !== undefined))
      out.push(mistakeAt([...path, key], `${wanted} and no ${other} for a ${[...kinds].join(', ')}`, size))
  }
  if (fault?.code !== undefined && fault.kind !== 'exception')
    out.push(mistakeAt([...path, 'fault', 'code'], 'no such key beside any kind but exception', fault.code))
  if (fault?.delay_ms !== undefined && fault.kind !== 'delay')
    out.push(mistakeAt([...path, 'fault', 'delay_ms'], 'no such key beside any kind but delay', fault.delay_ms))
  return out
}

function earthquakeMistakes(
  quake: NonNullable<ScenarioStep['earthquake']>,
  path: ReadonlyArray<string | number>,
  mistakeAt: At,
): Mistake[] {
  const made = quake.magnitude !== undefined || quake.distance_km !== undefined
  if (made === (quake.recording !== undefined))
    return [mistakeAt(path, 'magnitude and distance_km, or recording', quake)]
  const missing = (['magnitude', 'distance_km'] as const).filter((key) => made && quake[key] === undefined)
  const idle = (['from', 'to'] as const).filter((key) => made && quake[key] !== undefined)
  return [
    ...missing.map((key) => mistakeAt([...path, key], 'a value', undefined)),
    ...idle.map((key) => mistakeAt([...path, key], 'no such key without recording', quake[key])),
  ]
}

type Span = { i: number; from_s: number; to_s: number }

/** What steps mean to one another: one water per gauge, one fault at a time, a restart only of what plays nothing else. */
function togetherMistakes({ file, targets, mistakeAt }: Context): Mistake[] {
  const out: Mistake[] = []
  const faults = new Map<string, Span[]>()
  const water = new Map<string, number>()
  const moved = new Set<string>()
  for (const [i, step] of file.timeline.entries()) {
    if (actionsOf(step).length !== 1) continue
    const action = actionsOf(step)[0]!
    const who = step.flood ? gaugesOfFlood(step.flood, targets) : step.earthquake ? [] : targetsOfStep(step, targets)
    if (step.earthquake) for (const t of targets) if (t.kind === 'accelerometer') moved.add(t.id)
    for (const { id, kind } of who) {
      if (action !== 'fault' && action !== 'restart') moved.add(id)
      if (step.flood || (step.play && kind === 'gauge')) {
        if (water.has(id))
          out.push(
            mistakeAt(
              ['timeline', i, action],
              `one flood or play of ${id} in a round (timeline[${water.get(id)}])`,
              action,
            ),
          )
        else water.set(id, i)
      }
      if (step.fault === undefined) continue
      const span = { i, from_s: step.at_s, to_s: step.at_s + step.fault.for_s }
      const before = faults.get(id) ?? []
      const clash = before.find((b) => b.from_s < span.to_s && span.from_s < b.to_s)
      if (clash)
        out.push(
          mistakeAt(['timeline', i, 'fault'], `one fault of ${id} at a time (timeline[${clash.i}])`, step.fault.kind),
        )
      faults.set(id, [...before, span])
    }
  }
  for (const [i, step] of file.timeline.entries()) {
    if (!step.restart) continue
    // A device starts its recording anew when it boots: whatever else it played would come at another time than said.
    const also = targetsOfStep(step, targets).find((t) => moved.has(t.id))
    if (also) out.push(mistakeAt(['timeline', i, 'restart'], 'a device that plays nothing else in the round', also.id))
  }
  return out
}
