/**
 * What is known right now: the newest reading of each channel, and which devices and nodes are there. Unknown is never
 * clear: what the desk has not heard of since it was last connected is `unknown`, with since when and why. Pure.
 */
import type { DeviceJson, LiveEvent, NodeJson, ReadingJson } from '../domain/api.ts'
import { channelsOfDevice, devicesOf, type PlacedDevice, type Site, timeScaleOf } from '../domain/channel.ts'
import type { Reading } from '../domain/reading.ts'
import type { Instant } from '../domain/time.ts'

/** Three polls, at least three seconds. */
const STALE_POLLS = 3
const STALE_LEAST_MS = 3000

export const NOT_HEARD = 'nothing heard since the desk started'
export const NOT_BORN = 'its edge node is there but has not reported it'

export class LiveModel {
  readonly #devices = new Map<string, DeviceJson>()
  readonly #nodes = new Map<string, NodeJson>()
  readonly #readings = new Map<string, ReadingJson>()
  readonly #deviceOf = new Map<string, string>()
  /** Since when a device was online whose node is being born anew. */
  readonly #onlineSince = new Map<string, string | null>()
  readonly #hash: string

  constructor(site: Site) {
    this.#hash = site.hash
    for (const { id } of site.file.nodes)
      this.#nodes.set(id, { id, state: 'unknown', since_ns: null, reason: NOT_HEARD, site_hash_agrees: null })
    for (const placed of devicesOf(site)) this.#add(deviceJson(placed))
  }

  #add(device: DeviceJson): void {
    this.#devices.set(device.id, device)
    for (const { id } of device.channels) this.#deviceOf.set(id, device.id)
  }

  /** Devices that were not there before: the shadows of a drill that begins. */
  join(site: Site): void {
    for (const placed of devicesOf(site))
      if (!this.#devices.has(placed.device.id)) this.#add({ ...deviceJson(placed), reason: NOT_BORN })
  }

  /** Keeps only the devices of the site: what a drill brought is gone, neither stale nor unknown. */
  leave(site: Site): void {
    const kept = new Set(devicesOf(site).map(({ device }) => device.id))
    for (const { id, channels } of this.devices()) {
      if (kept.has(id)) continue
      this.#devices.delete(id)
      this.#onlineSince.delete(id)
      for (const channel of channels) {
        this.#deviceOf.delete(channel.id)
        this.#readings.delete(channel.id)
      }
    }
  }

  devices(): DeviceJson[] {
    return [...this.#devices.values()]
  }
  nodes(): NodeJson[] {
    return [...this.#nodes.values()]
  }
  readings(): ReadingJson[] {
    return [...this.#readings.values()]
  }
  device(id: string): DeviceJson | undefined {
    return this.#devices.get(id)
  }
  reading(channel: string): ReadingJson | undefined {
    return this.#readings.get(channel)
  }
  deviceOf(channel: string): DeviceJson | undefined {
    return this.#devices.get(this.#deviceOf.get(channel) ?? '')
  }
  node(id: string): NodeJson | undefined {
    return this.#nodes.get(id)
  }

  /** Readings that were stored before the desk started; only where nothing newer is known. */
  seed(readings: ReadonlyArray<Reading & { exercise: boolean }>): LiveEvent[] {
    return this.#take(
      readings.map((reading) => readingJson(reading, reading.exercise)),
      true,
    )
  }

  /**
   * Readings of a device. Live ones stand as they come, so that a clock that was set back does not hide them; of resent
   * ones only what is newer than the last.
   */
  read(device: string, readings: readonly Reading[], historical: boolean): LiveEvent[] {
    const simulated = this.#devices.get(device)?.simulated ?? false
    return this.#take(
      readings.map((reading) => readingJson(reading, simulated)),
      historical,
    )
  }

  /** Whether nothing up to this instant could be news of these channels. */
  knowsSince(channels: readonly string[], newest: Instant): boolean {
    return channels.every((channel) => {
      const known = this.#readings.get(channel)
      return known !== undefined && BigInt(known.t_ns) >= newest
    })
  }

  /** A birth of the node voids those of its devices (Sparkplug 3.0, 5.4): each is unknown until its own comes. */
  nodeBirth(id: string, hash: string | undefined, at: Instant): LiveEvent[] {
    const agrees = hash === undefined ? null : hash === this.#hash
    this.#onlineSince.clear()
    const unborn = this.devices().flatMap((device) => {
      if (device.node !== id || device.state === 'offline') return []
      if (device.state === 'online') this.#onlineSince.set(device.id, device.since_ns)
      return this.#setDevice(device.id, { state: 'unknown', reason: NOT_BORN }, at)
    })
    return [...this.#setNode(id, { state: 'online', reason: null, site_hash_agrees: agrees }, at), ...unborn]
  }

  nodeDeath(id: string, at: Instant): LiveEvent[] {
    const why = 'the edge node is away'
    return [...this.#setNode(id, { state: 'offline', reason: why }, at), ...this.#unknown(id, why, at)]
  }

  /** The desk's own connection is gone: nothing can be known of anybody. */
  connectionLost(why: string, at: Instant): LiveEvent[] {
    const reason = `the desk has no connection to the broker (${why})`
    return [...this.#nodes.keys()].flatMap((id) => [
      ...this.#setNode(id, { state: 'unknown', reason }, at),
      ...this.#unknown(id, reason, at),
    ])
  }

  deviceBirth(id: string, at: Instant): LiveEvent[] {
    const events = this.#setDevice(id, { state: 'online', reason: null }, at)
    const since_ns = this.#onlineSince.get(id)
    if (since_ns === undefined || events.length === 0) return events
    this.#onlineSince.delete(id)
    const device = { ...this.#devices.get(id)!, since_ns }
    this.#devices.set(id, device)
    return [{ event: 'device', data: device }]
  }

  deviceDeath(id: string, at: Instant): LiveEvent[] {
    const bad = this.readings().find((r) => r.channel.startsWith(`${id}/`) && r.reason !== null)
    return this.#setDevice(id, { state: 'offline', reason: bad?.reason ?? 'the device does not answer' }, at)
  }

  #unknown(node: string, reason: string, at: Instant): LiveEvent[] {
    return this.devices()
      .filter((device) => device.node === node)
      .flatMap((device) => this.#setDevice(device.id, { state: 'unknown', reason }, at))
  }

  #setNode(id: string, change: Partial<NodeJson>, at: Instant): LiveEvent[] {
    const node = this.#nodes.get(id)
    if (node === undefined) return []
    const since_ns = change.state === node.state ? node.since_ns : String(at)
    const next = { ...node, ...change, since_ns }
    if (JSON.stringify(next) === JSON.stringify(node)) return []
    this.#nodes.set(id, next)
    return [{ event: 'node', data: next }]
  }

  #setDevice(id: string, change: Pick<DeviceJson, 'state' | 'reason'>, at: Instant): LiveEvent[] {
    const device = this.#devices.get(id)
    if (device === undefined || (device.state === change.state && device.reason === change.reason)) return []
    // A device that stays unknown has been so since it was lost, whatever the reason is by now.
    const since_ns = device.state === change.state && device.since_ns !== null ? device.since_ns : String(at)
    const next = { ...device, ...change, since_ns }
    this.#devices.set(id, next)
    return [{ event: 'device', data: next }]
  }

  #take(readings: readonly ReadingJson[], onlyNewer: boolean): LiveEvent[] {
    const newer = readings.filter((reading) => {
      const known = this.#readings.get(reading.channel)
      const device = this.#devices.get(this.#deviceOf.get(reading.channel) ?? '')
      if (device === undefined) return false
      if (onlyNewer && known !== undefined && BigInt(known.t_ns) >= BigInt(reading.t_ns)) return false
      this.#readings.set(reading.channel, reading)
      const { last_ns } = device
      const isLast =
        reading.value !== null && (!onlyNewer || last_ns === null || BigInt(last_ns) < BigInt(reading.t_ns))
      if (isLast) this.#devices.set(device.id, { ...device, last_ns: reading.t_ns })
      return true
    })
    return newer.length > 0 ? [{ event: 'readings', data: newer }] : []
  }
}

function deviceJson({ node, device, model }: PlacedDevice): DeviceJson {
  const poll_ms = device.poll_ms ?? model.poll_ms
  return {
    id: device.id,
    name: device.name,
    node: node.id,
    model: device.model,
    floor: device.floor ?? null,
    simulated: device.simulated !== undefined,
    time_scale: timeScaleOf(device),
    poll_ms,
    state: 'unknown',
    since_ns: null,
    reason: NOT_HEARD,
    last_ns: null,
    stale_after_ms: Math.max(STALE_POLLS * poll_ms, STALE_LEAST_MS),
    channels: channelsOfDevice(device, model).map(({ id, metric, quantity, unit, kind, range }) => ({
      id,
      metric,
      quantity,
      unit,
      kind,
      range: range ?? null,
    })),
  }
}

const readingJson = (reading: Reading, exercise: boolean): ReadingJson => ({
  channel: reading.channel,
  value: reading.value,
  t_ns: String(reading.t_ns),
  flag: reading.flag,
  reason: reading.reason ?? null,
  detail: reading.detail ?? null,
  exercise,
})
