/**
 * Takes what acquisition gives: into the outbox, then live to the uplink where a session is up. Keeps what the node knows
 * now for its births, and tells as gaps what could be neither recorded nor sent.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Clock } from '../domain/ports.ts'
import type { Block, Gap, Reading, Reason } from '../domain/reading.ts'
import type { Stream } from '../domain/record.ts'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { instantToMs } from '../domain/time.ts'
import { conditionMetricOf } from '../domain/wire/condition.ts'
import { emptyBody, type RecordBody } from '../domain/wire/record.ts'
import { encodeBody } from '../domain/wire/record-bytes.ts'
import { LossTally } from './loss-tally.ts'
import type { Outbox } from './outbox.ts'
import type { RecordKind } from './outbox-record.ts'
import { liveMetrics } from './outbox-wire.ts'
import type { DeviceLife, Recorder } from './ports.ts'
import type { Present } from './present.ts'
import type { Resend } from './resend.ts'
import type { Uplink } from './uplink.ts'

/** Gaps of one record: a payload stays far below 64 KiB. */
const GAPS_PER_RECORD = 64

export type RecorderOptions = {
  readonly clock: Clock & { readonly trusted: boolean }
  readonly outbox: Outbox
  readonly present: Present
  /** Which node carries a stream, and how it is sent again. */
  readonly lanes: Readonly<Record<Stream, { readonly uplink: Uplink; readonly policy: Resend }>>
  readonly cleanStart: boolean
  /** A condition was appended (without an offset: it could not be): the state is saved. */
  readonly onCondition: (record: ConditionRecord, offset: number | undefined) => void
  /** A record of a device was appended. */
  readonly onOffset: (device: string, stream: Stream, offset: number) => void
}

export class EdgeRecorder implements Recorder, DeviceLife {
  readonly #options: RecorderOptions
  readonly #lost: Record<Stream, LossTally> = {
    conditions: new LossTally(),
    readings: new LossTally(),
    blocks: new LossTally(),
  }
  #closed = false
  sentLive = 0
  /** Neither recorded nor sent. */
  lost = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  get cleanStart(): boolean {
    return this.#options.cleanStart
  }

  /** Nothing is taken any more: what comes later belongs to the next run. */
  close(): void {
    this.#closed = true
  }

  readings(device: string, body: { readonly readings: readonly Reading[]; readonly gaps?: readonly Gap[] }): void {
    for (const reading of body.readings) this.#options.present.reading(reading)
    this.#device('readings', 'readings', device, { ...emptyBody, readings: body.readings, gaps: body.gaps ?? [] })
  }

  block(block: Block): void {
    this.#device('blocks', 'block', block.device, { ...emptyBody, blocks: [block] })
  }

  blockGap(device: string, gap: Gap): void {
    this.#device('blocks', 'gap', device, { ...emptyBody, gaps: [gap] })
  }

  #device(stream: Stream, kind: RecordKind, device: string, body: RecordBody): void {
    this.#record(stream, kind, device, encodeBody(device, body))
  }

  condition(given: ConditionRecord): void {
    if (this.#closed) return
    const record = this.#options.clock.trusted ? given : { ...given, time_unknown: true }
    this.#options.present.condition(record)
    const metrics = encodePayload({ metrics: [conditionMetricOf(record)] })
    this.#options.onCondition(record, this.#record('conditions', 'condition', '', metrics))
  }

  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.#options.present.lastCondition(limitId)
  }

  /** Appends, then sends at once. Gives the offset where the record has one. */
  #record(stream: Stream, kind: RecordKind, device: string, metrics: Uint8Array): number | undefined {
    if (this.#closed) return undefined
    const { clock, outbox, lanes, onOffset } = this.#options
    const { uplink, policy } = lanes[stream]
    const now = clock.now()
    const utc_ns = clock.trusted ? now : null
    const mono_ns = clock.monotonic()
    const { offset, place } = outbox.append(stream, { kind, device, metrics, mono_ns, utc_ns })
    if (offset !== undefined && device !== '') onOffset(device, stream, offset)
    // What has no time yet waits in the outbox until it gets one.
    const mayGo = offset !== undefined && (clock.trusted || stream === 'conditions')
    const sent = mayGo && uplink.sendLive(device, liveMetrics(outbox.id, offset, metrics, instantToMs(now)))
    if (sent) this.sentLive++
    // In a session, a device that is not born yet will be in a moment, or its backlog goes after the time-out.
    if (place !== undefined && mayGo && uplink.born) policy.sentLive(offset, place, mono_ns)
    if (place === undefined && !sent) this.#loses(stream, device, metrics)
    else if (place !== undefined && !this.#lost[stream].empty) this.#tellLost(stream)
    return offset
  }

  #loses(stream: Stream, device: string, metrics: Uint8Array): void {
    this.lost++
    if (stream === 'conditions') return
    this.#lost[stream].add(device, metrics)
  }

  /** The outbox can be written again. */
  #tellLost(stream: Stream): void {
    const gaps = this.#lost[stream].gaps('disk-full')
    this.#lost[stream] = new LossTally()
    this.dropped(stream, gaps)
  }

  /** Gaps for what a stream has lost, in that stream. */
  dropped(stream: Stream, gaps: ReadonlyMap<string, readonly Gap[]>): void {
    for (const [device, all] of gaps)
      for (let i = 0; i < all.length; i += GAPS_PER_RECORD)
        this.#device(stream, 'gap', device, { ...emptyBody, gaps: all.slice(i, i + GAPS_PER_RECORD) })
  }

  online(device: string, info?: Readonly<Record<string, string>>): void {
    if (this.#closed) return
    if (info !== undefined) this.#options.present.setInfo(device, info)
    if (!this.#options.present.setOnline(device, true)) return
    for (const uplink of this.#uplinks()) uplink.online(device)
  }

  offline(device: string, _reason: Reason): void {
    if (this.#closed || !this.#options.present.setOnline(device, false)) return
    for (const uplink of this.#uplinks()) uplink.offline(device)
  }

  #uplinks(): Set<Uplink> {
    return new Set(Object.values(this.#options.lanes).map((lane) => lane.uplink))
  }
}
