/**
 * Host events in, records out: which stream a Sparkplug node carries, what a device's birth says of its blocks, whether it
 * is an exercise. Nodes without an outbox are `foreign.ts`'s. Each record of a payload stands for itself, so that one broken record never holds up its neighbours.
 */
import { devicesOf, type Site } from '../domain/channel.ts'
import { blocksNodeId } from '../domain/ids.ts'
import type { Identity, Stream } from '../domain/record.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { DeviceNames } from '../domain/wire/device-names.ts'
import { flag } from '../domain/wire/metric.ts'
import { DEVICE_SIMULATED, OUTBOX_ID } from '../domain/wire/names.ts'
import { blockGroupsOf, decodeRecord, type RecordContext, recordSpans, type Span } from '../domain/wire/record.ts'
import { type Arrival, bodyJson, recordArrival, rejectedArrival } from './arrival.ts'

/** Something of a device that can neither be stored nor acknowledged: it names no record. */
export type Fault = { readonly device: string; readonly why: string }
export type Taken = {
  readonly arrivals: readonly Arrival[]
  readonly faults: readonly Fault[]
  /** The node sent for an outbox that another had replaced: two gateways go by one name. */
  readonly rivals?: boolean
}

const NOTHING: Taken = { arrivals: [], faults: [] }
/** Shadow devices of a drill (contracts 1). */
const DRILL_PREFIX = 'drill.'

type Lane = { readonly node: string; readonly stream: Stream }
type DeviceBirth = Required<Pick<RecordContext, 'exercise' | 'blockGroups' | 'names'>>
/** Outboxes remembered of one Sparkplug node; a gateway has a new one with each new disk. */
const OUTBOXES_MAX = 16

type DataEvent = Extract<HostEvent, { kind: 'data' }>

export class Intake {
  /** By Sparkplug node: `<node>` carries readings, `<node>-blocks` blocks; identities name `<node>` in both. */
  readonly #lanes = new Map<string, Lane>()
  readonly #simulated: ReadonlySet<string>
  readonly #births = new Map<string, Map<string, DeviceBirth>>()
  /** By Sparkplug node, the present one last. */
  readonly #outboxes = new Map<string, string[]>()

  constructor(site: Pick<Site, 'file' | 'models'>) {
    for (const { id } of site.file.nodes) {
      this.#lanes.set(id, { node: id, stream: 'readings' })
      this.#lanes.set(blocksNodeId(id), { node: id, stream: 'blocks' })
    }
    this.#simulated = new Set(devicesOf(site).flatMap(({ device }) => (device.simulated ? [device.id] : [])))
  }

  /** Sparkplug nodes whose records are wanted. */
  get nodes(): readonly string[] {
    return [...this.#lanes.keys()]
  }

  has(node: string): boolean {
    return this.#lanes.has(node)
  }

  take(event: HostEvent): Taken {
    switch (event.kind) {
      case 'birth':
        if (this.has(event.node)) this.#births.set(event.node, new Map())
        return NOTHING
      case 'device-birth':
        if (!this.has(event.node)) return NOTHING
        this.#birthsOf(event.node).set(event.device, {
          exercise: this.#isExercise(event.device, event.metrics),
          blockGroups: blockGroupsOf(event.metrics),
          names: new DeviceNames(event.device),
        })
        return NOTHING
      case 'data':
        return event.device === undefined && this.has(event.node) ? NOTHING : this.#data(event, event.device)
      default:
        return NOTHING
    }
  }

  /** The session ended: births come again. */
  forget(): void {
    this.#births.clear()
  }

  /** The birth says what the device is now; only where it says nothing the site file does. */
  #isExercise(device: string, metrics: readonly Metric[]): boolean {
    if (device.startsWith(DRILL_PREFIX)) return true
    const said = metrics.find((metric) => metric.name === DEVICE_SIMULATED)?.value
    if (typeof said === 'boolean') return said
    const marks = metrics.map((metric) => flag(metric.properties, 'exercise')).filter((mark) => mark !== undefined)
    return marks.length > 0 ? marks.includes(true) : this.#simulated.has(device)
  }

  #data({ node, metrics }: DataEvent, device = node): Taken {
    const lane = this.#lanes.get(node)
    if (lane === undefined) return fault(device, `${node} is no edge node of the site`)
    const birth = this.#births.get(node)?.get(device)
    if (birth === undefined) return fault(device, `data before its birth on ${node}`)
    const outbox = metrics.find((metric) => metric.name === OUTBOX_ID)
    if (typeof outbox?.value !== 'string') return fault(device, `${OUTBOX_ID}: expected text, got none`)
    const context: RecordContext = { ...lane, device, ...birth }
    const arrivals: Arrival[] = []
    const faults: Fault[] = []
    for (const span of recordSpans(metrics)) {
      const decoded = decode(node, outbox.value, metrics, span, context)
      if ('why' in decoded) faults.push(decoded)
      else arrivals.push(decoded)
    }
    return { arrivals, faults, ...(this.#isRival(node, outbox.value) && { rivals: true }) }
  }

  /** A replaced disk is a new outbox, once; an old one that comes again is another gateway's. */
  #isRival(node: string, outbox: string): boolean {
    const known = this.#outboxes.get(node) ?? []
    if (known.at(-1) === outbox) return false
    const rival = known.includes(outbox)
    this.#outboxes.set(node, [...known.filter((one) => one !== outbox), outbox].slice(-OUTBOXES_MAX))
    return rival
  }

  #birthsOf(node: string): Map<string, DeviceBirth> {
    const known = this.#births.get(node) ?? new Map<string, DeviceBirth>()
    this.#births.set(node, known)
    return known
  }
}

const fault = (device: string, why: string): Taken => ({ arrivals: [], faults: [{ device, why }] })

/** A record that cannot be decoded keeps its identity, so that it can be put aside and acknowledged. */
function decode(
  publisher: string,
  outbox: string,
  metrics: readonly Metric[],
  span: Span,
  context: RecordContext,
): Arrival | Fault {
  const { node, stream, device, exercise } = context
  try {
    return recordArrival(publisher, decodeRecord(outbox, metrics, span, context))
  } catch (error) {
    const why = (error as Error).message
    const offset = Number(metrics[span.from]?.value)
    if (!Number.isSafeInteger(offset) || offset < 1) return { device, why }
    const identity: Identity = { node, outbox, stream, offset }
    return rejectedArrival(publisher, {
      identity,
      device,
      exercise,
      reason: why,
      body: bodyJson(metrics.slice(span.from, span.to)),
    })
  }
}
