/**
 * Carries out what `resend.ts` decides for the streams of one Sparkplug node: reads the outbox, packs, sends, waits for the
 * next reason to look. Streams come in order of urgency: conditions before readings.
 */
import type { Clock, Log } from '../domain/ports.ts'
import type { Stream } from '../domain/record.ts'
import { type Instant, instantToMs, type Monotonic, monotonic, NS_PER_S } from '../domain/time.ts'
import { sleepUntil } from '../runtime/clock.ts'
import type { Corrected } from './node-clock.ts'
import type { Outbox, Stored } from './outbox.ts'
import { before, START } from './outbox.ts'
import { packRecords, resentMetrics } from './outbox-wire.ts'
import { earliest, type Resend, type Resent, type Room } from './resend.ts'
import { PIECE_BYTES, restAfter } from './resend-pace.ts'
import { restampMetrics } from './restamp.ts'
import type { Uplink } from './uplink.ts'

const READ_BYTES = { least: 16 * 1024, most: PIECE_BYTES }
/** Counted up to here. */
const TIMELESS_MAX = 10_000
const LOOK_NS = NS_PER_S
/** After the outbox could not be read. */
const RETRY_NS = NS_PER_S
/** Devices born for their backlog only die again when it is handed over, or when nothing was sent for so long. */
const BACKFILL_IDLE_NS = 2n * NS_PER_S

export type ResendLane = { readonly stream: Stream; readonly policy: Resend }
export type ResenderOptions = {
  readonly outbox: Outbox
  readonly uplink: Uplink
  readonly lanes: readonly ResendLane[]
  /** Key of the edition that a record of a device belongs to; `undefined` where nothing is known of the device. */
  readonly editionOf: (device: string, stream: Stream, offset: number) => string | undefined
  readonly clock: Clock & NodeTime
  readonly log: Log
}
/** What the node knows of the time. */
export type NodeTime = {
  readonly trusted: boolean
  corrected(t_ns: Instant, boot: string): Corrected | undefined
}
type Item = {
  readonly offset: number
  readonly device: string
  readonly metrics: Uint8Array
  readonly edition: string | undefined
  readonly stored: Stored
}

export class Resender {
  readonly #options: ResenderOptions
  #running: Promise<void> | undefined
  #again = false
  readonly #stop = new AbortController()
  #cancelWake: () => void = () => {}
  #readFailure = ''
  #sentAt: Monotonic = monotonic(0n)
  #unsendable = new Set<string>()
  /** Records sent again. */
  resent = 0
  #timeless = new Set<string>()

  constructor(options: ResenderOptions) {
    this.#options = options
  }

  /** Something changed: an owner, the session, an acknowledgement, time. Never runs twice at once. */
  wake(): void {
    if (this.#stop.signal.aborted) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** What was passed over before can go now: its time became known. */
  rescan(): void {
    this.#timeless.clear()
    for (const { policy } of this.#options.lanes) policy.cursor = START
    this.wake()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancelWake()
    await this.#running
  }

  async #run(): Promise<void> {
    const release = this.#options.clock.hold()
    try {
      while (this.#again && !this.#stop.signal.aborted) {
        this.#again = false
        while (await this.#piece());
      }
    } catch (error) {
      this.#readFailed(error as Error)
      return
    } finally {
      release()
    }
    this.#readFailure = ''
    if (!this.#stop.signal.aborted) this.#rest()
  }

  /** Told once per reason, tried again for ever. */
  #readFailed({ message }: Error): void {
    const { clock, log } = this.#options
    if (message !== this.#readFailure) log.error('resending: the outbox cannot be read, trying on', { what: message })
    this.#readFailure = message
    this.#cancelWake()
    if (!this.#stop.signal.aborted)
      this.#cancelWake = clock.at(monotonic(clock.monotonic() + RETRY_NS), () => this.wake())
  }

  /** One round, and the rest that it costs; false where there is nothing more to send now. */
  async #piece(): Promise<boolean> {
    const { clock } = this.#options
    const begun = clock.monotonic()
    if (!(await this.#round())) return false
    const now = clock.monotonic()
    // A simulated clock stands still during the work: there is nothing to rest from.
    if (now > begun) await sleepUntil(clock, monotonic(now + restAfter(now - begun)), this.#stop.signal)
    return true
  }

  /** One piece from the most urgent stream that has any. */
  async #round(): Promise<boolean> {
    for (const lane of this.#options.lanes) {
      if (this.#stop.signal.aborted) return false
      if (await this.#step(lane)) return true
    }
    return false
  }

  async #step(lane: ResendLane): Promise<boolean> {
    const { uplink, clock } = this.#options
    const { policy } = lane
    if (!uplink.born || !policy.active || !this.#mayGo(lane)) return false
    policy.expire(clock.monotonic())
    const all = policy.room(clock.monotonic(), uplink.pendingBytes)
    if (all.bytes <= 0) return false
    const room = { ...all, bytes: Math.min(all.bytes, PIECE_BYTES) }
    const overdue = policy.due(clock.monotonic())
    if (overdue.length > 0) return this.#sendAll(lane, await this.#readAgain(lane, overdue, room))
    const fresh = policy.roomForNew(room)
    return fresh.bytes > 0 && (await this.#advance(lane, fresh))
  }

  /** Goes on through the stream: true where something was sent or passed over, so that there may be more. */
  async #advance(lane: ResendLane, room: Room): Promise<boolean> {
    const { outbox, uplink } = this.#options
    const { stream, policy } = lane
    const from = policy.cursor
    if (!before(from, outbox.end(stream))) return false
    const wanted = Math.min(READ_BYTES.most, Math.max(READ_BYTES.least, room.bytes))
    const { stored, next } = await outbox.read(stream, from, wanted)
    const items: Item[] = []
    let left = room.bytes
    let cursor = next
    for (const one of stored) {
      if (items.length >= room.records || left <= 0) {
        cursor = one.position
        break
      }
      if (outbox.isCommitted(stream, one.record.offset) || !policy.wants(one.record.offset)) continue
      items.push(...this.#item(stream, one))
      left -= one.bytes
    }
    // An expired live record may have set the cursor back while we read: then that one counts.
    if (policy.cursor === from) policy.cursor = cursor
    this.#sendAll(lane, items)
    // The session ended meanwhile: what did not go is met again.
    if (!uplink.born && before(from, policy.cursor)) policy.cursor = from
    return items.length > 0 || before(from, policy.cursor)
  }

  async #readAgain(lane: ResendLane, overdue: readonly Resent[], room: Room): Promise<Item[]> {
    const { outbox } = this.#options
    const items: Item[] = []
    let left = room.bytes
    for (const { offset, position, bytes } of overdue) {
      if (left <= 0 || items.length >= room.records) break
      const [one] = (await outbox.read(lane.stream, position, bytes)).stored
      if (one?.record.offset === offset && !outbox.isCommitted(lane.stream, offset))
        items.push(...this.#item(lane.stream, one))
      else lane.policy.forget(offset)
      left -= bytes
    }
    return items
  }

  /** Without trusted time only conditions go out, marked. */
  #mayGo({ stream }: ResendLane): boolean {
    return stream === 'conditions' || this.#options.clock.trusted
  }

  /** None where its time is not known and will not be. */
  #item(stream: Stream, stored: Stored): Item[] {
    const { offset, device } = stored.record
    const edition = device === '' ? '' : this.#options.editionOf(device, stream, offset)
    const metrics = this.#metrics(stream, stored)
    return metrics === undefined ? [] : [{ offset, device, metrics, edition, stored }]
  }

  /** What was recorded without time gets it now. */
  #metrics(stream: Stream, { record }: Stored): Uint8Array | undefined {
    const { clock } = this.#options
    if (record.utc_ns !== null) return record.metrics
    const boot = Buffer.from(record.boot).toString('hex')
    const stamped = restampMetrics(record.metrics, (t_ns) => clock.corrected(t_ns, boot))
    if (stamped !== undefined || stream === 'conditions') return stamped ?? record.metrics
    const key = `${stream} ${record.offset}`
    if (this.#timeless.size < TIMELESS_MAX) this.#timeless.add(key)
    if (this.#timeless.size === 1)
      this.#options.log.error('records of a boot in which the time was never known wait for a proof of it', { boot })
    return undefined
  }

  /** Records met whose time will never be known. */
  get timeless(): number {
    return this.#timeless.size
  }

  #sendAll({ policy }: ResendLane, items: readonly Item[]): boolean {
    const { clock, outbox, uplink } = this.#options
    let sent = false
    for (const payload of packRecords(items)) {
      const { device, edition } = payload[0]!
      const metrics = resentMetrics(outbox.id, payload, instantToMs(clock.now()))
      if (edition === undefined || !uplink.sendRecorded(device, edition, metrics)) {
        if (uplink.born) this.#cannotSend(device)
        continue
      }
      const now = clock.monotonic()
      policy.resent(
        payload.map(({ stored, offset }) => ({ offset, position: stored.position, bytes: stored.bytes })),
        now,
      )
      this.resent += payload.length
      this.#sentAt = now
      sent = true
    }
    return sent
  }

  /** A device that no edition names has no birth, so its records stay in the outbox until its limits. */
  #cannotSend(device: string): void {
    if (this.#unsendable.has(device)) return
    this.#unsendable.add(device)
    this.#options.log.warn('nothing is known of a device; its records stay in the outbox', { device })
  }

  /** Until the next reason by time. */
  #rest(): void {
    const { clock, outbox, uplink, lanes } = this.#options
    const now = clock.monotonic()
    const behind = (lane: ResendLane) => before(lane.policy.cursor, outbox.end(lane.stream))
    const idleUntil = monotonic(this.#sentAt + BACKFILL_IDLE_NS)
    if (uplink.backfilling && (now >= idleUntil || !lanes.some(behind))) uplink.endBackfill()
    const wakes = lanes.flatMap((lane) => {
      const room = lane.policy.room(now, uplink.pendingBytes)
      const waits = this.#mayGo(lane) && (lane.policy.due(now).length > 0 || behind(lane))
      return lane.policy.nextWake(now, waits && room.bytes <= 0) ?? []
    })
    if (uplink.backfilling) wakes.push(idleUntil)
    // Live records are noted without waking us: their time-outs are met at the next look.
    if (lanes.some((lane) => lane.policy.active)) wakes.push(monotonic(now + LOOK_NS))
    this.#cancelWake()
    const at = earliest(wakes)
    if (at !== undefined) this.#cancelWake = clock.at(at, () => this.wake())
  }
}
