/**
 * The Sparkplug session of one edge node as a pure machine: will, births, data and deaths in order, each as topic and
 * payload. Sparkplug B 3.0 chapters 5 and 6; what the metrics say is `births.ts`'s business, when they go is `uplink.ts`'s.
 */
import { invariant } from '../domain/errors.ts'
import { encodeBefore, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { deviceTopic, nodeTopic } from '../domain/sparkplug/topics.ts'
import { BD_SEQ } from '../domain/wire/names.ts'

export type Message = { readonly topic: string; readonly payload: Uint8Array }
export type DeviceBirth = { readonly device: string; readonly metrics: readonly Metric[] }

/** 0 at the first CONNECT, one more at each, 255 -> 0 (tck-id-topics-nbirth-bdseq-increment). */
export const nextBdSeq = (last: number | undefined): number => (last === undefined ? 0 : (last + 1) % 256)

export class NodeSession {
  readonly #group: string
  readonly #node: string
  #bdSeq: number | undefined
  /** Sequence number of the next message; `undefined` before the NBIRTH of this session. */
  #seq: number | undefined
  readonly #born = new Set<string>()

  constructor(group: string, node: string) {
    this.#group = group
    this.#node = node
  }

  get born(): boolean {
    return this.#seq !== undefined
  }
  isBorn(device: string): boolean {
    return this.#born.has(device)
  }

  /** Will of the coming CONNECT: NDEATH with bdSeq and nothing else. Data may flow again after its birth. */
  will(bdSeq: number, timestamp_ms: number): Message {
    this.end()
    this.#bdSeq = bdSeq
    return this.death(timestamp_ms)
  }

  /** NDEATH of this session, also published before an intended DISCONNECT. */
  death(timestamp_ms: number): Message {
    return {
      topic: nodeTopic(this.#group, 'NDEATH', this.#node),
      payload: encodePayload({ timestamp: timestamp_ms, metrics: [this.#bdSeqMetric(timestamp_ms)] }),
    }
  }

  /** NBIRTH with seq 0, then every DBIRTH; also the answer to a rebirth command, with the bdSeq of the session. */
  births(node: readonly Metric[], devices: readonly DeviceBirth[], timestamp_ms: number): Message[] {
    this.#seq = 0
    this.#born.clear()
    const metrics = [this.#bdSeqMetric(timestamp_ms), ...node]
    const nbirth = {
      topic: nodeTopic(this.#group, 'NBIRTH', this.#node),
      payload: encodePayload({ timestamp: timestamp_ms, seq: this.#nextSeq(), metrics }),
    }
    return [nbirth, ...devices.map((birth) => this.deviceBirth(birth, timestamp_ms))]
  }

  deviceBirth({ device, metrics }: DeviceBirth, timestamp_ms: number): Message {
    this.#born.add(device)
    return {
      topic: deviceTopic(this.#group, 'DBIRTH', this.#node, device),
      payload: encodePayload({ timestamp: timestamp_ms, seq: this.#nextSeq(), metrics }),
    }
  }

  deviceDeath(device: string, timestamp_ms: number): Message {
    this.#born.delete(device)
    return {
      topic: deviceTopic(this.#group, 'DDEATH', this.#node, device),
      payload: encodePayload({ timestamp: timestamp_ms, seq: this.#nextSeq(), metrics: [] }),
    }
  }

  /** NDATA (`device` empty) or DDATA of metrics that are encoded already. */
  data(device: string, metrics: Uint8Array, timestamp_ms: number): Message {
    invariant(device === '' || this.#born.has(device), `DDATA of ${device} only after its DBIRTH`)
    const topic =
      device === ''
        ? nodeTopic(this.#group, 'NDATA', this.#node)
        : deviceTopic(this.#group, 'DDATA', this.#node, device)
    return { topic, payload: encodeBefore({ timestamp: timestamp_ms, seq: this.#nextSeq(), metrics: [] }, metrics) }
  }

  /** The session is over: nothing may be sent before the next births. */
  end(): void {
    this.#seq = undefined
    this.#born.clear()
  }

  /** 0..255, shared by all messages of the node (tck-id-payloads-sequence-num-always-included). */
  #nextSeq(): number {
    const seq = this.#seq
    invariant(seq !== undefined, 'NBIRTH comes first')
    this.#seq = (seq + 1) % 256
    return seq
  }

  #bdSeqMetric(timestamp_ms: number): Metric {
    invariant(this.#bdSeq !== undefined, 'a will was made for this session')
    return { name: BD_SEQ, timestamp: timestamp_ms, datatype: DataType.Int64, value: BigInt(this.#bdSeq) }
  }
}
