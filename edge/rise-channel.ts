/**
 * The channel `rate_of_rise` of a gauge: feeds the measure with good stages in device time, and keeps enough of its history
 * that a restart in a rising flood is not blind for a quarter of an hour.
 */
import { channelId } from '../domain/ids.ts'
import { GOOD, NOT_EVALUATED, type Reading, type Reason } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import { RateOfRise, RISE_WINDOW_S } from '../measures/rate-of-rise.ts'
import { type PartContext, pointPeriod_ms, timeScale } from './part.ts'

/** History that survives a restart: values this far apart in device time, so at most about 70. */
const SAVED_SPACING_S = RISE_WINDOW_S / 60
const SAVED_BACK_S = RISE_WINDOW_S * 1.2

type Saved = { readonly t_ns: readonly string[]; readonly stage_m: readonly number[] }

export class RiseChannel {
  readonly channel: string
  readonly source: string
  readonly #context: PartContext
  readonly #key: string
  readonly #scale: number
  readonly #measure: RateOfRise
  /** Device time is counted from here. */
  #origin_ns: Instant | undefined
  #saved_s = Number.NEGATIVE_INFINITY
  /** Why there is no history, and whether that has been said. */
  #lost: Reason = 'edge-down'
  #said = false

  constructor(context: PartContext, source: string) {
    const { placed, state } = context
    this.#context = context
    this.source = source
    this.channel = channelId(placed.device.id, 'rate_of_rise')
    this.#key = `rise/${placed.device.id}`
    this.#scale = timeScale(context)
    this.#measure = new RateOfRise((pointPeriod_ms(placed) / 1000) * this.#scale)
    const saved = state.get(this.#key) as Saved | undefined
    saved?.t_ns.forEach((t_ns, i) => {
      this.#measure.push(this.#deviceTime(instant(BigInt(t_ns))), saved.stage_m[i]!)
    })
  }

  /**
   * Reading that goes with a reading of the stage. Without a good stage it is as bad as the stage is; without a window of
   * history it is said once that there is none, with the reason, and then nothing until there is.
   */
  next(stage: Reading): Reading | undefined {
    const { t_ns, half_width_ns } = stage
    const { channel } = this
    if (stage.flag !== GOOD || stage.value === null) {
      const { flag, reason } = stage
      return { channel, value: null, t_ns, half_width_ns, flag, reason, detail: 'no good stage' }
    }
    const rate = this.#measure.push(this.#deviceTime(t_ns), stage.value)
    if (rate !== null) {
      this.#said = false
      return { channel, value: rate, t_ns, half_width_ns, flag: GOOD }
    }
    if (this.#said) return undefined
    this.#said = true
    const detail = `no stage of ${RISE_WINDOW_S / 60} min before yet`
    return { channel, value: null, t_ns, half_width_ns, flag: NOT_EVALUATED, reason: this.#lost, detail }
  }

  /** The device does not answer; if it stays so for long, that is why there is no history afterwards. */
  lost(reason: Reason): void {
    this.#lost = reason
  }

  save(): void {
    const { history } = this.#measure
    const last = history.at(-1)
    if (last === undefined || this.#origin_ns === undefined || last.t_s - this.#saved_s < SAVED_SPACING_S) return
    this.#saved_s = last.t_s
    const t_ns: string[] = []
    const stage_m: number[] = []
    let newer_s = Number.POSITIVE_INFINITY
    for (let i = history.length - 1; i >= 0 && last.t_s - history[i]!.t_s <= SAVED_BACK_S; i--) {
      const at = history[i]!
      if (newer_s - at.t_s < SAVED_SPACING_S) continue
      newer_s = at.t_s
      t_ns.unshift(String(this.#origin_ns + BigInt(Math.round((at.t_s / this.#scale) * 1e9))))
      stage_m.unshift(at.stage_m)
    }
    this.#context.state.set(this.#key, { t_ns, stage_m } satisfies Saved)
  }

  #deviceTime(t_ns: Instant): number {
    this.#origin_ns ??= t_ns
    return (Number(t_ns - this.#origin_ns) / 1e9) * this.#scale
  }
}
