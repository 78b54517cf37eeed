/**
 * The points of a device: one poll reads them all, judges each, adds the rate of rise, and gives one record. When to poll
 * and when a device is offline is `device-poll.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { MEASURES, type ScalarPoint } from '../domain/model.ts'
import { ModbusError, type ModbusReply } from '../domain/ports.ts'
import type { Gap, Reading, Reason } from '../domain/reading.ts'
import { type Instant, instant, NS_PER_MS } from '../domain/time.ts'
import { decodePoint } from './decode.ts'
import { midpoint, type Part, type PartContext, pollPeriod_ms } from './part.ts'
import { badReadings, scalarGap } from './quality.ts'
import { type PlannedRead, planReads } from './read-plan.ts'
import { RiseChannel } from './rise-channel.ts'

type Answer = {
  readonly read: PlannedRead
  readonly words: Uint16Array
  readonly t_ns: Instant
  readonly half_width_ns: bigint
}
type Refusal = { readonly read: PlannedRead; readonly error: ModbusError }
type Outcome = Answer | Refusal

const isAnswer = (outcome: Outcome): outcome is Answer => 'words' in outcome

export class ScalarPart implements Part {
  readonly #context: PartContext
  readonly #device: string
  readonly #plan: readonly PlannedRead[]
  readonly #channels: readonly string[]
  readonly #rise: RiseChannel | undefined
  readonly #period_ns: bigint
  /** Newest good poll, also of before a restart; what lies between it and the next good one is a gap. */
  #lastGood_ns: Instant | undefined
  /** Why polls are missing when the next good one comes. */
  #missing: Reason = 'edge-down'

  constructor(context: PartContext) {
    const { placed, state } = context
    this.#context = context
    this.#device = placed.device.id
    this.#plan = planReads(placed.model)
    this.#period_ns = BigInt(pollPeriod_ms(placed)) * NS_PER_MS
    const points = placed.model.points ?? []
    const { from } = MEASURES.rate_of_rise
    if (placed.model.measures?.includes('rate_of_rise') && points.some((p) => p.metric === from))
      this.#rise = new RiseChannel(context, channelId(this.#device, from))
    this.#channels = [
      ...points.map((p) => channelId(this.#device, p.metric)),
      ...(this.#rise === undefined ? [] : [this.#rise.channel]),
    ]
    const last = state.get(`poll/${this.#device}`) as { t_ns: string } | undefined
    if (last !== undefined) this.#lastGood_ns = instant(BigInt(last.t_ns))
  }

  async poll(alive: () => void): Promise<void> {
    const outcomes = await this.#read()
    const answers = outcomes.filter(isAnswer)
    if (answers.length === 0) throw (outcomes[0] as Refusal).error
    alive()
    this.#record(outcomes, answers)
  }

  failed(error: ModbusError, t_ns: Instant, first: boolean): void {
    if (!first) return
    // The time before this start and the time of the failure are two gaps with two reasons.
    const before = this.#missing === 'edge-down' ? this.#gapTo(t_ns) : []
    if (this.#missing === 'edge-down') this.#lastGood_ns = t_ns
    this.#missing = error.reason
    this.#rise?.lost(error.reason)
    const readings = badReadings(this.#channels, error, t_ns)
    this.#context.recorder.readings(this.#device, { readings, gaps: before })
  }

  /** An exception concerns one request; after a time-out or a closed line the rest of the poll would only wait again. */
  async #read(): Promise<Outcome[]> {
    const { link, clock, placed } = this.#context
    const outcomes: Outcome[] = []
    for (const read of this.#plan) {
      let reply: ModbusReply
      try {
        reply = await link.readRegisters(placed.device.unit_id, read.table, read.address, read.quantity)
      } catch (error) {
        if (!(error instanceof ModbusError)) throw error
        if (!error.reason.startsWith('exception-')) throw error
        outcomes.push({ read, error })
        continue
      }
      outcomes.push({ read, words: reply.registers, ...midpoint(clock, reply) })
    }
    return outcomes
  }

  #record(outcomes: readonly Outcome[], answers: readonly Answer[]): void {
    const { recorder, state, limits } = this.#context
    const readings: Reading[] = outcomes.flatMap((outcome) =>
      outcome.read.points.map((point) => this.#reading(point, outcome, outcomes, answers)),
    )
    const t_ns = answers[0]!.t_ns
    const gaps = this.#gapTo(t_ns)
    const stage = this.#rise && readings.find((r) => r.channel === this.#rise?.source)
    const rise = stage && this.#rise?.next(stage)
    if (rise !== undefined) readings.push(rise)
    recorder.readings(this.#device, gaps.length === 0 ? { readings } : { readings, gaps })
    for (const { channel, value, flag, t_ns } of readings) limits.evaluate(channel, value, flag, t_ns)
    this.#lastGood_ns = t_ns
    // From here on a poll can only be missing because one before it took too long.
    this.#missing = 'timeout'
    state.set(`poll/${this.#device}`, { t_ns: String(t_ns) })
    this.#rise?.save()
  }

  #reading(point: ScalarPoint, outcome: Outcome, outcomes: readonly Outcome[], answers: readonly Answer[]): Reading {
    const channel = channelId(this.#device, point.metric)
    const bad = (error: ModbusError, t_ns: Instant): Reading => badReadings([channel], error, t_ns)[0]!
    if (!isAnswer(outcome)) return bad(outcome.error, answers[0]!.t_ns)
    const refused = point.status && refusalOf(point, outcomes)
    if (refused) return bad(refused.error, outcome.t_ns)
    const { t_ns, half_width_ns } = outcome
    return { channel, ...decodePoint(point, (address) => wordAt(point, address, answers)), t_ns, half_width_ns }
  }

  #gapTo(t_ns: Instant): Gap[] {
    if (this.#lastGood_ns === undefined) return []
    const gap = scalarGap(this.#channels, this.#lastGood_ns, t_ns, this.#period_ns, this.#missing)
    return gap === undefined ? [] : [gap]
  }
}

const holds = (read: PlannedRead, point: ScalarPoint, address: number): boolean =>
  read.table === point.table && address >= read.address && address < read.address + read.quantity

/** A value whose status word could not be read is not to be trusted. */
const refusalOf = (point: ScalarPoint, outcomes: readonly Outcome[]): Refusal | undefined =>
  outcomes.find((o): o is Refusal => !isAnswer(o) && holds(o.read, point, point.status!.address))

function wordAt(point: ScalarPoint, address: number, answers: readonly Answer[]): number {
  const answer = answers.find((a) => holds(a.read, point, address))!
  return answer.words[address - answer.read.address]!
}
