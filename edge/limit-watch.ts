/**
 * The limits of a node, by channel: every good or suspect sample goes through its condition, every transition to the
 * recorder. What a condition is, is `condition.ts`; quantities made of values are `judging/signal.ts`; one limit with what
 * survives of it is `judging/watched-limit.ts`. Time alone can decide too: `tick` is called every second.
 */
import { devicesOf, limitsOfNode, type PlacedDevice, type Site, timeScaleOf } from '../domain/channel.ts'
import { type ConditionRecord, kindOfLimit, type Limit } from '../domain/condition.ts'
import { shadowId, splitShadow } from '../domain/drill.ts'
import { splitChannel } from '../domain/ids.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import type { SiteNode } from '../domain/site.ts'
import { type Instant, NS_PER_S, secondsToNs } from '../domain/time.ts'
import { conditionOf } from './condition.ts'
import { QualityWatch } from './judging/quality-watch.ts'
import { SIGNAL_KINDS, type Signal, signalOf } from './judging/signal.ts'
import { Vote } from './judging/vote.ts'
import { type LimitShell, WatchedLimit } from './judging/watched-limit.ts'
import { channelPeriod_ms } from './part.ts'

export { WatchedLimit } from './judging/watched-limit.ts'

/** How often `tick` is called [ms]. */
export const TICK_MS = 1000
/** After so many missed polls nothing is known of a channel, as `device-poll.ts` counts a device as offline. */
const SILENT_PERIODS = 3n

type Derived = { readonly limit: WatchedLimit; readonly signal: Signal; readonly scale: number; readonly key: string }
type Listener = (record: ConditionRecord) => void

export class LimitWatch {
  readonly #shell: LimitShell
  readonly #quality: QualityWatch
  readonly #all = new Map<string, WatchedLimit>()
  readonly #byChannel = new Map<string, WatchedLimit[]>()
  readonly #derived = new Map<string, Derived[]>()
  readonly #votes: Vote[] = []
  readonly #listeners: Listener[] = []
  /** What was last set of each signal, as JSON. */
  readonly #kept = new Map<string, string>()

  constructor(site: Site, node: SiteNode, shell: LimitShell) {
    this.#shell = shell
    this.#quality = new QualityWatch(site, node, shell.state)
    const devices = new Map(devicesOf(site).map((placed) => [placed.device.id, placed]))
    const mine = limitsOfNode(site, node)
    const ids = new Set(mine.map((limit) => limit.id))
    for (const limit of mine) {
      const placed = devices.get(splitChannel(limit.channel).device)
      if (placed !== undefined) this.#add(shadowParameters(limit, devices, ids), placed, devices)
    }
    for (const vote of this.#votes) vote.restore((id) => shell.recorder.lastCondition(id))
  }

  #add(limit: Limit, placed: PlacedDevice, devices: ReadonlyMap<string, PlacedDevice>): void {
    const kind = kindOfLimit(limit)
    if (kind === 'output_failed' || kind === 'silenced' || kind === 'records_lost') return
    const { device, model } = placed
    const scale = timeScaleOf(device)
    const condition = conditionOf(limit, device.simulated !== undefined, scale)
    const period_ms = periodOf_ms(limit, placed, devices)
    const period_ns = BigInt(Math.max(period_ms, TICK_MS)) * 1_000_000n
    // Samples of a ring arrive late and in batches: only they decide, never the clock before them.
    const polled = (model.points ?? []).some((p) => p.metric === splitChannel(limit.channel).metric)
    const timing = { silent_ns: SILENT_PERIODS * period_ns, ...(polled && { period_ns }) }
    const watched = new WatchedLimit(condition, this.#shell, timing, (record) => this.#told(record))
    this.#all.set(limit.id, watched)
    if (kind === 'k_of_n') {
      const within_ns = secondsToNs((limit.parameters?.within_s ?? 0) / scale)
      this.#votes.push(new Vote(watched, limit.parameters?.limits ?? [], within_ns))
    } else if (SIGNAL_KINDS.includes(kind)) {
      const key = `signal/${limit.id}`
      const signal = signalOf(limit, {
        period_s: (period_ms / 1000) * scale,
        scale,
        saved: this.#shell.state.get(key),
      })!
      for (const channel of new Set([limit.channel, limit.parameters?.channel ?? limit.channel]))
        push(this.#derived, channel, { limit: watched, signal, scale, key })
    } else if (kind === 'above' || kind === 'below' || kind === 'outside') push(this.#byChannel, limit.channel, watched)
    else this.#shell.log.error('this version cannot judge a limit of this kind', { limit_id: limit.id, kind })
  }

  /** Limits on the value of a channel, for whoever has every sample of it; the same list every time. */
  on(channel: string): readonly WatchedLimit[] {
    return this.#byChannel.get(channel) ?? NONE
  }

  /** Flags of the quality tests: before readings are recorded, used or evaluated. */
  judge(readings: readonly Reading[]): Reading[] {
    return this.#quality.judge(readings)
  }

  /** A reading, also one without a value. */
  evaluate(channel: string, value: number | null, flag: Flag, t_ns: Instant): void {
    if (value !== null)
      for (const limit of this.on(channel)) {
        limit.evaluate(value, flag, t_ns)
        limit.save()
      }
    this.observe(channel, value, flag, t_ns)
  }

  /** A reading of a channel whose samples were evaluated one by one through `on`. */
  observe(channel: string, value: number | null, flag: Flag, t_ns: Instant): void {
    for (const { limit, signal, scale } of this.#derived.get(channel) ?? NO_SIGNALS) {
      const judged = signal.push({ channel, value, flag, t_s: deviceSeconds(t_ns, scale) })
      if (judged !== null) limit.judge(judged.value, judged.flag, t_ns)
      limit.save()
    }
  }

  /** Whether time alone can decide anything here; without it `tick` has nothing to do. */
  get timed(): boolean {
    return this.#derived.size > 0 || this.#votes.length > 0 || [...this.#all.values()].some((limit) => limit.delayed)
  }

  /** Every `TICK_MS`: delays end, ages grow, votes lapse, whether data come or not. */
  tick(now: Instant): void {
    for (const limit of this.#all.values()) {
      limit.tick(now)
      limit.save()
    }
    const done = new Set<Signal>()
    for (const list of this.#derived.values())
      for (const { limit, signal, scale, key } of list) {
        if (done.has(signal)) continue
        done.add(signal)
        const judged = signal.at?.(deviceSeconds(now, scale)) ?? null
        if (judged !== null) limit.judge(judged.value, judged.flag, now)
        limit.save()
        if (signal.saved !== undefined) this.#keep(key, signal.saved())
      }
    for (const vote of this.#votes) vote.tick(now)
  }

  /** Every set costs a durable write of the state: what has not changed is not set again each second. */
  #keep(key: string, saved: unknown): void {
    const text = JSON.stringify(saved)
    if (this.#kept.get(key) === text) return
    this.#kept.set(key, text)
    this.#shell.state.set(key, saved)
  }

  /** Whether a limit is true now, and whether as an exercise; `undefined` for one that this node does not judge. */
  stateOf(
    limitId: string,
  ): { readonly raised: boolean; readonly exercise: boolean; readonly occurrence: number } | undefined {
    return this.#all.get(limitId)
  }

  /** Called with every transition, after it was given to the recorder. */
  onTransition(listener: Listener): void {
    this.#listeners.push(listener)
  }

  #told(record: ConditionRecord): void {
    for (const vote of this.#votes) vote.changed(record)
    for (const listener of this.#listeners) listener(record)
  }
}

const NONE: readonly WatchedLimit[] = []
const NO_SIGNALS: readonly Derived[] = []

const deviceSeconds = (t_ns: Instant, scale: number): number => (Number(t_ns) / Number(NS_PER_S)) * scale

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [item])
  else list.push(item)
}

function periodOf_ms(limit: Limit, placed: PlacedDevice, devices: ReadonlyMap<string, PlacedDevice>): number {
  const own_ms = channelPeriod_ms(placed, splitChannel(limit.channel).metric)
  const { channel } = limit.parameters ?? {}
  if (channel === undefined) return own_ms
  const { device, metric } = splitChannel(channel)
  const second = devices.get(device)
  return second === undefined ? own_ms : Math.max(own_ms, channelPeriod_ms(second, metric))
}

/** A limit of a drill looks at the shadows of what the real one looks at, where there are any. */
function shadowParameters(limit: Limit, devices: ReadonlyMap<string, unknown>, ids: ReadonlySet<string>): Limit {
  const shadow = splitShadow(limit.id)
  if (shadow === undefined || limit.parameters === undefined) return limit
  const { channel, limits } = limit.parameters
  const channelOf = (id: string) => {
    const other = shadowId(shadow.drill, id)
    return devices.has(splitChannel(other).device) ? other : id
  }
  const limitOf = (id: string) => (ids.has(shadowId(shadow.drill, id)) ? shadowId(shadow.drill, id) : id)
  return {
    ...limit,
    parameters: {
      ...limit.parameters,
      ...(channel !== undefined && { channel: channelOf(channel) }),
      ...(limits !== undefined && { limits: limits.map(limitOf) }),
    },
  }
}
