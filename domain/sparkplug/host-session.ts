/**
 * What a Sparkplug Host Application knows of the edge nodes of its group: births, order of messages, deaths (Sparkplug 3.0
 * chapters 5.8, 6.4). Bytes and instants come in, events go out; sending commands and the connection are the shell's.
 */
import { type Monotonic, monotonic, NS_PER_MS } from '../time.ts'
import { type DatatypeOf, decodePayload, PayloadError } from './codec.ts'
import { historyOf } from './history.ts'
import type { DataType, Metric, Payload } from './payload.ts'
import { RebirthAsker } from './rebirth-asker.ts'
import { SequenceCheck } from './sequence-check.ts'
import { parseTopic, type Topic } from './topics.ts'

export type HostEvent =
  | { kind: 'birth'; node: string; timestamp: number; metrics: readonly Metric[] }
  | { kind: 'device-birth'; node: string; device: string; timestamp: number; metrics: readonly Metric[] }
  /** Names are resolved from aliases, values typed by the birth's datatypes. */
  | { kind: 'data'; node: string; device?: string; timestamp: number; metrics: readonly Metric[] }
  /** An NDEATH whose bdSeq is the birth's. */
  | { kind: 'death'; node: string }
  /** `timestamp`: when the edge says that it lost the device, UTC milliseconds. */
  | { kind: 'device-death'; node: string; device: string; timestamp?: number | undefined }
  /** Messages of a tolerated node that did not come in time; `noticed`: when one came that should have followed them. */
  | { kind: 'lost'; node: string; messages: number; noticed: Monotonic }
  /** The shell sends NCMD `Node Control/Rebirth`. */
  | { kind: 'rebirth-wanted'; node: string; why: string }
  /** Undecodable, foreign or out of place. The message is counted and has no other effect. */
  | { kind: 'refused'; topic: string; why: string }

export type Birth = { readonly timestamp: number; readonly metrics: readonly Metric[] }
export type NodeBirths = Birth & { readonly devices: ReadonlyMap<string, Birth> }

export type HostSessionOptions = {
  readonly group: string
  readonly reorderTimeout_ms: number
  /** False: the order of this node's messages is not watched and its rebirth never asked for. */
  readonly checkSeq: (node: string) => boolean
  /**
   * True: nobody sends this node's messages again, so of a message with metrics that cannot be understood the others are
   * delivered; losses are counted also while its birth is awaited. Default false: all of a message or nothing.
   */
  readonly tolerant?: (node: string) => boolean
  readonly history?: HistoryWanted
}

/**
 * Which history is read at all. What is not counts in the order of messages and needs its births as any other DDATA; its
 * values are not read and nobody is told.
 */
export type HistoryWanted = {
  /** Names of metrics whose time is that of sending. */
  readonly undated: ReadonlySet<string>
  /** Whether a payload that is all history, up to `newest_ms` (UTC), is wanted. */
  readonly wanted: (node: string, device: string, newest_ms: number) => boolean
}

/** More nodes than any site has; topics of further ones are refused, so that garbage cannot fill the memory. */
const NODES_MAX = 4096
const SEQ_MODULUS = 256

/** A birth with what is looked up in it for every data message. */
type Known = Birth & { readonly types: Map<string, DataType>; readonly names: Map<bigint, string> }
type NodeState = {
  birth: (Known & { readonly bdSeq: bigint }) | undefined
  readonly devices: Map<string, Known>
  readonly sequence: SequenceCheck
  readonly rebirth: RebirthAsker
  /** Payload time of the last message, to tell one that came twice. */
  last_ms: number | undefined
}

/** A message that is refused; never leaves this file. */
class Refusal extends Error {
  /** Set where only a new birth can mend it. */
  readonly needsRebirth: boolean
  constructor(why: string, needsRebirth = false) {
    super(why)
    this.needsRebirth = needsRebirth
  }
}

export class HostSession {
  readonly #options: HostSessionOptions
  readonly #nodes = new Map<string, NodeState>()

  constructor(options: HostSessionOptions) {
    this.#options = options
  }

  /** Takes one MQTT message. Never throws: what cannot be used comes back as `refused`. */
  receive(topic: string, payload: Uint8Array, at: Monotonic): HostEvent[] {
    const parsed = parseTopic(topic)
    if (parsed === undefined) return [{ kind: 'refused', topic, why: 'not a Sparkplug topic of a node or device' }]
    if (parsed.type === 'NCMD' || parsed.type === 'DCMD') return []
    try {
      if (parsed.group !== this.#options.group)
        throw new Refusal(`expected group ${this.#options.group}, got ${parsed.group}`)
      return this.#take(parsed, payload, at)
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof PayloadError)) throw error
      const refused: HostEvent = { kind: 'refused', topic, why: error.message }
      const ask = error instanceof Refusal && error.needsRebirth && this.#options.checkSeq(parsed.node)
      return ask ? [refused, ...this.wantRebirth(parsed.node, error.message, at)] : [refused]
    }
  }

  #take(topic: Topic, payload: Uint8Array, at: Monotonic): HostEvent[] {
    const { type, node } = topic
    const state = this.#stateOf(node)
    switch (type) {
      case 'NBIRTH':
        return this.#nodeBirth(node, state, decodePayload(payload))
      case 'NDEATH':
        return nodeDeath(node, state, decodePayload(payload))
      default:
        return this.#inSession(topic, state, payload, at)
    }
  }

  #nodeBirth(node: string, state: NodeState, payload: Payload): HostEvent[] {
    const seq = seqOf(payload)
    const bdSeq = bdSeqOf(payload)
    const birth = knownOf(payload)
    // Births are taken in the order of arrival: one topic keeps its order (MQTT 3.1.1, 4.6), and timestamps may step back.
    state.birth = { ...birth, bdSeq }
    state.devices.clear()
    state.sequence.restart(seq)
    state.rebirth.answered()
    return [{ kind: 'birth', node, timestamp: birth.timestamp, metrics: birth.metrics }]
  }

  /** DBIRTH, DDEATH, NDATA and DDATA: they count in the node's sequence and mean nothing without its birth. */
  #inSession(topic: Topic, state: NodeState, bytes: Uint8Array, at: Monotonic): HostEvent[] {
    const { type, node, device } = topic
    const birth = state.birth
    if (birth === undefined) throw new Refusal(`${type} of ${nameOf(topic)} without a birth of the node`, true)
    const known = device === undefined ? birth : state.devices.get(device)
    const passed = type === 'DDATA' && known !== undefined ? this.#passedOver(topic, bytes) : undefined
    const payload = passed ?? decodePayload(bytes, type === 'DBIRTH' ? undefined : typesOf(known))
    if (this.#options.checkSeq(node)) this.#inOrder(node, state, payload, at)
    if (passed !== undefined) return []
    if (type === 'DBIRTH') {
      const deviceBirth = knownOf(payload)
      state.devices.set(device!, deviceBirth)
      const { timestamp, metrics } = deviceBirth
      return [{ kind: 'device-birth', node, device: device!, timestamp, metrics }]
    }
    if (known === undefined)
      throw new Refusal(`${type} of ${nameOf(topic)} without a birth of the device`, type === 'DDATA')
    if (type === 'DDEATH') {
      state.devices.delete(device!)
      return [{ kind: 'device-death', node, device: device!, timestamp: payload.timestamp }]
    }
    const of = { node, ...(device === undefined ? {} : { device }) }
    if (!this.#tolerates(node)) {
      const metrics = payload.metrics.map((metric) => resolved(metric, known))
      return [{ kind: 'data', ...of, timestamp: timeOf(payload), metrics }]
    }
    const { metrics, fault } = understood(payload.metrics, known)
    const data: HostEvent = { kind: 'data', ...of, timestamp: timeOf(payload), metrics }
    if (fault === undefined) return [data]
    const refused: HostEvent = { kind: 'refused', topic: textOf(topic), why: fault }
    return [data, refused, ...this.wantRebirth(node, fault, at)]
  }

  #passedOver({ node, device }: Topic, bytes: Uint8Array): Payload | undefined {
    const { history } = this.#options
    const past = history && historyOf(bytes, history.undated)
    if (past === undefined || history!.wanted(node, device!, past.newest_ms)) return undefined
    return { timestamp: past.timestamp, seq: past.seq, metrics: [] }
  }

  #inOrder(node: string, state: NodeState, payload: Payload, at: Monotonic): void {
    const seq = seqOf(payload)
    const tolerant = this.#tolerates(node)
    const again = tolerant && payload.timestamp !== undefined && payload.timestamp === state.last_ms
    state.last_ms = payload.timestamp
    if (again && state.sequence.isLast(seq)) return
    state.sequence.take(seq, at, tolerant || !state.rebirth.wanted)
  }

  #tolerates(node: string): boolean {
    return this.#options.tolerant?.(node) === true
  }

  /** Asks for a rebirth of the node until a birth comes; at most once a second, doubling to once in 30 s. */
  wantRebirth(node: string, why: string, at: Monotonic): HostEvent[] {
    const state = this.#nodes.get(node) ?? this.#stateOf(node)
    state.sequence.giveUp()
    return state.rebirth.want(why, at) ? [{ kind: 'rebirth-wanted', node, why }] : []
  }

  /** Reorder time-outs and repeated requests that are due. */
  tick(at: Monotonic): HostEvent[] {
    const events: HostEvent[] = []
    for (const [node, { sequence, rebirth }] of this.#nodes) {
      const expired = sequence.expired(at)
      if (expired !== undefined) {
        const lost = this.#tolerates(node) ? sequence.missing : undefined
        if (lost !== undefined) events.push({ kind: 'lost', node, ...lost })
        events.push(...this.wantRebirth(node, expired, at))
      } else if (rebirth.due(at)) events.push({ kind: 'rebirth-wanted', node, why: rebirth.wanted! })
    }
    return events
  }

  nextTickAt(): Monotonic | undefined {
    let next: Monotonic | undefined
    for (const { sequence, rebirth } of this.#nodes.values())
      for (const at of [sequence.expiresAt, rebirth.nextAt])
        if (at !== undefined && (next === undefined || at < next)) next = at
    return next
  }

  /** Everything is unknown until births come again. */
  connectionLost(): void {
    this.#nodes.clear()
  }

  births(node: string): NodeBirths | undefined {
    const state = this.#nodes.get(node)
    if (state?.birth === undefined) return undefined
    const { timestamp, metrics } = state.birth
    return { timestamp, metrics, devices: state.devices }
  }

  #stateOf(node: string): NodeState {
    let state = this.#nodes.get(node)
    if (state === undefined) {
      if (this.#nodes.size >= NODES_MAX) throw new Refusal(`more than ${NODES_MAX} nodes in the group`)
      const timeout_ns = monotonic(BigInt(Math.round(this.#options.reorderTimeout_ms)) * NS_PER_MS)
      state = {
        birth: undefined,
        devices: new Map(),
        sequence: new SequenceCheck(timeout_ns),
        rebirth: new RebirthAsker(),
        last_ms: undefined,
      }
      this.#nodes.set(node, state)
    }
    return state
  }
}

/** Only the will of the session that was born ends it: the NDEATH of an older one may come late. */
function nodeDeath(node: string, state: NodeState, payload: Payload): HostEvent[] {
  if (bdSeqOf(payload) !== state.birth?.bdSeq) return []
  state.birth = undefined
  state.devices.clear()
  state.sequence.giveUp()
  state.rebirth.dropped()
  return [{ kind: 'death', node }]
}

const nameOf = ({ node, device }: Topic): string => (device === undefined ? node : `${node}/${device}`)

const textOf = ({ group, type, node, device }: Topic): string =>
  ['spBv1.0', group, type, node, ...(device === undefined ? [] : [device])].join('/')

/** Those metrics whose name and type are known, and what is wrong with the first of the others. */
function understood(all: readonly Metric[], known: Known): { metrics: Metric[]; fault: string | undefined } {
  const metrics: Metric[] = []
  let fault: string | undefined
  for (const metric of all)
    try {
      metrics.push(resolved(metric, known))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      fault ??= error.message
    }
  return { metrics, fault }
}

function seqOf({ seq }: Payload): number {
  if (seq === undefined || !(seq >= 0 && seq < SEQ_MODULUS))
    throw new Refusal(`seq: expected 0 to ${SEQ_MODULUS - 1}, got ${seq ?? 'none'}`)
  return seq
}

function bdSeqOf({ metrics }: Payload): bigint {
  const value = metrics.find((m) => m.name === 'bdSeq')?.value
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  throw new Refusal(`bdSeq: expected a whole number, got ${value === undefined ? 'none' : String(value)}`)
}

function timeOf({ timestamp, metrics }: Payload): number {
  const time = timestamp ?? metrics.find((m) => m.timestamp !== undefined)?.timestamp
  if (time === undefined) throw new Refusal('timestamp: expected UTC milliseconds, got none')
  return time
}

function knownOf(payload: Payload): Known {
  const types = new Map<string, DataType>()
  const names = new Map<bigint, string>()
  for (const { name, alias, datatype } of payload.metrics) {
    if (name === undefined) throw new Refusal('a metric of a birth has no name')
    if (datatype !== undefined) types.set(name, datatype)
    if (alias !== undefined) names.set(alias, name)
  }
  return { timestamp: timeOf(payload), metrics: payload.metrics, types, names }
}

/** Datatypes by name or alias, of the node or of the device that speaks. */
const typesOf =
  (known: Known | undefined): DatatypeOf =>
  (name, alias) => {
    const called = name ?? (alias === undefined ? undefined : known?.names.get(alias))
    return called === undefined ? undefined : known?.types.get(called)
  }

/** The metric by its name. A number of unknown datatype is refused rather than guessed: its sign would be open. */
function resolved(metric: Metric, known: Known): Metric {
  const { alias, datatype, value } = metric
  const name = metric.name ?? (alias === undefined ? undefined : known.names.get(alias))
  if (name === undefined) throw new Refusal(`metric with alias ${alias ?? 'none'}: not in the birth`, true)
  const plain = value === null || typeof value === 'string' || typeof value === 'boolean'
  if (!plain && datatype === undefined && !known.types.has(name))
    throw new Refusal(`metric ${name}: no datatype, neither here nor in the birth`, true)
  return metric.name === undefined ? { ...metric, name } : metric
}
