/**
 * The limits of a node, by channel: every good or suspect sample goes through its condition, every transition to the
 * recorder. What a condition is, is `condition.ts`; the state survives restarts by the recorder's last record of each limit.
 */
import { devicesOf, limitsOfNode, type Site, timeScaleOf } from '../domain/channel.ts'
import { splitChannel } from '../domain/ids.ts'
import type { Log } from '../domain/ports.ts'
import type { Flag } from '../domain/reading.ts'
import type { SiteNode } from '../domain/site.ts'
import { type Instant, instant } from '../domain/time.ts'
import { type Condition, type ConditionState, conditionOf, evaluate, isQuiet, stateOf } from './condition.ts'
import type { EdgeState, Recorder } from './ports.ts'

type Shell = { readonly recorder: Recorder; readonly state: EdgeState; readonly log: Log }
/** What of a state no record tells: the peak since, and a delay that is running. */
type Saved = { occurrence: number; raised: boolean; peak: number | null; since_ns: string | null }

export class WatchedLimit {
  readonly #condition: Condition
  readonly #shell: Shell
  #state: ConditionState
  #saved: ConditionState
  /** Instant of the last transition from before this start: samples up to it were evaluated then. */
  readonly told_ns: Instant | undefined

  constructor(condition: Condition, shell: Shell) {
    this.#condition = condition
    this.#shell = shell
    const last = shell.recorder.lastCondition(condition.limit.id)
    this.told_ns = last?.at_ns
    this.#state = this.#restore(stateOf(last, shell.recorder.cleanStart))
    this.#saved = this.#state
  }

  get raised(): boolean {
    return this.#state.raised
  }

  /** True where `value` cannot change anything, at whatever instant. */
  quiet(value: number): boolean {
    return isQuiet(this.#condition, this.#state, value)
  }

  evaluate(value: number, flag: Flag, t_ns: Instant): void {
    const { state, records } = evaluate(this.#condition, this.#state, { value, flag, t_ns })
    this.#state = state
    for (const record of records) {
      this.#shell.recorder.condition(record)
      const { limit_id, occurrence, value, limit, unit } = record
      const tell = record.state ? this.#shell.log.warn : this.#shell.log.info
      tell(record.state ? 'limit crossed' : 'limit returned', {
        limit_id,
        occurrence,
        value,
        limit,
        unit,
      })
    }
  }

  /** Once a poll: keeps what no record tells. */
  save(): void {
    if (this.#state === this.#saved) return
    this.#saved = this.#state
    const { occurrence, raised, peak, since_ns } = this.#state
    const saved: Saved = { occurrence, raised, peak, since_ns: since_ns === null ? null : String(since_ns) }
    this.#shell.state.set(`limit/${this.#condition.limit.id}`, saved)
  }

  #restore(state: ConditionState): ConditionState {
    const saved = this.#shell.state.get(`limit/${this.#condition.limit.id}`) as Saved | undefined
    if (saved === undefined || saved.occurrence !== state.occurrence || saved.raised !== state.raised) return state
    return { ...state, peak: saved.peak, since_ns: saved.since_ns === null ? null : instant(BigInt(saved.since_ns)) }
  }
}

export class LimitWatch {
  readonly #byChannel = new Map<string, WatchedLimit[]>()

  constructor(site: Site, node: SiteNode, shell: Shell) {
    const devices = new Map(devicesOf(site).map(({ device }) => [device.id, device]))
    for (const limit of limitsOfNode(site, node)) {
      const device = devices.get(splitChannel(limit.channel).device)
      if (device === undefined) continue
      const condition = conditionOf(limit, device.simulated !== undefined, timeScaleOf(device))
      const watched = new WatchedLimit(condition, shell)
      this.#byChannel.set(limit.channel, [...(this.#byChannel.get(limit.channel) ?? []), watched])
    }
  }

  /** Limits on a channel; the same list every time. */
  on(channel: string): readonly WatchedLimit[] {
    return this.#byChannel.get(channel) ?? NONE
  }

  evaluate(channel: string, value: number | null, flag: Flag, t_ns: Instant): void {
    if (value === null) return
    for (const limit of this.on(channel)) {
      limit.evaluate(value, flag, t_ns)
      limit.save()
    }
  }
}

const NONE: readonly WatchedLimit[] = []
