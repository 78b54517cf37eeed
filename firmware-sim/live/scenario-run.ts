/**
 * A scenario in a site that runs: read and composed first, then started in one step. What plays in which device is left to
 * `plays.ts`, shadows of real devices to `shadows.ts`.
 */
import { type PlacedDevice, type Site, timeScaleOf } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import type { ScenarioRequest, ScenarioStatus } from '../../domain/simulator-control.ts'
import type { Instant } from '../../domain/time.ts'
import { RECORDING_NAMES } from '../../recordings/load.ts'
import type { Recording } from '../../recordings/recording.ts'
import { type AppliedScenario, applyScenario } from '../scenario/apply.ts'
import { recordingName } from '../scenario/compose.ts'
import { loadScenario, readScenario, type Scenario } from '../scenario/load.ts'
import { targetsOf } from '../scenario/targets.ts'
import { type Player, type PlayPart, programOf } from './player.ts'

type SitePart = Pick<Site, 'file' | 'models'>
/** What each device of the site would play, and what would happen to it. */
export type ReadyScenario = {
  readonly applied: AppliedScenario<SitePart>
  /** Every device that takes part, as the scenario's site has it. */
  readonly roles: ReadonlyArray<{ readonly placed: PlacedDevice; readonly recording: Recording }>
}

/** @throws PlumblineError SCENARIO_INVALID, RECORDING_INVALID */
export async function readyScenario(
  request: ScenarioRequest,
  site: SitePart,
  loadRecording: (name: string) => Promise<Recording>,
): Promise<ReadyScenario> {
  try {
    const scenario = await scenarioOf(request, site)
    const { seed } = request
    const applied = await applyScenario(scenario, site, { loadRecording, ...(seed !== undefined && { seed }) })
    if (applied.needsUplink)
      refuse(
        'uplink: expected a scenario that cuts no uplink: edge and simulator may be two processes here, got one that does',
      )
    const roles = targetsOf(applied.site).map(async (placed) => ({
      placed,
      recording: await applied.loadRecording(recordingName(placed.id)),
    }))
    return { applied, roles: await Promise.all(roles) }
  } catch (error) {
    throw asScenarioError(error)
  }
}

/** A name never becomes a path: whoever may call need not be who may read this machine's files. */
async function scenarioOf(request: ScenarioRequest, site: SitePart): Promise<Scenario> {
  if (typeof request !== 'object' || request === null) refuse('scenario: expected an object')
  const { name, text } = request
  if ((name === undefined) === (text === undefined)) refuse('scenario: expected name or text')
  if (text !== undefined) {
    if (typeof text !== 'string') refuse('scenario: expected text')
    return readScenario(text, 'scenario.yaml', site, RECORDING_NAMES)
  }
  if (typeof name !== 'string' || !isId(name)) refuse(`scenario: expected the name of one, got ${JSON.stringify(name)}`)
  return loadScenario(name, site)
}

/** What a site or a call may have wrong is, here, the scenario's mistake. */
export function asScenarioError(error: unknown): unknown {
  if (!(error instanceof PlumblineError) || (error.code !== 'USAGE' && error.code !== 'SITE_INVALID')) return error
  return new PlumblineError('SCENARIO_INVALID', error.message.slice(error.code.length + 2), { cause: error })
}

function refuse(detail: string): never {
  throw new PlumblineError('SCENARIO_INVALID', detail)
}

/** Programs for the devices that already run, each on its own clock from `at` on. */
export function partsOf(
  { applied, roles }: ReadyScenario,
  playerOf: (id: string) => Player | undefined,
  at: Instant,
): { readonly parts: readonly PlayPart[]; readonly notes: readonly string[] } {
  const notes: string[] = []
  const parts = roles.flatMap(({ placed, recording }) => {
    const player = playerOf(placed.device.id)
    if (player === undefined) return []
    const meant = timeScaleOf(placed.device)
    if (recording.kind === 'series' && player.time_scale !== meant)
      notes.push(
        `${placed.device.id} keeps its own time scale ${player.time_scale}, not the scenario's ${meant}: a round takes ${Math.round((applied.duration_s * meant) / player.time_scale)} s there`,
      )
    return [programOf(player, recording, { loop: applied.loop }, at)]
  })
  return { parts, notes }
}

export function scenarioStatus(
  { applied, notes }: { applied: ScenarioAbout; notes: readonly string[] },
  since_s: number,
): ScenarioStatus {
  const { name, description, seed, duration_s, loop, skipped } = applied
  return {
    name,
    description,
    seed,
    duration_s,
    loop,
    skipped,
    position_s: loop ? since_s % duration_s : Math.min(since_s, duration_s),
    round: loop ? Math.floor(since_s / duration_s) : 0,
    ...(notes.length > 0 && { notes }),
  }
}
export type ScenarioAbout = Pick<
  AppliedScenario<SitePart>,
  'name' | 'description' | 'seed' | 'duration_s' | 'loop' | 'skipped'
>
