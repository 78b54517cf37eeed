/**
 * A line of real processes whose site file changes while it runs: two river gauges that stand still, an accelerometer whose
 * every sample is known, and a gauge that may come. What is changed and killed when is left to the stories.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LatestReading, SeriesReader, StoredGap } from '../domain/ports.ts'
import { UplinkProxy } from '../firmware-sim/io/uplink-proxy.ts'
import { SystemClock } from '../runtime/clock.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { PARTS, type Part, ServiceProcess, startInTurn } from './processes.ts'
import { siteFileText, siteOf, yonago } from './site.ts'
import { StageDevice } from './stage-device.ts'
import { compare, EVER, storedUpTo, type Told, wallNow } from './truth.ts'
import { until } from './until.ts'

export const GAUGES = ['north', 'south', 'weir'] as const
export type Gauge = (typeof GAUGES)[number]
export const POLL_MS = 200

export type Present = {
  readonly gauges: readonly Gauge[]
  readonly limit_m: number
  /** `nodes[].outbox`; default as it comes. */
  readonly outbox?: object
}

export class ChangingLine {
  readonly data: string
  readonly gauges: Readonly<Record<Gauge, StageDevice>>
  /** The edge's way to the broker. */
  readonly uplink: UplinkProxy
  /** Signed in. */
  readonly desk: DeskClient
  readonly #ports: { readonly accelerometer: number; readonly mqtt: number; readonly desk: number }
  readonly #gaugePorts: Readonly<Record<Gauge, number>>
  readonly #services: ReadonlyMap<Part, ServiceProcess>
  #simulation: Line | undefined
  #store: SeriesReader | undefined

  private constructor(
    data: string,
    gauges: ChangingLine['gauges'],
    gaugePorts: Record<Gauge, number>,
    ports: number[],
    uplink: UplinkProxy,
  ) {
    this.uplink = uplink
    this.data = data
    this.gauges = gauges
    this.#gaugePorts = gaugePorts
    this.#ports = { accelerometer: ports[0]!, mqtt: ports[1]!, desk: ports[2]! }
    this.desk = new DeskClient(this.#ports.desk)
    const args = ['--site', this.path, '--data', data]
    const door = ['--mqtt-port', String(uplink.port)]
    const words = (part: Part) => (part === 'edge' ? [part, '--node', 'n1', ...door] : [part])
    this.#services = new Map(PARTS.map((part) => [part, new ServiceProcess([...words(part), ...args])]))
  }

  /** Everything runs and both gauges are read. */
  static async start(present: Present): Promise<ChangingLine> {
    const gauges = { north: new StageDevice(), south: new StageDevice(), weir: new StageDevice() }
    const gaugePorts = {
      north: await gauges.north.start(),
      south: await gauges.south.start(),
      weir: await gauges.weir.start(),
    }
    const ports = [await freePort(), await freePort(), await freePort()]
    const upstream = { host: '127.0.0.1', port: ports[1]! }
    const uplink = new UplinkProxy({ node: 'n1', upstream, clock: new SystemClock(), log: silentLog })
    await uplink.listen()
    const line = new ChangingLine(await temporaryFolder(), gauges, gaugePorts, ports, uplink)
    try {
      await line.#start(present)
    } catch (error) {
      await line.end()
      throw error
    }
    return line
  }

  async #start(present: Present): Promise<void> {
    this.write(present)
    const site = await siteOf(this.file(present))
    this.#simulation = await startLine(site, this.data, ['sim'])
    await startInTurn(this.#services)
    const link = await until('the first link', () => /http:\S+first-user\S+/.exec(this.part('desk').output.stdout)?.[0])
    await this.desk.firstUser(link, 'keeper')
    this.#store = await openStore(site, this.data)
    await until('the gauges are stored', async () => (await this.readings('north')).length > 3)
  }

  get path(): string {
    return join(this.data, 'site.yaml')
  }
  part(part: Part): ServiceProcess {
    return this.#services.get(part)!
  }
  get store(): SeriesReader {
    return this.#store!
  }

  file({ gauges, limit_m, outbox = {} }: Present): object {
    const link = (id: string, port: number, device: object) => ({
      id,
      tcp: { host: '127.0.0.1', port },
      devices: [device],
    })
    return {
      site: 'rehearsal',
      name: 'Rehearsal site',
      nodes: [
        {
          id: 'n1',
          name: 'Node 1',
          outbox,
          links: [
            link('tower', this.#ports.accelerometer, yonago({ lead_s: 1 })),
            ...gauges.map((id) =>
              link(id, this.#gaugePorts[id], { id, name: `Gauge ${id}`, model: 'sim-stage-gauge', poll_ms: POLL_MS }),
            ),
          ],
        },
      ],
      limits: [{ id: 'high', name: 'High', channel: 'north/stage', above: limit_m, unit: 'm', deadband: 0.1 }],
      broker: { port: this.#ports.mqtt },
      desk: { port: this.#ports.desk },
    }
  }

  write(present: Present): void {
    writeFileSync(this.path, siteFileText(this.file(present)))
  }

  /** SIGHUP to the edge. */
  hangUp(): void {
    process.kill(this.part('edge').pid!, 'SIGHUP')
  }

  says(part: Part, what: RegExp, timeout_ms = 15_000): Promise<string> {
    return until(`${part} says ${what}`, () => what.exec(this.part(part).output.stderr)?.[0], timeout_ms)
  }

  /** Good readings of a gauge's stage, by time. */
  async readings(gauge: Gauge): Promise<readonly LatestReading[]> {
    const all = await this.store.readings(`${gauge}/stage`, ...EVER, 100_000).catch(() => [])
    return [...all].sort((a, b) => (a.t_ns < b.t_ns ? -1 : 1))
  }

  async gaps(gauge: Gauge): Promise<readonly StoredGap[]> {
    return (await this.store.gaps(...EVER)).filter(({ channels }) => channels.includes(`${gauge}/stage`))
  }

  /** Every sample of the accelerometer up to now, once it is stored. */
  async told(): Promise<Told> {
    const device = this.#simulation!.simulator().accelerometer('yonago')
    const upTo = device.newestCounter(wallNow())
    return compare(await storedUpTo(this.store, 'yonago', upTo), device, upTo)
  }

  async end(): Promise<void> {
    await this.#store?.close()
    for (const service of this.#services.values()) await service.kill()
    await this.#simulation?.stop()
    await this.uplink.close()
    for (const gauge of Object.values(this.gauges)) await gauge.stop()
    await removeFolder(this.data)
  }
}

/** Longest time between two readings [s]. */
export const longestStep_s = (readings: readonly LatestReading[]): number =>
  readings.reduce((most, { t_ns }, i) => Math.max(most, i === 0 ? 0 : Number(t_ns - readings[i - 1]!.t_ns) / 1e9), 0)

/** Readings that stand more than once at one instant. */
export const doubledIn = (readings: readonly LatestReading[]): number =>
  readings.length - new Set(readings.map(({ t_ns }) => t_ns)).size

/** Times without readings that no gap tells of. */
export const untoldIn = (readings: readonly LatestReading[], gaps: readonly StoredGap[], poll_ms = POLL_MS): number =>
  readings.filter(({ t_ns }, i) => {
    const before = readings[i - 1]?.t_ns ?? t_ns
    if (Number(t_ns - before) / 1e6 < 5 * poll_ms) return false
    return !gaps.some(({ from_ns, to_ns }) => from_ns < t_ns && to_ns > before)
  }).length
