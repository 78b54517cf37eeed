/**
 * The whole line on the simulated clock in one process: real edge nodes, ingest with its store, and the desk with its journal,
 * around a broker in memory and devices that are functions of time. A night takes seconds, and the same story twice gives the
 * same journal. What a story promises and counts is its own; the world that it happens in is here.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeskService } from '../../desk/service.ts'
import { TestSimulator } from '../../desk/testing-simulator.ts'
import type { AlarmJson, JournalEntryJson } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import { edgeFolder, ingestFolder } from '../../domain/data-folder.ts'
import { splitShadow } from '../../domain/drill.ts'
import type { SeriesReader, Service } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Instant, instantFromMs, NS_PER_S } from '../../domain/time.ts'
import { EdgeService, type EdgeServiceOptions } from '../../edge/service.ts'
import { type FakeDevice, MemoryBus } from '../../edge/testing.ts'
import { MemoryBroker } from '../../edge/testing-uplink.ts'
import { IngestService } from '../../ingest/service.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { readable } from '../../store/dead-letter.ts'
import { openSeriesReader, openSeriesWriter, retentionOf } from '../../store/embedded.ts'
import { openDeadLetters } from '../../store/io/dead-letters.ts'
import { removeFolder } from '../line.ts'
import { siteOf } from '../site.ts'

/** The clock stands while a disk syncs, thousands of times: files in memory, where the system has them, save minutes. */
export const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const PAGE = 1000
const QUARANTINE_MAX = 100_000
const MEI = { name: 'Mei', passphrase: 'a long passphrase for a story' }

export type World = {
  /** A site file as people write it. */
  readonly file: object
  /** What answers, by device id. */
  readonly devices: Readonly<Record<string, FakeDevice>>
  /** What answers as the shadow of a device in a drill, by id of the real one; without any a drill cannot be started. */
  readonly shadows?: Readonly<Record<string, FakeDevice>>
  readonly begun: Date
  /** Whether ingest and its store take part; alarms alone need neither. */
  readonly store?: boolean
  readonly edge?: Pick<EdgeServiceOptions, 'clockProbe' | 'boot'>
}

export class SimulatedLine {
  readonly site: Site
  readonly clock: SimulatedClock
  readonly begun: Instant
  readonly broker = new MemoryBroker()
  readonly data: string
  /** By link id of each node: faults and writes of a story. */
  readonly buses = new Map<string, MemoryBus>()
  readonly #world: World
  readonly #running = new Map<string, Service>()
  #desk: DeskService | undefined
  #cookie = ''
  #announced = ''

  static async of(world: World): Promise<SimulatedLine> {
    const site = await siteOf(world.file)
    const line = new SimulatedLine(world, site, await mkdtemp(join(MEMORY, 'plumbline-story-')))
    try {
      if (world.store) await line.startIngest()
      await line.startDesk()
      await line.#signIn()
      for (const node of site.file.nodes) await line.startEdge(node.id)
    } catch (error) {
      await line.end()
      throw error
    }
    return line
  }

  private constructor(world: World, site: Site, data: string) {
    this.#world = world
    this.site = site
    this.data = data
    this.begun = instantFromMs(world.begun.getTime())
    this.clock = new SimulatedClock(this.begun)
    // What was said is kept by its owners; a night of packets is not.
    const publish = this.broker.publish.bind(this.broker)
    this.broker.publish = (topic, payload, retain) => {
      publish(topic, payload, retain)
      this.broker.log.length = 0
    }
  }

  get #shared() {
    const { clock, broker, data, site } = this
    const password = async () => 'secret'
    return {
      site,
      dataDir: data,
      brokerUrl: 'mqtt://x:1',
      clock,
      log: silentLog,
      connectMqtt: broker.connect,
      password,
    }
  }

  async startEdge(id: string): Promise<void> {
    const node = this.site.file.nodes.find((one) => one.id === id)!
    const openLink = (link: SiteLink) => {
      const bus = new MemoryBus(this.clock)
      for (const device of link.devices) bus.devices.set(device.unit_id, this.#deviceOf(device.id))
      this.buses.set(link.id, bus)
      return bus
    }
    await this.#start(id, new EdgeService({ ...this.#shared, ...this.#world.edge, node, openLink }))
  }

  #deviceOf(id: string): FakeDevice {
    const shadow = splitShadow(id)
    return (shadow === undefined ? this.#world.devices[id] : this.#world.shadows?.[shadow.id])!
  }

  async startIngest(): Promise<void> {
    const { clock, site } = this
    const folder = ingestFolder(this.data, site.file.site)
    await mkdir(folder, { recursive: true })
    const store = await openSeriesWriter(folder, silentLog, { clock, retention: retentionOf(site) })
    const ingest = new IngestService({ ...this.#shared, store, folder })
    await this.#start('ingest', {
      name: 'ingest',
      start: () => ingest.start(),
      stop: async () => {
        await ingest.stop()
        await store.close()
      },
    })
  }

  async startDesk(): Promise<void> {
    const series = openSeriesReader(ingestFolder(this.data, this.site.file.site), silentLog)
    const announce = (text: string) => {
      this.#announced += text
    }
    const where = { consoleDir: this.data, host: '127.0.0.1', port: 0, software: 'story', announce }
    const simulator = this.#world.shadows === undefined ? {} : { simulator: new TestSimulator(this.site) }
    this.#desk = new DeskService({ ...this.#shared, series, ...where, ...simulator })
    await this.#start('desk', this.#desk)
  }

  async #start(name: string, service: Service): Promise<void> {
    await service.start()
    this.#running.set(name, service)
  }

  /** An orderly stop; another `start…` begins it again on what it left behind. */
  async stop(name: string): Promise<void> {
    const service = this.#running.get(name)
    this.#running.delete(name)
    await service?.stop()
  }

  async end(): Promise<void> {
    for (const name of [...this.#running.keys()].reverse()) await this.stop(name)
    await removeFolder(this.data)
  }

  /** The outbox and state of a node, as they lie on its disk. */
  edgeFolder(id: string): string {
    return edgeFolder(this.data, this.site.file.site, id)
  }

  /** Both Sparkplug nodes of an edge node lose their uplink. */
  cut(node: string): void {
    this.broker.cutOff(node, `${node}-blocks`)
  }
  heal(node: string): void {
    this.broker.back(node, `${node}-blocks`)
  }

  seconds(s: number): Promise<void> {
    return this.clock.advance(BigInt(Math.round(s * 1e9)))
  }
  hours(h: number): Promise<void> {
    return this.seconds(h * 3600)
  }
  /** What is asked, while time goes on: some answers wait for a node to say that it heard. */
  async meanwhile<T>(asked: Promise<T>, s: number): Promise<T> {
    await this.seconds(s)
    return asked
  }
  /** Seconds since the story began. */
  get now_s(): number {
    return Number(this.clock.now() - this.begun) / Number(NS_PER_S)
  }

  async store<T>(ask: (reader: SeriesReader) => Promise<T>): Promise<T> {
    const reader = openSeriesReader(ingestFolder(this.data, this.site.file.site), silentLog)
    try {
      return await ask(reader)
    } finally {
      await reader.close()
    }
  }

  /** Readings of a channel that were put aside. */
  async quarantined(channel: string): Promise<number> {
    const letters = await openDeadLetters(ingestFolder(this.data, this.site.file.site), true)
    try {
      const parts = (await letters.list(QUARANTINE_MAX)).map(({ body }) => readable(body))
      const readings = parts.flatMap((part) => ('parts' in part ? part.parts.readings : []))
      return readings.filter((reading) => reading.channel === channel).length
    } finally {
      await letters.close()
    }
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#ask('GET', path)) as T
  }
  async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.#ask('POST', path, body)) as T
  }

  async alarms(): Promise<readonly AlarmJson[]> {
    return (await this.get<{ alarms: AlarmJson[] }>('/alarms')).alarms
  }

  /** Acknowledges what stands or stood; how often something was there to answer. */
  async acknowledge(id: string): Promise<number> {
    const alarm = (await this.alarms()).find((one) => one.id === id)
    if (alarm === undefined || !/unacknowledged$/.test(alarm.state)) return 0
    const { occurrence, etag } = alarm
    await this.post(`/alarms/${encodeURIComponent(id)}/acknowledge`, { occurrence, etag })
    return 1
  }

  async shelve(id: string, minutes: number): Promise<void> {
    const { etag } = (await this.alarms()).find((one) => one.id === id)!
    await this.post(`/alarms/${encodeURIComponent(id)}/shelve`, { etag, minutes, reason: 'the gauge is cleaned' })
  }

  /** Up to an instant of the story. */
  async until(at_s: number): Promise<void> {
    await this.seconds(at_s - this.now_s)
  }

  /** Every entry of the journal, oldest first. */
  async journal(): Promise<readonly JournalEntryJson[]> {
    const entries: JournalEntryJson[] = []
    for (;;) {
      const after = entries.at(-1)?.seq ?? 0
      const page = (await this.get<{ entries: JournalEntryJson[] }>(`/journal?after=${after}&limit=${PAGE}`)).entries
      entries.push(...page)
      if (page.length < PAGE) return entries
    }
  }

  async #signIn(): Promise<void> {
    const token = /token=(\S+)/.exec(this.#announced)?.[1] ?? ''
    await this.#ask('POST', '/first-user', { token, ...MEI })
  }

  /** Signs in again where the session has ended meanwhile: a story is longer than a shift. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { response, answer } = await this.#fetch(method, path, body)
    if (response.status === 401 && path !== '/session') {
      await this.#ask('POST', '/session', MEI)
      return this.#ask(method, path, body)
    }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }

  async #fetch(method: string, path: string, body: unknown) {
    const response = await fetch(`http://127.0.0.1:${this.#desk!.port}/api/v1${path}`, {
      method,
      headers: { cookie: this.#cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    return { response, answer: await response.json() }
  }
}
