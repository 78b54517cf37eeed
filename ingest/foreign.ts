/**
 * Sparkplug nodes that the site file does not name but allows (`ingest.foreign`). They have no outbox: what they send is
 * stored by channel and time, so that the same again is no news, and what is lost on the way becomes a gap, for nobody sends
 * it again.
 */
import type { Gap, Reading } from '../domain/reading.ts'
import type { DeviceRecord, Identity, RejectedRecord } from '../domain/record.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { type Instant, instantFromMs, instantToMs, type Monotonic, NS_PER_MS } from '../domain/time.ts'
import type { ForeignLoss } from '../domain/wire/ingest-health.ts'
import { BD_SEQ, DEVICE_SIMULATED } from '../domain/wire/names.ts'
import { type Arrival, bodyJson, recordArrival, rejectedArrival } from './arrival.ts'
import { foreignChannel, foreignDevice } from './foreign-names.ts'
import { type ForeignMetric, foreignReading, foreignUnit, isTimely, type Unstored } from './foreign-reading.ts'

export type ForeignOptions = {
  /** Node ids, or `*`. */
  readonly allowed: readonly string[]
  /** Sparkplug nodes of the site itself: never foreign. */
  readonly own: ReadonlySet<string>
  /** Names this run of ingest: records of foreign nodes are numbered within it, as identities need. */
  readonly run: string
  /** When each node was last heard in an earlier run, UTC ms. */
  readonly heard?: ReadonlyMap<string, number>
}

export const NODES_MAX = 256
/** Metrics of one node with all its devices. */
export const METRICS_MAX = 8192
/** Channels that one gap names; more make several gaps. */
const GAP_CHANNELS_MAX = 256
/** Messages looked back at for the one before a loss: two reorder time-outs of a node that sends a thousand a second. */
const HEARD_MAX = 2048

type Away = { readonly since_ms: number; readonly reason: Gap['reason'] }
/** The node itself (device `undefined`) or one of its devices. */
type Source = {
  readonly device: string
  metrics: ReadonlyMap<string, ForeignMetric>
  readonly fresh: Set<string>
  exercise: boolean
  away: Away | undefined
}
type Node = {
  readonly sources: Map<string | undefined, Source>
  bdSeq: unknown
  offset: number
  metrics: number
  /** When messages came and what time they bear, oldest first. */
  heard: Array<{ readonly at: Monotonic; readonly t_ms: number }>
  before: Away | undefined
}
type Of<Kind extends HostEvent['kind']> = Extract<HostEvent, { kind: Kind }>

export class Foreign {
  readonly #o: ForeignOptions
  readonly #allowed: ReadonlySet<string>
  readonly #nodes = new Map<string, Node>()
  readonly #unstored = new Map<Unstored, number>()
  #lost = 0
  #gaps = 0
  #losses: readonly ForeignLoss[] = []

  constructor(options: ForeignOptions) {
    this.#o = options
    this.#allowed = new Set(options.allowed)
  }

  allows(node: string): boolean {
    if (this.#o.own.has(node) || !(this.#allowed.has('*') || this.#allowed.has(node))) return false
    return this.#nodes.has(node) || this.#nodes.size < NODES_MAX
  }

  /** Nodes to be asked for births: a star names none. */
  get named(): readonly string[] {
    return [...this.#allowed].filter((node) => node !== '*' && this.allows(node))
  }

  /** Metrics that were not stored, by reason; messages that never came; gap records made of it. */
  get counts(): { readonly unstored: ReadonlyMap<Unstored, number>; readonly lost: number; readonly gaps: number } {
    return { unstored: this.#unstored, lost: this.#lost, gaps: this.#gaps }
  }

  /** By node, what of it is lost for ever; another array after each loss. */
  get losses(): readonly ForeignLoss[] {
    return this.#losses
  }

  /** When each node was last heard, UTC ms by its own clock. */
  heard(): Map<string, number> {
    const out = new Map(this.#o.heard)
    for (const [node, { heard }] of this.#nodes) {
      const last = heard.at(-1)
      if (last !== undefined) out.set(node, last.t_ms)
    }
    return out
  }

  /** @param event of a node that `allows` accepts */
  take(event: HostEvent, at: Monotonic, now: Instant): Arrival[] {
    switch (event.kind) {
      case 'birth':
        return this.#birth(event, at, now)
      case 'device-birth':
        return this.#deviceBirth(event, at, now)
      case 'data':
        return this.#data(event, at, now)
      case 'death':
        this.#away(this.#node(event.node), 'edge-down')
        return []
      case 'device-death': {
        const node = this.#node(event.node)
        const source = node.sources.get(event.device)
        if (source) source.away ??= { since_ms: timely(event.timestamp ?? lastOf(node), now), reason: 'closed' }
        return []
      }
      case 'lost':
        return this.#lostMessages(event, now)
      default:
        return []
    }
  }

  /** Nobody hears them until their next birth. */
  sessionEnded(): void {
    for (const node of this.#nodes.values()) this.#away(node, 'not-received')
  }

  #birth({ node: id, timestamp, metrics }: Of<'birth'>, at: Monotonic, now: Instant): Arrival[] {
    const node = this.#node(id)
    const bdSeq = metrics.find(({ name }) => name === BD_SEQ)?.value
    // A new session whose end nobody told; a rebirth keeps its number.
    if (node.bdSeq !== undefined && node.bdSeq !== bdSeq) this.#away(node, 'edge-down')
    node.bdSeq = bdSeq
    const source = this.#source(node, id, undefined, metrics)
    return this.#come(node, id, source, timestamp, metrics, at, now)
  }

  #deviceBirth({ node: id, device, timestamp, metrics }: Of<'device-birth'>, at: Monotonic, now: Instant): Arrival[] {
    const node = this.#node(id)
    const source = this.#source(node, id, device, metrics)
    return this.#come(node, id, source, timestamp, metrics, at, now)
  }

  #data({ node: id, device, timestamp, metrics }: Of<'data'>, at: Monotonic, now: Instant): Arrival[] {
    const node = this.#node(id)
    const source = node.sources.get(device)
    if (source === undefined) return []
    hear(node, at, timely(timestamp, now))
    return this.#arrivals(node, id, source, this.#readings(source, timestamp, metrics, now), [])
  }

  /** A birth also reports present values. */
  #come(
    node: Node,
    id: string,
    source: Source,
    timestamp: number,
    metrics: readonly Metric[],
    at: Monotonic,
    now: Instant,
  ): Arrival[] {
    const { away } = source
    source.away = undefined
    const t_ms = timely(timestamp, now)
    hear(node, at, t_ms)
    const gaps = away ? gapsOf(source, away.since_ms, t_ms, 1, away.reason) : []
    if (gaps.length > 0) this.#lose(id, now, 0, gaps.length)
    return this.#arrivals(node, id, source, this.#readings(source, timestamp, metrics, now), gaps)
  }

  #readings(source: Source, sent_ms: number, metrics: readonly Metric[], now: Instant) {
    const readings: Reading[] = []
    const untimely: Array<{ readonly untimely: string; readonly reading: Reading }> = []
    for (const metric of metrics) {
      if (metric.name === undefined || isControl(metric.name)) continue
      const known = source.metrics.get(metric.name)
      const fresh = source.fresh.has(metric.name)
      const one = known === undefined ? 'not-in-birth' : foreignReading(metric, known, sent_ms, now, fresh)
      if (typeof one === 'string') {
        this.#unstored.set(one, (this.#unstored.get(one) ?? 0) + 1)
        continue
      }
      source.fresh.delete(metric.name)
      if ('untimely' in one) untimely.push(one)
      else readings.push(one)
    }
    return { readings, untimely }
  }

  #arrivals(
    node: Node,
    id: string,
    { device, exercise }: Source,
    { readings, untimely }: { readings: Reading[]; untimely: Array<{ untimely: string; reading: Reading }> },
    gaps: Gap[],
  ): Arrival[] {
    const out: Arrival[] = []
    this.#gaps += gaps.length
    if (readings.length + gaps.length > 0) {
      const identity = this.#identity(node, id)
      const record: DeviceRecord = { identity, device, exercise, historical: false, readings, blocks: [], gaps }
      out.push({ ...recordArrival(id, record), foreign: true })
    }
    const [first] = untimely
    if (first !== undefined) {
      const body = bodyJson(untimely.map(({ reading }) => reading))
      const reason = `${first.reading.channel}: ${first.untimely}`
      const rejected: RejectedRecord = { identity: this.#identity(node, id), device, exercise, reason, body }
      out.push({ ...rejectedArrival(id, rejected), foreign: true })
    }
    return out
  }

  /** From the last message before the loss to the first after it; which source it was nobody knows: each may miss so many. */
  #lostMessages({ node: id, messages, noticed }: Of<'lost'>, now: Instant): Arrival[] {
    const node = this.#node(id)
    this.#lost += messages
    const before = node.heard.findLast(({ at }) => at < noticed) ?? node.heard[0]
    const after = node.heard.find(({ at }) => at >= noticed) ?? node.heard.at(-1)
    const out: Arrival[] = []
    let made = 0
    if (before !== undefined && after !== undefined)
      for (const source of node.sources.values()) {
        const gaps = gapsOf(source, before.t_ms, after.t_ms, messages, 'not-received')
        made += gaps.length
        out.push(...this.#arrivals(node, id, source, { readings: [], untimely: [] }, gaps))
      }
    this.#lose(id, now, messages, made)
    return out
  }

  #lose(node: string, now: Instant, messages: number, gaps: number): void {
    const before = this.#losses.find((loss) => loss.node === node)
    const { messages: m, gaps: g, since_ns } = before ?? { messages: 0, gaps: 0, since_ns: now }
    const loss: ForeignLoss = { node, messages: m + messages, gaps: g + gaps, since_ns, last_ns: now }
    this.#losses = [...this.#losses.filter((one) => one !== before), loss]
  }

  #identity(node: Node, id: string): Identity {
    return { node: id, outbox: this.#o.run, stream: 'readings', offset: ++node.offset }
  }

  #away(node: Node, reason: Gap['reason']): void {
    const since_ms = lastOf(node)
    if (since_ms === undefined) return
    for (const source of node.sources.values()) source.away ??= { since_ms, reason }
    node.before ??= { since_ms, reason }
  }

  #node(id: string): Node {
    let node = this.#nodes.get(id)
    if (node === undefined) {
      const since_ms = this.#o.heard?.get(id)
      const before = since_ms === undefined ? undefined : ({ since_ms, reason: 'not-received' } as const)
      node = { sources: new Map(), bdSeq: undefined, offset: 0, metrics: 0, heard: [], before }
      this.#nodes.set(id, node)
    }
    return node
  }

  /** As the birth says it is now. A source that is new to this run was away since its node was last heard. */
  #source(node: Node, id: string, device: string | undefined, metrics: readonly Metric[]): Source {
    const name = foreignDevice(id, device)
    let source = node.sources.get(device)
    if (source === undefined) {
      source = { device: name, metrics: new Map(), fresh: new Set(), exercise: false, away: node.before }
      node.sources.set(device, source)
    }
    const known = new Map<string, ForeignMetric>()
    const room = METRICS_MAX - (node.metrics - source.metrics.size)
    for (const metric of metrics) {
      if (metric.name === undefined || isControl(metric.name)) continue
      if (known.size >= room) {
        this.#unstored.set('too-many', (this.#unstored.get('too-many') ?? 0) + 1)
        continue
      }
      const channel = foreignChannel(name, metric.name)
      known.set(metric.name, { channel, datatype: metric.datatype, unit: foreignUnit(metric) })
      source.fresh.add(metric.name)
    }
    node.metrics += known.size - source.metrics.size
    for (const old of source.metrics.keys()) if (!known.has(old)) source.fresh.delete(old)
    source.metrics = known
    source.exercise = metrics.some(({ name: n, value }) => n === DEVICE_SIMULATED && value === true)
    return source
  }
}

const isControl = (name: string): boolean => name === BD_SEQ || /^(Node|Device) Control\//.test(name)

const lastOf = ({ heard }: Node): number | undefined => heard.at(-1)?.t_ms

/** A gap stands where people look for it, also where the node has no clock. */
const timely = (t_ms: number | undefined, now: Instant): number =>
  t_ms !== undefined && isTimely(t_ms, now) ? t_ms : instantToMs(now)

function hear(node: Node, at: Monotonic, t_ms: number): void {
  node.heard.push({ at, t_ms })
  if (node.heard.length > HEARD_MAX) node.heard = node.heard.slice(HEARD_MAX / 2)
}

/** `missing` of as many expected; of a node that was away nobody knows how many, but one at least. */
function gapsOf(source: Source, from_ms: number, to_ms: number, missing: number, reason: Gap['reason']): Gap[] {
  const channels = [...source.metrics.values()].filter(({ datatype }) => isNumeric(datatype)).map((m) => m.channel)
  const [from, to] = from_ms <= to_ms ? [from_ms, to_ms] : [to_ms, from_ms]
  const from_ns = instantFromMs(from)
  // A gap has a length, also where the node's clock did not move.
  const to_ns = (instantFromMs(to) + (from === to ? NS_PER_MS : 0n)) as Instant
  const out: Gap[] = []
  for (let i = 0; i < channels.length; i += GAP_CHANNELS_MAX)
    out.push({ channels: channels.slice(i, i + GAP_CHANNELS_MAX), from_ns, to_ns, expected: missing, missing, reason })
  return out
}

/** Int8 to Double; a birth that does not say may mean a number. */
const isNumeric = (datatype: number | undefined): boolean => datatype === undefined || datatype <= 10
