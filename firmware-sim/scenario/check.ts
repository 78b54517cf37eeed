/**
 * Judges a scenario of the right shape against the site that it is to run on: names, variants, times that fit the round.
 * Whether records and scales can be shown by the devices is found when they are made (`compose.ts`).
 */
import { WIRE_FAULTS } from '../../domain/wire-faults.ts'
import type { Checked, Mistake } from '../../domain/yaml-check.ts'
import { togetherMistakes } from './check-together.ts'
import { KIND_QUANTITY, KINDS, SIZE_QUANTITY, SIZES } from './kinds.ts'
import { ACTIONS, type Action, actionsOf, lasts_s, type ScenarioFile, type ScenarioStep } from './schema.ts'
import { isA, linkName, linksOf, linksOfStep, type SitePart, type Target, targetsOf, targetsOfStep } from './targets.ts'

type At = Checked['mistakeAt']
export type Context = {
  file: ScenarioFile
  site: SitePart
  targets: Target[]
  recordings: ReadonlySet<string>
  mistakeAt: At
}

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
  const end_s = step.at_s + lasts_s(step)
  if (step.at_s >= file.duration_s)
    out.push(mistakeAt([...path, 'at_s'], `a time before the end of the round (${file.duration_s} s)`, step.at_s))
  else if (end_s > file.duration_s)
    out.push(mistakeAt([...path, action, 'for_s'], `an end within the round (${file.duration_s} s)`, end_s - step.at_s))
  return [...out, ...whoMistakes(step, action, i, context), ...actionMistakes(step, i, context)]
}

const WHO_KEYS = ['device', 'first', 'every', 'link', 'node', 'structure'] as const
/** Which of them an action takes; where several are `one`, exactly one must stand there. */
function whoOf(action: Action): { may: readonly (typeof WHO_KEYS)[number][]; one: boolean } {
  if (action === 'earthquake' || action === 'damage') return { may: ['structure'], one: false }
  if (action === 'flood') return { may: [], one: false }
  if (action === 'uplink') return { may: ['node'], one: false }
  return { may: ['device', 'first', 'every', ...(action === 'wire' ? (['link'] as const) : [])], one: true }
}

function whoMistakes(step: ScenarioStep, action: Action, i: number, context: Context): Mistake[] {
  const { mistakeAt } = context
  const path = ['timeline', i]
  const { may, one } = whoOf(action)
  const said = WHO_KEYS.filter((key) => step[key] !== undefined)
  const out = said
    .filter((key) => !may.includes(key))
    .map((key) => mistakeAt([...path, key], `no such key beside ${action}`, step[key]))
  const ways = said.filter((key) => may.includes(key))
  if (one && ways.length !== 1)
    return [...out, mistakeAt(path, `exactly one of ${may.join(', ')}`, ways.join(', ') || undefined)]
  return [...out, ...ways.flatMap((key) => nameMistakes(step, action, key, i, context))]
}

/** A name that the site does not have, or that is not one of those for this action. */
function nameMistakes(
  step: ScenarioStep,
  action: Action,
  key: (typeof WHO_KEYS)[number],
  i: number,
  { site, targets, mistakeAt }: Context,
): Mistake[] {
  const wrong = (expected: string) => [mistakeAt(['timeline', i, key], expected, step[key])]
  const unless = (known: readonly string[], what: string) =>
    known.includes(step[key]!) ? [] : wrong(oneOf(what, known))
  const ids = targets.map((t) => t.id)
  const gauges = targets.filter((t) => isA(t, 'gauge')).map((t) => t.id)
  const water = action === 'tide' || action === 'pond'
  switch (key) {
    case 'structure':
      return unless(
        site.file.structures.map((s) => s.id),
        'a structure of the site',
      )
    case 'node':
      return unless(
        site.file.nodes.map((n) => n.id),
        'a node of the site',
      )
    case 'link':
      return unless(linksOf(site).map(linkName), 'a link all of whose devices are simulated')
    case 'device':
      if (water) return unless(gauges, 'a simulated gauge of the site')
      if (action === 'wire' && ids.includes(step.device!) && linksOfStep(step, site).length === 0)
        return wrong('a device on a link all of whose devices are simulated')
      return unless(ids, 'a simulated device of the site')
    default:
      if (step[key] === 'link' && action !== 'wire') return wrong(`${KINDS.join(', ')}; link stands beside wire`)
      return water && step[key] !== 'gauge' ? wrong(`gauge beside ${action}`) : []
  }
}

function actionMistakes(step: ScenarioStep, i: number, context: Context): Mistake[] {
  const { recordings, targets, mistakeAt } = context
  const path = ['timeline', i]
  const out: Mistake[] = []
  const { play, earthquake, flood } = step
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
  const gauges = targets.filter((t) => isA(t, 'gauge')).map((t) => t.id)
  for (const [k, id] of (flood?.gauges ?? []).entries())
    if (!gauges.includes(id))
      out.push(mistakeAt([...path, 'flood', 'gauges', k], oneOf('a simulated gauge of the site', gauges), id))
  if (flood?.rating !== undefined && flood.crest_m !== undefined)
    out.push(mistakeAt([...path, 'flood', 'crest_m'], 'crest_m or rating, not both', flood.crest_m))
  return [...out, ...sensorMistakes(step, path, context), ...lineMistakes(step, path, mistakeAt)]
}

/** What is wrong with a sensor must be something that it has. */
function sensorMistakes(step: ScenarioStep, path: ReadonlyArray<string | number>, { targets, mistakeAt }: Context) {
  const out: Mistake[] = []
  for (const key of ['spike', 'drift'] as const) {
    const size = step[key]
    if (size === undefined) continue
    const named = targetsOfStep(step, targets)
    const said = SIZES.filter((kind) => size[kind] !== undefined)
    const fits = (kind: (typeof SIZES)[number]) =>
      named.every(({ kinds }) => kinds.some((k) => KIND_QUANTITY[k] === SIZE_QUANTITY[kind]))
    const may = SIZES.filter(fits)
    if (named.length > 0 && !(said.length === 1 && fits(said[0]!)))
      out.push(
        mistakeAt(
          [...path, key],
          `${may.join(' or ') || 'devices of one kind'} for ${named.map((t) => t.id).join(', ')}`,
          size,
        ),
      )
  }
  const { fault } = step
  if (fault?.code !== undefined && fault.kind !== 'exception')
    out.push(mistakeAt([...path, 'fault', 'code'], 'no such key beside any kind but exception', fault.code))
  if (fault?.delay_ms !== undefined && fault.kind !== 'delay')
    out.push(mistakeAt([...path, 'fault', 'delay_ms'], 'no such key beside any kind but delay', fault.delay_ms))
  return out
}

/** A wire or an uplink to which nothing happens would pass without having tested anything. */
function lineMistakes({ wire, uplink }: ScenarioStep, path: ReadonlyArray<string | number>, mistakeAt: At): Mistake[] {
  const out: Mistake[] = []
  if (wire !== undefined && WIRE_FAULTS.every((kind) => !wire[kind]))
    out.push(mistakeAt([...path, 'wire'], `at least one of ${WIRE_FAULTS.join(', ')}`, wire))
  if (uplink === undefined) return out
  const { cut, half_open, delay_ms, bytes_per_s } = uplink
  if (!cut && !half_open && delay_ms === undefined && bytes_per_s === undefined)
    out.push(mistakeAt([...path, 'uplink'], 'at least one of cut, half_open, delay_ms, bytes_per_s', uplink))
  if (cut && half_open) out.push(mistakeAt([...path, 'uplink', 'half_open'], 'cut or half_open, not both', half_open))
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
