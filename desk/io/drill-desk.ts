/**
 * Starts and ends drills, in an order that survives every crash: journal, simulator, edge nodes; and at the end edge
 * nodes, simulator, journal. What a drill is, and what belongs to it, is `drill.ts`; there is one at a time. Edge nodes
 * are told by `drill-teller.ts`, the simulator by `drill-player.ts`.
 */
import type { DrillJson, DrillStartBody } from '../../domain/api.ts'
import { devicesOf, type Site } from '../../domain/channel.ts'
import { withDrill } from '../../domain/drill.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SimulatorControl } from '../../domain/simulator-control.ts'
import { addNs, NS_PER_S } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Json } from '../alarm.ts'
import {
  type Drill,
  type DrillBody,
  type DrillBook,
  drillJson,
  edgeDrillOf,
  nodesOf,
  START_WITHIN_NS,
} from '../drill.ts'
import { MINUTES_DEFAULT, refuseUnsound } from '../drill-request.ts'
import { HttpError } from '../http-error.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import { DrillPlayer } from './drill-player.ts'
import type { DrillTeller } from './drill-teller.ts'
import { Turns } from './turns.ts'

export type DrillDeskOptions = {
  readonly site: Site
  readonly clock: Clock
  readonly log: Log
  readonly simulator: SimulatorControl | undefined
  readonly drills: DrillBook
  readonly alarms: AlarmDesk
  readonly teller: DrillTeller
  /** The site with the shadows of the drill, or without. */
  readonly onSite: (site: Site) => void
  readonly onDrill: (drill: DrillJson) => void
}

const CHECK_MS = 1000

export class DrillDesk {
  readonly #o: DrillDeskOptions
  readonly #player: DrillPlayer
  readonly #turns: Turns
  #cancel: (() => void) | undefined
  #checking = false
  /** What stands in the way of the drill now. */
  #trouble: string | null = null
  #stopped = false

  constructor(options: DrillDeskOptions) {
    this.#o = options
    this.#player = new DrillPlayer(options.simulator, options.clock, options.log)
    this.#turns = new Turns(options.clock)
  }

  get current(): DrillJson | null {
    const { current } = this.#o.drills
    return current === undefined ? null : this.#json(current)
  }
  list(): DrillJson[] {
    return this.#o.drills
      .list()
      .map((drill) => this.#json(drill))
      .reverse()
  }
  get(id: string): Drill | undefined {
    return this.#o.drills.get(id)
  }
  json(drill: Drill): DrillJson {
    return this.#json(drill)
  }

  /** Takes up what an earlier run left: a drill goes on, or ends because its time passed meanwhile. */
  async resume(): Promise<void> {
    const { current } = this.#o.drills
    await this.#o.alarms.shadowsGone()
    if (current === undefined) return
    this.#o.log.info('a drill goes on', { drill: current.id, until_ns: current.until_ns })
    this.#join(current)
    // A simulator that is slow to answer must not keep the desk from starting.
    this.#checkSoon()
  }

  stop(): Promise<unknown> {
    this.#stopped = true
    this.#cancel?.()
    return this.#turns.last()
  }

  /** A node whose birth says something else than what is wanted is told again by the teller. */
  heard(): void {
    if (this.#o.drills.current?.status !== 'starting' || this.#checking) return
    this.#checkSoon()
  }

  /** @throws PlumblineError DRILL_REFUSED and what the simulator refuses; HttpError 503 where it cannot be journalled */
  start(asked: DrillStartBody, by: string): Promise<DrillJson> {
    return this.#turns.take(async () => {
      try {
        refuseUnsound(asked, this.#o.site, this.#o.drills.current)
        this.#player.need()
      } catch (error) {
        const why = (error as Error).message
        void this.#o.alarms.note('drill', by, { what: 'refused', name: asked.name, why } satisfies DrillBody)
        throw error
      }
      return this.#start(asked, by)
    })
  }

  /** @throws PlumblineError DRILL_REFUSED; HttpError 404 */
  end(id: string, by: string): Promise<DrillJson> {
    return this.#turns.take(async () => {
      const drill = this.#o.drills.get(id)
      if (drill === undefined) throw new HttpError(404, 'NOT_FOUND', `there is no drill ${id}`)
      if (this.#o.drills.current?.id !== id)
        throw new PlumblineError('DRILL_REFUSED', `${id} does not run: it has ${drill.status}`)
      await this.#finish(drill, 'ended', 'asked to end', by)
      return this.#json(this.#o.drills.get(id)!)
    })
  }

  async #start(asked: DrillStartBody, by: string): Promise<DrillJson> {
    const { drills, alarms, clock, log } = this.#o
    const id = drills.newId(asked.name)
    const length_ns = BigInt(Math.round((asked.max_minutes ?? MINUTES_DEFAULT) * 60)) * NS_PER_S
    const body: DrillBody = {
      what: 'started',
      drill: id,
      name: asked.name,
      owner: asked.owner,
      recipients: asked.recipients ?? [],
      scenario: asked.scenario,
      shadows: asked.shadows ?? [],
      until_ns: String(addNs(clock.now(), length_ns)),
    }
    const away = await alarms.write('drill', by, body as unknown as Json)
    if (away !== undefined)
      throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${away}`, 5)
    this.#trouble = null
    alarms.book.forgetDrills()
    const drill = drills.get(id)!
    log.info('a drill starts', { drill: id, by, shadows: drill.shadows.length })
    this.#changed(drill)
    try {
      await this.#place(drill)
    } catch (error) {
      await this.#finish(drill, 'failed', (error as Error).message, 'desk')
      throw error
    }
    await this.#confirm(drills.get(id)!)
    this.#plan()
    return this.#json(drills.get(id)!)
  }

  /** The simulator plays and says where the shadows answer; the edge nodes are told. */
  async #place(drill: Drill): Promise<void> {
    const body: DrillBody = { what: 'placed', drill: drill.id, ...(await this.#player.play(drill)) }
    this.#note(body, 'desk')
    this.#join(this.#o.drills.get(drill.id)!)
  }

  /** From now on its devices are there; each of its edge nodes is told until it says so. */
  #join(drill: Drill): void {
    const { site, teller, onSite } = this.#o
    const edge = edgeDrillOf(drill)
    if (edge === undefined) return
    onSite(withDrill(site, edge))
    const nodeOf = new Map(devicesOf(site).map(({ device, node }) => [device.id, node.id]))
    for (const node of nodesOf(site, drill)) {
      const shadows = edge.shadows.filter(({ device }) => nodeOf.get(device) === node)
      teller.want(node, { ...edge, shadows })
    }
  }

  async #confirm(drill: Drill): Promise<void> {
    const { site, teller, log } = this.#o
    if (drill.status !== 'starting' || drill.places === undefined) return
    if (!nodesOf(site, drill).every((node) => teller.confirmed(node))) return
    await this.#note({ what: 'running', drill: drill.id }, 'desk')
    log.info('a drill runs', { drill: drill.id })
  }

  /** Edge nodes first: no alarm of a shadow is raised after it is gone. */
  async #finish(drill: Drill, what: 'ended' | 'failed', why: string, by: string): Promise<void> {
    const { site, teller, alarms, onSite, log, clock } = this.#o
    for (const node of nodesOf(site, drill)) teller.want(node, null)
    const simulator = await this.#player.stop(drill.id)
    // A drill whose time passed while the desk was down ended then: the edge nodes left it by themselves.
    const until_ns = BigInt(drill.until_ns)
    const ended_ns = String(clock.now() < until_ns ? clock.now() : until_ns)
    const body: DrillBody = { what, drill: drill.id, why, ended_ns, ...(simulator !== undefined && { simulator }) }
    this.#o.drills.apply({ body, actor: by, at_ns: String(clock.now()) })
    await alarms.shadowsGone()
    await this.#note(body, by)
    onSite(site)
    this.#plan()
    const say = what === 'failed' ? log.warn : log.info
    say(`a drill ${what}`, { drill: drill.id, by, why })
  }

  /** Shown at once, and durable as soon as the journal can be written. */
  #note(body: Exclude<DrillBody, { what: 'started' }>, by: string): Promise<void> {
    const { drills, alarms, clock } = this.#o
    drills.apply({ body, actor: by, at_ns: String(clock.now()) })
    const written = alarms.note('drill', by, body as unknown as Json)
    if (body.what !== 'refused') this.#changed(drills.get(body.drill)!)
    return written
  }

  #changed(drill: Drill): void {
    this.#o.onDrill(this.#json(drill))
  }

  #json(drill: Drill): DrillJson {
    return drillJson(drill, this.#o.drills.current?.id === drill.id ? this.#trouble : null)
  }

  #plan(): void {
    if (this.#stopped || this.#cancel !== undefined) return
    const { clock, drills } = this.#o
    if (drills.current === undefined && !this.#player.busy) return
    this.#cancel = clock.at(afterMs(clock, CHECK_MS), () => {
      this.#cancel = undefined
      this.#checkSoon()
    })
  }

  #checkSoon(): void {
    const failed = (cause: unknown) =>
      this.#o.log.error(new PlumblineError('BUG', 'a drill could not be checked').message, { cause })
    void this.#turns
      .take(() => this.#check())
      .catch(failed)
      .finally(() => this.#plan())
  }

  async #check(): Promise<void> {
    if (this.#stopped) return
    this.#checking = true
    try {
      const { current } = this.#o.drills
      if (current !== undefined) await this.#checkCurrent(current)
      else await this.#player.clear()
    } finally {
      this.#checking = false
    }
  }

  async #checkCurrent(drill: Drill): Promise<void> {
    const { clock, drills } = this.#o
    const now = clock.now()
    if (now >= BigInt(drill.until_ns)) return this.#finish(drill, 'ended', 'its time was over', 'desk')
    await this.#keepPlaying(drill)
    await this.#confirm(drills.get(drill.id)!)
    if (drills.get(drill.id)!.status !== 'starting' || now - BigInt(drill.started_ns) < START_WITHIN_NS) return
    const silent = nodesOf(this.#o.site, drill).filter((node) => !this.#o.teller.confirmed(node))
    const why = this.#trouble ?? `edge nodes that did not say that they take part: ${silent.join(', ')}`
    await this.#finish(drill, 'failed', why, 'desk')
  }

  /** A simulator that was restarted has lost the drill: it begins its scenario anew. */
  async #keepPlaying(drill: Drill): Promise<void> {
    try {
      const playing = await this.#player.playing()
      if (playing === undefined) return
      if (drill.places === undefined || playing !== drill.id) {
        this.#o.log.warn('the simulator does not play the drill; it begins anew', { drill: drill.id })
        await this.#place(drill)
      }
      this.#setTrouble(drill, null)
    } catch (error) {
      this.#setTrouble(drill, (error as Error).message)
    }
  }

  #setTrouble({ id }: Drill, why: string | null): void {
    if (this.#trouble === why) return
    this.#trouble = why
    if (why === null) this.#o.log.info('the simulator plays the drill again', { drill: id })
    else this.#o.log.warn('the drill cannot be played', { drill: id, why })
    this.#changed(this.#o.drills.get(id)!)
  }
}
