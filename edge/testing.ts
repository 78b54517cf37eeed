/**
 * For tests only: a bus of in-memory devices on a simulated clock, and a recorder that remembers. A gauge holds what it is
 * told; a ring samples by its own crystal and forgets what is older than its depth.
 */
import type { Site } from '../domain/channel.ts'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import type { Model, Ring } from '../domain/model.ts'
import { type Clock, type ModbusBits, ModbusError, type ModbusLink, type ModbusReply } from '../domain/ports.ts'
import type { Block, Gap, Reading, Reason } from '../domain/reading.ts'
import type { SiteDevice, SiteLink, SiteNode } from '../domain/site.ts'
import { type Instant, monotonic } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { Acquisition } from './acquisition.ts'
import type { DeviceLife, EdgeState, Recorder } from './ports.ts'

/** A device answers with the words at an address at an instant, or refuses by throwing a `ModbusError`. */
export interface FakeDevice {
  word(table: 'holding' | 'input', address: number, at: Instant): number
  /** Default: what was written there, 0 at first. */
  bit?(table: 'coil' | 'discrete', address: number, at: Instant): number
  /** What the queue at an address holds; default exception 1. */
  fifo?(address: number, at: Instant): readonly number[]
}
/** One write as it arrived; a coil is 0 or 1. */
export type Written = {
  readonly unitId: number
  readonly table: 'coil' | 'holding'
  readonly address: number
  readonly values: readonly number[]
}
export type Fault = 'timeout' | 'closed' | `exception-${number}`

/** One request at a time; a time-out takes `timeout_ms` of simulated time. */
export class MemoryBus implements ModbusLink {
  readonly #clock: Clock
  readonly devices = new Map<number, FakeDevice>()
  readonly faults = new Map<number, Fault>()
  /** Requests by unit. */
  readonly requests = new Map<number, number>()
  /** Travel times out and back [ns], for tests of sample times. */
  latency: () => readonly [bigint, bigint] = () => [0n, 0n]
  timeout_ms = 1000
  closed = false
  /** All writes, in order. What was written to a register is read there from then on. */
  readonly writes: Written[] = []
  /** Told before a write is stored; throws where the device refuses it. */
  onWrite: (write: Written) => void = () => {}
  /** Polls that ended. */
  pollsEnded = 0
  readonly #stored = new Map<string, number>()
  #tail: Promise<unknown> = Promise.resolve()
  #free = 0n
  #pending = new Set<(error: ModbusError) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async readRegisters(
    unitId: number,
    table: 'holding' | 'input',
    address: number,
    quantity: number,
  ): Promise<ModbusReply> {
    const { values, ...times } = await this.#turn(unitId, (device, at) =>
      Array.from(
        { length: quantity },
        (_, i) => this.#stored.get(`${unitId}/${table}/${address + i}`) ?? device?.word(table, address + i, at) ?? 0,
      ),
    )
    return { registers: Uint16Array.from(values), ...times }
  }

  async readBits(unitId: number, table: 'coil' | 'discrete', address: number, quantity: number): Promise<ModbusBits> {
    const { values, ...times } = await this.#turn(unitId, (device, at) =>
      Array.from(
        { length: quantity },
        (_, i) => this.#stored.get(`${unitId}/${table}/${address + i}`) ?? device?.bit?.(table, address + i, at) ?? 0,
      ),
    )
    return { bits: Uint8Array.from(values), ...times }
  }

  async readFifo(unitId: number, address: number): Promise<ModbusReply> {
    const { values, ...times } = await this.#turn(unitId, (device, at) => {
      if (device?.fifo === undefined) throw new ModbusError('exception-1', 'no queue')
      return device.fifo(address, at)
    })
    return { registers: Uint16Array.from(values), ...times }
  }

  async readIdentity(unitId: number): Promise<ReadonlyMap<number, string>> {
    await this.#turn(unitId, () => [])
    return new Map([
      [0, 'Plumbline'],
      [1, 'memory'],
      [2, '1'],
    ])
  }

  async writeCoils(unitId: number, address: number, bits: readonly boolean[]): Promise<void> {
    await this.#write({ unitId, table: 'coil', address, values: bits.map(Number) })
  }

  async writeRegisters(unitId: number, address: number, values: readonly number[]): Promise<void> {
    await this.#write({ unitId, table: 'holding', address, values })
  }

  async maskWriteRegister(unitId: number, address: number, and: number, or: number): Promise<void> {
    const now = (await this.readRegisters(unitId, 'holding', address, 1)).registers[0]!
    await this.#write({ unitId, table: 'holding', address, values: [(now & and) | (or & ~and & 0xffff)] })
  }

  async readWriteRegisters(
    unitId: number,
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: readonly number[] },
  ): Promise<ModbusReply> {
    await this.#write({ unitId, table: 'holding', ...write })
    return this.readRegisters(unitId, 'holding', read.address, read.quantity)
  }

  pollEnded(): void {
    this.pollsEnded++
  }

  async close(): Promise<void> {
    this.closed = true
    for (const reject of this.#pending) reject(new ModbusError('closed', 'closed by us'))
  }

  async #write(write: Written): Promise<void> {
    await this.#turn(write.unitId, () => {
      this.onWrite(write)
      this.writes.push(write)
      write.values.forEach((value, i) => {
        this.#stored.set(`${write.unitId}/${write.table}/${write.address + i}`, value)
      })
      return []
    })
  }

  #turn(unitId: number, answer: (device: FakeDevice | undefined, at: Instant) => readonly number[]) {
    const turn = this.#tail.then(() => this.#answer(unitId, answer))
    this.#tail = turn.catch(() => {})
    return turn
  }

  async #answer(unitId: number, answer: (device: FakeDevice | undefined, at: Instant) => readonly number[]) {
    if (this.closed) throw new ModbusError('closed', 'closed by us')
    this.requests.set(unitId, (this.requests.get(unitId) ?? 0) + 1)
    const fault = this.faults.get(unitId)
    if (fault === 'timeout') await this.#wait(this.timeout_ms)
    if (fault !== undefined) throw new ModbusError(fault, fault)
    const [out, back] = this.latency()
    // The clock stands while requests follow one another, so their travel is laid end to end after it.
    const now = this.#clock.monotonic()
    let sent: bigint = now
    if (sent < this.#free) sent = this.#free
    this.#free = sent + out + back
    const at = (this.#clock.now() + (sent - now) + out) as Instant
    const values = answer(this.devices.get(unitId), at)
    return { values, sent: monotonic(sent), received: monotonic(this.#free) }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.at(monotonic(this.#clock.monotonic() + BigInt(ms) * 1_000_000n), () => {
        this.#pending.delete(end)
        resolve()
      })
      const end = (error: ModbusError) => {
        cancel()
        reject(error)
      }
      this.#pending.add(end)
    })
  }
}

/** Stage as the gauge of models/sim-stage-gauge: status word 0, float32 ABCD at 2. */
export class FakeGauge implements FakeDevice {
  readonly #stage: (at: Instant) => number
  status = 0
  readonly #view = new DataView(new ArrayBuffer(4))

  constructor(stage_m: (at: Instant) => number) {
    this.#stage = stage_m
  }

  word(_table: 'holding' | 'input', address: number, at: Instant): number {
    if (address === 0) return this.status
    this.#view.setFloat32(0, this.#stage(at))
    return address === 2 ? this.#view.getUint16(0) : address === 3 ? this.#view.getUint16(2) : 0
  }
}

/** A ring after the layout of domain/model.ts, by a crystal that may be off. */
export class FakeRing implements FakeDevice {
  readonly ring: Ring
  readonly sample: (counter: number, axis: number) => number
  readonly ppm: number
  boot_id = 7
  booted: Instant
  status = 0

  constructor(ring: Ring, booted: Instant, sample: (counter: number, axis: number) => number, ppm = 0) {
    this.ring = ring
    this.booted = booted
    this.sample = sample
    this.ppm = ppm
  }

  restart(at: Instant): void {
    this.boot_id++
    this.booted = at
  }

  /** True instant of a sample. */
  truth_ns(counter: number): number {
    return Number(this.booted) + this.since_ns(counter)
  }
  since_ns(counter: number): number {
    return (counter * 1e9) / (this.ring.sample_rate_hz * (1 + this.ppm * 1e-6))
  }

  newestAt(at: Instant): number {
    const samples = (Number(at - this.booted) / 1e9) * this.ring.sample_rate_hz * (1 + this.ppm * 1e-6)
    return Math.floor(samples + 1e-6)
  }

  word(_table: 'holding' | 'input', address: number, at: Instant): number {
    const { ring } = this
    const newest = this.newestAt(at)
    const inHeader = address - ring.header_address
    if (inHeader >= 0 && inHeader < 18) return this.#header(newest, at)[inHeader]!
    const each = (ring.bits ?? 16) > 16 ? 2 : 1
    const value = Math.floor((address - ring.samples_address) / each)
    const slot = Math.floor(value / ring.axes.length)
    const axis = value % ring.axes.length
    const counter = newest - ((((newest - slot) % ring.depth) + ring.depth) % ring.depth)
    const raw = counter < 0 ? 0 : this.sample(counter, axis)
    // High word first.
    return (each === 2 && (address - ring.samples_address) % 2 === 0 ? raw >> 16 : raw) & 0xffff
  }

  #header(newest: number, at: Instant): number[] {
    const crystal = 1 + this.ppm * 1e-6
    const newest_us = BigInt(Math.round((newest * 1e6) / this.ring.sample_rate_hz))
    const now_us = BigInt(Math.round((Number(at - this.booted) / 1e3) * crystal))
    const u32 = (v: number) => [(v >>> 16) & 0xffff, v & 0xffff]
    const u64 = (v: bigint) => [48n, 32n, 16n, 0n].map((shift) => Number((v >> shift) & 0xffffn))
    const { sample_rate_hz, depth, axes } = this.ring
    return [
      ...u32(this.boot_id),
      ...u32(newest),
      ...u64(newest_us),
      ...u64(now_us > newest_us ? now_us : newest_us),
      ...u32(Math.round(sample_rate_hz * 1000)),
      ...u32(depth),
      axes.length,
      this.status,
    ]
  }
}

/** Everything recorded, in order; survives the edge that wrote it. */
export class MemoryRecorder implements Recorder {
  cleanStart = true
  readonly readingRecords: Array<{ device: string; readings: readonly Reading[]; gaps: readonly Gap[] }> = []
  readonly blocks: Block[] = []
  readonly blockGaps: Gap[] = []
  readonly conditions: ConditionRecord[] = []

  readings(device: string, body: { readonly readings: readonly Reading[]; readonly gaps?: readonly Gap[] }): void {
    this.readingRecords.push({ device, readings: body.readings, gaps: body.gaps ?? [] })
  }
  block(block: Block): void {
    this.blocks.push(block)
  }
  blockGap(_device: string, gap: Gap): void {
    this.blockGaps.push(gap)
  }
  condition(record: ConditionRecord): void {
    this.conditions.push(record)
  }
  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.conditions.findLast((c) => c.limit_id === limitId)
  }
  of(channel: string): Reading[] {
    return this.readingRecords.flatMap((r) => r.readings.filter((reading) => reading.channel === channel))
  }
  get gaps(): Gap[] {
    return this.readingRecords.flatMap((r) => r.gaps)
  }
}

export class MemoryState implements EdgeState {
  /** As JSON, so that nothing but JSON survives. */
  values: Map<string, string>
  constructor(values: ReadonlyMap<string, string> = new Map()) {
    this.values = new Map(values)
  }
  get(key: string): unknown {
    const text = this.values.get(key)
    return text === undefined ? undefined : JSON.parse(text)
  }
  set(key: string, value: unknown): void {
    this.values.set(key, JSON.stringify(value))
  }
}

export class MemoryLife implements DeviceLife {
  readonly events: string[] = []
  /** What devices said of themselves when they came online, by device. */
  readonly info = new Map<string, Readonly<Record<string, string>>>()
  online(device: string, info?: Readonly<Record<string, string>>): void {
    this.events.push(`${device} online`)
    if (info !== undefined) this.info.set(device, info)
  }
  offline(device: string, reason: Reason): void {
    this.events.push(`${device} offline ${reason}`)
  }
}

export type FakeSite = { readonly site: Site; readonly node: SiteNode }

/** A site of one node and one link; device i has unit id i + 1. */
export function siteOf(
  devices: ReadonlyArray<{ id: string; model: Model; poll_ms?: number; time_scale?: number }>,
  limits: readonly Limit[] = [],
): FakeSite {
  const siteDevices = devices.map(({ id, model, poll_ms, time_scale }, i): SiteDevice => {
    const simulated =
      time_scale === undefined ? undefined : { time_scale, play: { recording: 'x', quiet_s: 0, lead_s: 0 } }
    return { id, name: id, model: model.id, unit_id: i + 1, poll_ms, simulated }
  })
  const link = { id: 'bus', tcp: { host: '127.0.0.1', port: 502 }, timeout_ms: 1000, devices: siteDevices } as SiteLink
  const node = { id: 'edge-1', name: 'edge', links: [link] } as unknown as SiteNode
  const file = { site: 'test', nodes: [node], limits: [], waters: [], structures: [] } as unknown as Site['file']
  return { site: { file, models: new Map(devices.map(({ model }) => [model.id, model])), hash: '', limits }, node }
}

export type Rig = { recorder: MemoryRecorder; life: MemoryLife; state: MemoryState; bus: MemoryBus }
export const newRig = (clock: Clock): Rig => ({
  recorder: new MemoryRecorder(),
  life: new MemoryLife(),
  state: new MemoryState(),
  bus: new MemoryBus(clock),
})

export function acquire(clock: Clock, { site, node }: FakeSite, rig: Rig): Acquisition {
  const { recorder, life, state, bus } = rig
  const acquisition = new Acquisition({ site, node, clock, log: silentLog, openLink: () => bus, recorder, life, state })
  acquisition.start()
  return acquisition
}

export const limitOn = (id: string, channel: string, limit: number, more: Partial<Limit> = {}): Limit => ({
  id,
  name: id,
  channel,
  direction: 'above',
  limit,
  deadband: 0,
  on_delay_s: 0,
  off_delay_s: 0,
  unit: 'm',
  priority: 'high',
  latch: false,
  ...more,
})
