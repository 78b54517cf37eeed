/**
 * When a local output is on: causes, its mode, the longest time, silencing. Pure; writing it to a device is `drive.ts`, what a
 * limit is `../condition.ts`. Instants are the node's own: an output sounds in real time, whatever time a device plays in.
 */
import type { SiteOutput } from '../../domain/site-limit.ts'
import { type Instant, instant, secondsToNs } from '../../domain/time.ts'

export type OutputState = {
  /** On since; null = off. */
  readonly since_ns: Instant | null
  /** Causes that have been answered: each occurrence of a limit, or absence of the desk, sounds once. */
  readonly causes: readonly string[]
  /** Silenced, and its causes are still those. */
  readonly silenced: boolean
}
export const OFF: OutputState = { since_ns: null, causes: [], silenced: false }

export type OutputRule = {
  readonly id: string
  readonly mode: 'pulse' | 'hold' | 'until_acknowledged'
  /** Longest time on for one cause. */
  readonly max_ns: bigint
}

export const ruleOf = (output: SiteOutput): OutputRule => ({
  id: output.id,
  mode: output.pulse_s !== undefined ? 'pulse' : output.until_acknowledged === true ? 'until_acknowledged' : 'hold',
  max_ns: secondsToNs(Math.min(output.pulse_s ?? output.max_s, output.max_s)),
})

/**
 * @param causes names of what asks for the output now; a new name sounds anew, also after it was silenced
 * @param silence somebody acknowledged since the last step
 */
export function stepOutput(
  rule: OutputRule,
  state: OutputState,
  now: Instant,
  causes: readonly string[],
  silence: boolean,
): OutputState {
  const fresh = causes.some((cause) => !state.causes.includes(cause))
  // A clock that was set back must not lengthen the sounding.
  let since_ns = fresh ? now : state.since_ns !== null && state.since_ns > now ? now : state.since_ns
  let silenced = state.silenced && !fresh && causes.length > 0
  if (silence && since_ns !== null) {
    since_ns = null
    silenced = true
  }
  if (since_ns !== null && now - since_ns >= rule.max_ns) since_ns = null
  if (rule.mode === 'hold' && causes.length === 0) since_ns = null
  return { since_ns, causes, silenced }
}

/** Instant at which time alone changes the output; `undefined` where none does. */
export const endOf = (rule: OutputRule, state: OutputState): Instant | undefined =>
  state.since_ns === null ? undefined : instant(state.since_ns + rule.max_ns)

/** A limit as an output sees it. */
export type Cause = { readonly raised: boolean; readonly exercise: boolean; readonly occurrence: number }
export type CauseContext = {
  readonly stateOf: (limitId: string) => Cause | undefined
  /** Since when the desk has been away; null = it is there. */
  readonly deskOfflineSince: Instant | null
  readonly now: Instant
  /** The driven device is simulated: only such a one may be driven by an exercise. */
  readonly simulated: boolean
}

/** Names of the causes that hold now. Real outputs stay off in exercises, whatever the site file says. */
export function causesOf(when: SiteOutput['when'], context: CauseContext): string[] {
  const { stateOf, deskOfflineSince, now, simulated } = context
  const key = (id: string): string | undefined => {
    const limit = stateOf(id)
    return limit?.raised && (simulated || !limit.exercise) ? `${id}#${limit.occurrence}` : undefined
  }
  const present = (keys: ReadonlyArray<string | undefined>) => keys.filter((k): k is string => k !== undefined)
  const all = (when.all ?? []).map(key)
  const away =
    when.desk_offline_s !== undefined &&
    deskOfflineSince !== null &&
    now - deskOfflineSince >= secondsToNs(when.desk_offline_s)
  return [
    ...present((when.any ?? []).map(key)),
    ...(all.length > 0 && all.every((k) => k !== undefined) ? [`all:${present(all).join('+')}`] : []),
    ...(away ? [`desk#${deskOfflineSince}`] : []),
  ]
}

export type SavedOutput = {
  readonly since_ns: string | null
  readonly causes: readonly string[]
  readonly silenced: boolean
}
export const saveOutput = ({ since_ns, causes, silenced }: OutputState): SavedOutput => ({
  since_ns: since_ns === null ? null : String(since_ns),
  causes,
  silenced,
})
export const restoreOutput = (saved: unknown): OutputState => {
  const { since_ns, causes, silenced } = (saved as SavedOutput | undefined) ?? saveOutput(OFF)
  return { since_ns: since_ns === null ? null : instant(BigInt(since_ns)), causes, silenced }
}
