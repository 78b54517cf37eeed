/**
 * The points of a device: one poll reads them all, judges each, adds the rate of rise, and gives one record. When to poll
 * and when a device is offline is `device-poll.ts`.
 */
import { channelId } from '../domain/ids.ts'
import { MEASURES, type ScalarPoint } from '../domain/model.ts'
import { ModbusError } from '../domain/ports.ts'
import type { Gap, Reading, Reason } from '../domain/reading.ts'
import { type Instant, instant, NS_PER_MS } from '../domain/time.ts'
import { type Decode, decoderOf, type RegisterAt } from './decode.ts'
import { type Alive, midpoint, type Part, type PartContext, pointPeriod_ms } from './part.ts'
import { DIVIDE_MAX, PointReads, partsAfter } from './point-reads.ts'
import { badReadings, scalarGap } from './quality.ts'
import { isBitTable } from './raw-value.ts'
import { type PlannedRead, planReads } from './read-plan.ts'
import { RiseChannel } from './rise-channel.ts'

type Answer = {
  readonly read: PlannedRead
  /** Registers, or bits of a bit table. */
  readonly words: Uint16Array | Uint8Array
  readonly t_ns: Instant
  readonly half_width_ns: bigint
}
type Compiled = { readonly point: ScalarPoint; readonly channel: string; readonly decode: Decode }
type Refusal = { readonly read: PlannedRead; readonly error: ModbusError }
type Outcome = Answer | Refusal

const NOTHING = { address: 0, quantity: 0, spans: [] } as const
const IN_A_HOLE = new ModbusError('exception-2', 'the model forbids to read its registers')

/** `broken`: why the rest of the poll was not asked. */
type Round = {
  readonly outcomes: readonly Outcome[]
  /** Reads of the plan, each with the parts that it was asked in at last. */
  readonly asked: ReadonlyMap<PlannedRead, readonly PlannedRead[]>
  readonly broken: ModbusError | undefined
}

const isAnswer = (outcome: Outcome): outcome is Answer => 'words' in outcome

export class ScalarPart implements Part {
  readonly #context: PartContext
  readonly #device: string
  readonly #reads: PointReads
  readonly #points: ReadonlyMap<ScalarPoint, Compiled>
  /** The points of a read, looked up once: the same reads are asked poll after poll. */
  readonly #pointsOfRead = new WeakMap<PlannedRead, readonly Compiled[]>()
  readonly #stateKey: string
  readonly #channels: readonly string[]
  readonly #rise: RiseChannel | undefined
  readonly period_ms: number
  readonly #period_ns: bigint
  /** Newest good poll, also of before a restart; what lies between it and the next good one is a gap. */
  #lastGood_ns: Instant | undefined
  /** Why polls are missing when the next good one comes. */
  #missing: Reason = 'edge-down'
  /** Why the newest poll gave only a part. */
  #partial: ModbusError | undefined
  /** The failure that goes on was told. */
  #toldBad = false
  /** Points in a hole of the model: no request may touch them. */
  readonly #unreadable: readonly Refusal[]

  constructor(context: PartContext) {
    const { placed, state } = context
    this.#context = context
    this.#device = placed.device.id
    const plan = planReads(placed.model)
    this.#reads = new PointReads(plan)
    this.period_ms = pointPeriod_ms(placed)
    this.#period_ns = BigInt(this.period_ms) * NS_PER_MS
    const points = placed.model.points ?? []
    this.#unreadable = points
      .filter((point) => !plan.some((read) => read.points.includes(point)))
      .map((point) => ({ read: { ...NOTHING, table: point.table, points: [point] }, error: IN_A_HOLE }))
    this.#points = new Map(
      points.map((point) => [
        point,
        { point, channel: channelId(this.#device, point.metric), decode: decoderOf(point) },
      ]),
    )
    this.#stateKey = `poll/${this.#device}`
    const { from } = MEASURES.rate_of_rise
    if (placed.model.measures?.includes('rate_of_rise') && points.some((p) => p.metric === from))
      this.#rise = new RiseChannel(context, channelId(this.#device, from))
    this.#channels = [
      ...points.map((p) => channelId(this.#device, p.metric)),
      ...(this.#rise === undefined ? [] : [this.#rise.channel]),
    ]
    const last = state.get(this.#stateKey) as { t_ns: string } | undefined
    if (last !== undefined) this.#lastGood_ns = instant(BigInt(last.t_ns))
  }

  async poll(alive: Alive): Promise<void> {
    const { outcomes, asked, broken } = await this.#read()
    const answers = outcomes.filter(isAnswer)
    if (answers.length === 0) throw broken ?? this.#refusals(outcomes)[0]!.error
    const life = alive()
    if (life !== undefined) await life
    // What is left out from now on is already among the outcomes of this poll.
    const unasked = [...this.#reads.leftOut, ...this.#unreadable]
    this.#learn(asked, outcomes)
    this.#record([...outcomes, ...unasked], answers)
    this.#partial = broken
    this.#toldBad = false
    if (broken !== undefined) throw broken
  }

  get refusedPoints(): number {
    return this.#reads.refusedPoints
  }

  failed(error: ModbusError, t_ns: Instant): void {
    // What is missing of a poll that gave a part was told with it.
    if (this.#toldBad || error === this.#partial) return
    this.#toldBad = true
    // The time before this start and the time of the failure are two gaps with two reasons.
    const before = this.#missing === 'edge-down' ? this.#gapTo(t_ns) : []
    if (this.#missing === 'edge-down') this.#lastGood_ns = t_ns
    this.#missing = error.reason
    this.#rise?.lost(error.reason)
    const readings = badReadings(this.#channels, error, t_ns)
    this.#context.recorder.readings(this.#device, { readings, gaps: before })
  }

  /**
   * An exception concerns one request; after a time-out or a closed line the rest of the poll would only wait again: it
   * counts as refused for the same reason, and what had come before is kept.
   */
  async #read(): Promise<Round> {
    const outcomes: Outcome[] = []
    const asked = new Map<PlannedRead, PlannedRead[]>()
    let divided = 0
    let broken: ModbusError | undefined
    for (const read of this.#reads.due(() => this.#context.clock.now())) {
      const parts: PlannedRead[] = []
      asked.set(read, parts)
      for (const todo = [read]; todo.length > 0; ) {
        const part = todo.shift()!
        const outcome = broken === undefined ? await this.#ask(part) : { read: part, error: broken }
        if (!isAnswer(outcome)) {
          const { error } = outcome
          if (!error.reason.startsWith('exception-')) broken ??= error
          const halves = divided < DIVIDE_MAX ? partsAfter(part, error) : undefined
          divided += halves?.length ?? 0
          todo.unshift(...(halves ?? []))
          if (halves !== undefined) continue
        }
        outcomes.push(outcome)
        parts.push(part)
      }
    }
    return { outcomes, asked, broken }
  }

  async #ask(read: PlannedRead): Promise<Outcome> {
    const { link, clock, placed } = this.#context
    const { table, address, quantity } = read
    const { unit_id } = placed.device
    try {
      if (isBitTable(table)) {
        const reply = await link.readBits(unit_id, table, address, quantity)
        return { read, words: reply.bits, ...midpoint(clock, reply) }
      }
      const reply = await link.readRegisters(unit_id, table, address, quantity)
      return { read, words: reply.registers, ...midpoint(clock, reply) }
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error
      return { read, error }
    }
  }

  #refusals(outcomes: readonly Outcome[]): readonly { readonly error: ModbusError }[] {
    return [...outcomes.filter((o): o is Refusal => !isAnswer(o)), ...this.#reads.leftOut, ...this.#unreadable]
  }

  #learn(asked: Round['asked'], outcomes: readonly Outcome[]): void {
    const refused = outcomes.filter((o): o is Refusal => !isAnswer(o))
    // Nothing was refused and nothing divided.
    if (refused.length === 0 && asked.size === outcomes.length) return
    for (const { read, error } of this.#reads.learn(asked, refused, this.#context.clock.now()))
      this.#context.log.warn('the device refuses a part of its model', {
        reason: error.reason,
        table: read.table,
        address: read.address,
        quantity: read.quantity,
        metrics: read.points.map((p) => p.metric),
      })
  }

  #record(outcomes: readonly Outcome[], answers: readonly Answer[]): void {
    const { recorder, state, limits } = this.#context
    const raw: Reading[] = []
    for (const outcome of outcomes) {
      const at = registersOf(outcome, answers)
      for (const point of this.#pointsOf(outcome.read)) raw.push(this.#reading(point, outcome, at, outcomes, answers))
    }
    const readings = limits.judge(raw)
    const t_ns = answers[0]!.t_ns
    const gaps = this.#gapTo(t_ns)
    const stage = this.#rise && readings.find((r) => r.channel === this.#rise?.source)
    const rise = stage && this.#rise?.next(stage)
    if (rise !== undefined) readings.push(...limits.judge([rise]))
    recorder.readings(this.#device, gaps.length === 0 ? { readings } : { readings, gaps })
    for (const { channel, value, flag, t_ns } of readings) limits.evaluate(channel, value, flag, t_ns)
    this.#lastGood_ns = t_ns
    // From here on a poll can only be missing because one before it took too long.
    this.#missing = 'timeout'
    state.set(this.#stateKey, { t_ns: String(t_ns) })
    this.#rise?.save()
  }

  #pointsOf(read: PlannedRead): readonly Compiled[] {
    const known = this.#pointsOfRead.get(read)
    if (known !== undefined) return known
    const points = read.points.map((point) => this.#points.get(point)!)
    this.#pointsOfRead.set(read, points)
    return points
  }

  #reading(
    { point, channel, decode }: Compiled,
    outcome: Outcome,
    at: RegisterAt,
    outcomes: readonly Outcome[],
    answers: readonly Answer[],
  ): Reading {
    if (!isAnswer(outcome)) return badReadings([channel], outcome.error, answers[0]!.t_ns)[0]!
    const refused = refusalOf(point, outcomes)
    if (refused) return badReadings([channel], refused.error, outcome.t_ns)[0]!
    const { t_ns, half_width_ns } = outcome
    const decoded = decode(at)
    if (decoded.reason !== undefined) return { channel, ...decoded, t_ns, half_width_ns }
    return { channel, value: decoded.value, t_ns, half_width_ns, flag: decoded.flag }
  }

  #gapTo(t_ns: Instant): Gap[] {
    if (this.#lastGood_ns === undefined) return []
    const gap = scalarGap(this.#channels, this.#lastGood_ns, t_ns, this.#period_ns, this.#missing)
    return gap === undefined ? [] : [gap]
  }
}

const holds = (read: PlannedRead, table: ScalarPoint['table'], address: number): boolean =>
  read.table === table && address >= read.address && address < read.address + read.quantity

/** A value whose status word or unit could not be read is not to be trusted. */
function refusalOf({ table, status, unit_register }: ScalarPoint, outcomes: readonly Outcome[]): Refusal | undefined {
  if (status === undefined && unit_register === undefined) return undefined
  for (const word of [status, unit_register]) {
    if (word === undefined) continue
    const held = outcomes.filter((o) => holds(o.read, table, word.address))
    if (!held.some(isAnswer))
      return (held[0] as Refusal | undefined) ?? { read: { ...NOTHING, table, points: [] }, error: IN_A_HOLE }
  }
  return undefined
}

/** Nearly every register that a point needs is in the read that holds its value; a typed array has nothing beyond its ends. */
const registersOf = (outcome: Outcome, answers: readonly Answer[]): RegisterAt => {
  if (!isAnswer(outcome)) return (address) => wordAt(outcome.read, address, answers)
  const { read, words } = outcome
  const first = read.address
  return (address) => words[address - first] ?? wordAt(read, address, answers)
}

/** Points of one read, with their status words and units, are all of its table. */
function wordAt({ table }: PlannedRead, address: number, answers: readonly Answer[]): number {
  for (const { read, words } of answers) if (holds(read, table, address)) return words[address - read.address]!
  throw new RangeError(`${table} ${address} was not read`)
}
