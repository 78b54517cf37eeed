/**
 * Puts a scenario on a site: the site with every simulated device playing its part, the recordings of those parts, and the
 * timeline of faults. Whatever cannot be is refused here, before anything starts.
 */
import { instant } from '../../domain/time.ts'
import type { Mistake } from '../../domain/yaml-check.ts'
import type { Recording } from '../../recordings/recording.ts'
import { makeDevice } from '../make-device.ts'
import { mixed, streamSeed } from '../physics/hash-noise.ts'
import type { BuildingAnswer } from './building-answer.ts'
import { compose, recordingName } from './compose.ts'
import { faultEvents, faultOf, needsUplink } from './fault-events.ts'
import { FaultTimeline } from './fault-timeline.ts'
import type { Scenario } from './load.ts'
import { timeScaleOfTarget } from './readings.ts'
import { attempt, refuseScenario } from './scenario-error.ts'
import { actionsOf, type ScenarioFile, type ScenarioStep } from './schema.ts'
import {
  gaugesOfFlood,
  isShaken,
  linksOfStep,
  nodesOfStep,
  type SitePart,
  targetsOf,
  targetsOfStep,
} from './targets.ts'

type LoadRecording = (name: string) => Promise<Recording>
export type ApplyOptions = {
  /** Of the recordings that the scenario and other devices name. */
  readonly loadRecording: LoadRecording
  /** In place of the scenario's own; 0 to 2^32 - 1. */
  readonly seed?: number
}

export type AppliedScenario<S extends SitePart> = {
  readonly name: string
  readonly description: string
  readonly seed: number
  readonly site: S
  /** Knows the parts of the devices and, by `ApplyOptions.loadRecording`, everything else. */
  readonly loadRecording: LoadRecording
  readonly faults: FaultTimeline
  /** Boot ids by the seed, for runs that must repeat to the bit. Never for a live site: each start there needs new ones. */
  readonly bootId: () => number
  /** Steps that find no device on this site, for a person: `timeline[2]: no simulated gauge`. */
  readonly skipped: readonly string[]
  /** The truth of each building that something happens to, for a person to compare with what is measured. */
  readonly buildings: readonly BuildingAnswer[]
  /** It cuts or slows the way from the edge nodes to the broker: they must go through an `UplinkProxy`. */
  readonly needsUplink: boolean
  /** Length of a round [s], and whether there is a second one. */
  readonly duration_s: number
  readonly loop: boolean
}

/** After the last round of a scenario that does not loop: calm for a year. */
const FOR_LONG_S = 365 * 86_400

/** @throws PlumblineError SCENARIO_INVALID with every mistake, RECORDING_INVALID */
export async function applyScenario<S extends SitePart>(
  { file, mistakeAt }: Scenario,
  site: S,
  { loadRecording, seed = file.seed }: ApplyOptions,
): Promise<AppliedScenario<S>> {
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 32 - 1)
    refuseScenario(file.name, [mistakeAt(['seed'], 'a whole number from 0 to 4294967295', seed)])
  const skipped = skippedSteps(file, site)
  if (skipped.length > 0 && skipped.length === file.timeline.length)
    refuseScenario(file.name, [mistakeAt(['timeline'], 'a step for which this site has a device', skipped.join('; '))])
  const names = file.timeline.flatMap((s) => s.play?.recording ?? s.earthquake?.recording ?? [])
  const recordings = new Map(
    await Promise.all([...new Set(names)].map(async (name) => [name, await loadRecording(name)] as const)),
  )
  const { plays, buildings, mistakes } = compose({ file, site, recordings, seed, mistakeAt })
  if (mistakes.length > 0) refuseScenario(file.name, unique(mistakes))
  const changed = playing(site, file)
  const wrong = deviceMistakes(changed, file, plays, mistakeAt)
  if (wrong.length > 0) refuseScenario(file.name, unique(wrong))
  const byName = new Map([...plays].map(([id, play]) => [recordingName(id), play]))
  let boots = 0
  return {
    name: file.name,
    description: file.description,
    seed,
    site: changed,
    loadRecording: async (name) => byName.get(name) ?? (await loadRecording(name)),
    faults: new FaultTimeline(faultEvents(file, site), { ...file, seed }),
    bootId: () => mixed(streamSeed(seed, `boot ${boots++}`)) || 1,
    skipped,
    buildings,
    needsUplink: needsUplink(file),
    duration_s: file.duration_s,
    loop: file.loop,
  }
}

/** Two devices may stumble over the same step for the same reason. */
const unique = (mistakes: readonly Mistake[]): Mistake[] => [
  ...new Map(mistakes.map((m) => [`${m.path} ${m.expected} ${m.got}`, m])).values(),
]

/** The site as the scenario plays it. Devices that cannot play (and real ones) stay as they are. */
function playing<S extends SitePart>(site: S, file: ScenarioFile): S {
  const targets = new Map(targetsOf(site).map((t) => [t.id, t]))
  const changed = structuredClone(site.file)
  for (const node of changed.nodes)
    for (const link of node.links)
      for (const device of link.devices) {
        const target = targets.get(device.id)
        if (target === undefined) continue
        const play = { recording: recordingName(device.id), lead_s: 0, quiet_s: file.loop ? 0 : FOR_LONG_S }
        device.simulated = { time_scale: timeScaleOfTarget(target, { file }), play }
      }
  return { ...site, file: changed }
}

/** Makes every device once and shows it every fault: only the device itself knows what it can play and show. */
function deviceMistakes(
  site: SitePart,
  file: ScenarioFile,
  plays: ReadonlyMap<string, Recording>,
  mistakeAt: Scenario['mistakeAt'],
): Mistake[] {
  const mistakes: Mistake[] = []
  const targets = targetsOf(site)
  for (const target of targets) {
    // When it booted does not matter: nothing is read from it.
    const boot = { id: 1, at: instant(0n) }
    const device = attempt(mistakes, mistakeAt, ['timeline'], () =>
      makeDevice(target, plays.get(target.id)!, boot, target.id),
    )
    if (device === undefined) continue
    for (const [i, step] of file.timeline.entries())
      if (step.fault && targetsOfStep(step, targets).includes(target))
        attempt(mistakes, mistakeAt, ['timeline', i, 'fault'], () => device.setFault(faultOf(step.fault!)))
  }
  return mistakes
}

export function skippedSteps(file: ScenarioFile, site: SitePart): string[] {
  return file.timeline.flatMap((step, i) => {
    const lacking = lackingFor(step, site)
    return lacking === undefined ? [] : [`timeline[${i}]: no simulated ${lacking}`]
  })
}

/** What a site would need for a step that finds nothing there. */
function lackingFor(step: ScenarioStep, site: SitePart): string | undefined {
  const targets = targetsOf(site)
  const unless = (found: readonly unknown[], lacking: string) => (found.length > 0 ? undefined : lacking)
  const named = step.first ?? step.every ?? 'device'
  switch (actionsOf(step)[0]) {
    case 'earthquake':
    case 'damage':
      return unless(targets.filter(isShaken), 'accelerometer')
    case 'flood':
      return unless(gaugesOfFlood(step.flood!, targets), 'gauge')
    case 'wire':
      return unless(linksOfStep(step, site), named)
    case 'uplink':
      return unless(nodesOfStep(step, site), 'node')
    default:
      return unless(targetsOfStep(step, targets), named)
  }
}
