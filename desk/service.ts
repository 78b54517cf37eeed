/**
 * The desk: what people do about alarms. This file only wires; the way of an alarm through the room is
 * `io/sparkplug-desk.ts` (births and records from the wire) -> `io/alarm-desk.ts` (one after the other) ->
 * `alarm-machine.ts` with `alarm-table.ts` (what it means) -> `io/journal.ts` (durable, chained) -> acknowledgement to the
 * edge, and live to people by `io/event-stream.ts`. `routes/` answers requests, `live-model.ts` knows what is there now.
 * `io/drill-desk.ts` runs drills: what belongs to one is `drill.ts`, its report `drill-report.ts`.
 */
import { mkdir } from 'node:fs/promises'
import type { LiveEvent } from '../domain/api.ts'
import type { Site } from '../domain/channel.ts'
import { deskFolder, deskUser } from '../domain/data-folder.ts'
import type { Service } from '../domain/ports.ts'
import { limitPlaces, type SitePlace } from '../domain/site-places.ts'
import { ingestHealthTopic } from '../domain/wire/ingest-health.ts'
import { parseNodeHealth } from '../domain/wire/node-health.ts'
import { operatingError } from '../runtime/file-errors.ts'
import { doorsOf } from './access.ts'
import type { DeskOptions } from './desk-options.ts'
import { DrillBook, type DrillEntry } from './drill.ts'
import { AlarmDesk } from './io/alarm-desk.ts'
import { AlarmWatch } from './io/alarm-watch.ts'
import { BlockWatch } from './io/block-watch.ts'
import { CapDesk } from './io/cap-desk.ts'
import { CommandTeller } from './io/command-teller.ts'
import type { DeskContext } from './io/desk-context.ts'
import { DeskDoors } from './io/desk-doors.ts'
import { DrillDesk } from './io/drill-desk.ts'
import { DrillTeller } from './io/drill-teller.ts'
import { EventDesk } from './io/event-desk.ts'
import { EventMeasurer } from './io/event-measurer.ts'
import { EventStream } from './io/event-stream.ts'
import { makeFirstUser } from './io/first-user.ts'
import { type Journal, openJournal } from './io/journal.ts'
import { Outreach } from './io/outreach.ts'
import { Outward } from './io/outward.ts'
import { PeopleDesk } from './io/people-desk.ts'
import { SparkplugDesk } from './io/sparkplug-desk.ts'
import { StoreWatch } from './io/store-watch.ts'
import { LiveModel } from './live-model.ts'

export type { DeskOptions } from './desk-options.ts'

export class DeskService implements Service {
  readonly name = 'desk'
  readonly #o: DeskOptions
  readonly #model: LiveModel
  readonly #people: PeopleDesk
  readonly #store: StoreWatch
  readonly #stream: EventStream
  readonly #events: EventDesk
  readonly #measurer: EventMeasurer
  readonly #blocks: BlockWatch
  readonly #doors: DeskDoors
  readonly #drillBook = new DrillBook()
  readonly #teller: DrillTeller
  readonly #commands: CommandTeller
  readonly #outward: Outward
  readonly #outreach: Outreach
  readonly #watch: AlarmWatch
  readonly #cap: CapDesk
  #siteNow: Site
  #places: ReadonlyMap<string, SitePlace> | undefined
  #journal: Journal | undefined
  #alarms: AlarmDesk | undefined
  #wire: SparkplugDesk | undefined
  #drills: DrillDesk | undefined

  constructor(options: DeskOptions) {
    this.#o = options
    const { site, clock, log, dataDir } = options
    this.#model = new LiveModel(site)
    this.#siteNow = site
    this.#people = new PeopleDesk(site, dataDir, clock, options.scryptCost)
    this.#doors = new DeskDoors(options, this.#people)
    this.#teller = new DrillTeller({
      clock,
      send: (node, drill) => this.#wire?.drill(node, drill) ?? Promise.reject(new Error('not started')),
    })
    const started = <T>(part: T | undefined): T => {
      if (part === undefined) throw new Error('not started')
      return part
    }
    this.#commands = new CommandTeller({
      clock,
      send: async (node, command) => started(this.#wire).sendCommand(node, command),
      write: async (actor, body) => started(this.#alarms).write('command', actor, body),
      note: async (actor, body) => started(this.#alarms).note('command', actor, body),
    })
    this.#cap = new CapDesk({ site, clock, log, alarms: () => started(this.#alarms) })
    this.#outward = new Outward({
      desk: options,
      model: this.#model,
      alarms: () => started(this.#alarms),
      brokerUp: () => this.#wire?.up ?? false,
      storeUp: () => this.#store.away === undefined,
      motions: { settled: () => this.#events.settled(), measure: (event) => this.#events.measure(event) },
      onSecondPath: (disagreements) => this.#watch.line.secondPath(disagreements),
    })
    this.#watch = new AlarmWatch({
      ...{ site, clock, log, dataDir, model: this.#model, clockProbe: options.clockProbe },
      alarms: () => started(this.#alarms),
      store: () => this.#store,
      brokerUp: () => this.#wire?.up ?? false,
      brokerAway: () => this.#wire?.away,
      onLive: (events) => this.#live(events),
    })
    this.#outreach = new Outreach({
      ...{ site, dataDir, clock, log, software: options.software, model: this.#model },
      publish: async (topic, payload) => started(this.#wire).publish(topic, payload),
      command: (node, body, by) => this.#commands.ask(node, body, by),
      store: () => this.#store.away,
      brokerUp: () => this.#wire?.up ?? false,
    })
    this.#store = new StoreWatch({
      series: options.series,
      clock,
      log,
      onLatest: (readings) => this.#live(this.#model.seed(readings)),
    })
    const folder = deskFolder(dataDir, site.file.site)
    this.#events = new EventDesk({ folder, site: () => this.#siteNow, store: this.#store, clock, log })
    this.#measurer = new EventMeasurer({ events: this.#events, storeAway: () => this.#store.away, clock, log })
    this.#stream = new EventStream({
      clock,
      snapshot: () => ({
        ...this.#tick(),
        alarms: this.#alarms?.list() ?? [],
        devices: this.#model.devices(),
        nodes: this.#model.nodes(),
        readings: this.#model.readings(),
        drill: this.#drills?.current ?? null,
      }),
      tick: () => this.#tick(),
    })
    this.#blocks = new BlockWatch({
      clock,
      onWatch: (device) => this.#wire?.watch(device),
      onUnwatch: (device) => this.#wire?.unwatch(device),
    })
  }

  /** The port it listens on; 0 before `start()`. */
  get port(): number {
    return this.#doors.port
  }

  async start(): Promise<void> {
    try {
      await this.#start()
    } catch (error) {
      await this.stop().catch(() => {})
      throw error
    }
  }

  async #start(): Promise<void> {
    const folder = deskFolder(this.#o.dataDir, this.#o.site.file.site)
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error) => {
      throw operatingError(error, folder)
    })
    await this.#people.load()
    await this.#events.load()
    await makeFirstUser(this.#people.users, this.#o)
    this.#doors.refuseUnguarded()
    this.#journal = await openJournal(folder)
    await this.#watch.checkChain(this.#journal)
    for (const row of await this.#journal.ofKind('drill')) this.#drillBook.apply(row as DrillEntry)
    this.#alarms = this.#alarmDesk(this.#journal)
    await this.#alarms.start()
    await this.#outreach.start(this.#journal, this.#alarms)
    await this.#cap.start(this.#journal)
    this.#wire = this.#sparkplug(this.#alarms)
    this.#drills = this.#drillDesk(this.#alarms)
    await this.#alarms.note('start', 'desk', { software: this.#o.software, site_hash: this.#o.site.hash })
    await this.#drills.resume()
    await this.#watch.start(this.#journal)
    await this.#doors.open(this.#context(this.#journal, this.#alarms, this.#wire, this.#drills))
    this.#store.start()
    this.#stream.start()
    this.#measurer.start()
    await this.#outward.start(folder, this.#journal)
    this.#wire.start()
    this.#outreach.opened()
    await this.#doors.announceFirstUser()
  }

  async stop(): Promise<void> {
    await this.#doors.unwatch()
    this.#watch.stop()
    this.#stream.stop()
    this.#blocks.stop()
    await this.#people.local.close()
    await this.#drills?.stop()
    await this.#outreach.stop()
    await this.#measurer.stop()
    await this.#cap.stop()
    this.#teller.stop()
    await this.#commands.stop()
    await Promise.all([this.#doors.close(), this.#wire?.stop(), this.#store.stop()])
    await this.#alarms?.stop()
    await this.#outward.stop()
    await Promise.all([this.#journal?.close(), this.#people.close(), this.#events.close()])
  }

  #alarmDesk(journal: Journal): AlarmDesk {
    const { site, clock, log } = this.#o
    return new AlarmDesk({
      site,
      drills: this.#drillBook,
      journal,
      clock,
      log,
      group: this.#watch.group,
      onAlarm: (data, worst) => {
        this.#events.heard(data)
        this.#stream.send({ event: 'alarm', data }, worst)
        this.#outward.alarm(data)
        this.#cap.alarm(data)
      },
      onEntry: (data) => {
        this.#outward.wrote(data)
        this.#outreach.heard(data)
        this.#cap.heard(data)
        if (data.kind === 'notice') this.#stream.send({ event: 'notice', data })
        if (data.kind === 'drill') this.#drillBook.apply(data as DrillEntry)
        this.#watch.wrote(data)
      },
      onWaiting: (entries) => this.#outreach.heardEarly(entries),
      onCommitted: (node, outbox, ranges) => this.#wire?.committed(node, outbox, ranges),
      onRecovered: () => this.#wire?.askAllAgain('the journal can be written again'),
    })
  }

  #sparkplug(alarms: AlarmDesk): SparkplugDesk {
    const { site, brokerUrl, password, connectMqtt, clock, log } = this.#o
    return new SparkplugDesk({
      site,
      url: brokerUrl,
      username: deskUser(site.file.site),
      password,
      connectMqtt,
      clock,
      log,
      model: this.#model,
      alarms,
      blocks: this.#blocks,
      onLive: (events) => this.#live(events),
      onCommandResult: (node, text) => this.#commands.heard(node, text),
      onHealth: (node, text) => {
        this.#outward.nodeHealth(node, text)
        this.#watch.line.heard(node, text === undefined ? undefined : parseNodeHealth(text))
      },
      beside: new Map([
        [
          ingestHealthTopic(site.file.site),
          (payload) => {
            this.#watch.line.heardIngest(payload)
            this.#outward.ingestHealth(payload)
          },
        ],
      ]),
      onDrill: (node, drill) => {
        this.#teller.said(node, drill)
        this.#drills?.heard()
      },
    })
  }

  #drillDesk(alarms: AlarmDesk): DrillDesk {
    const { site, clock, log, simulator } = this.#o
    return new DrillDesk({
      site,
      clock,
      log,
      simulator,
      alarms,
      drills: this.#drillBook,
      teller: this.#teller,
      onSite: (now) => this.#place(now),
      onDrill: (data) => this.#stream.send({ event: 'drill', data }),
    })
  }

  /** The shadow devices of a drill have come, or are gone. */
  #place(site: Site): void {
    this.#siteNow = site
    this.#model.leave(site)
    this.#model.join(site)
    this.#alarms?.book.join(site)
    this.#wire?.place(site)
    this.#stream.again()
    this.#outward.placed()
  }

  #context(journal: Journal, alarms: AlarmDesk, wire: SparkplugDesk, drills: DrillDesk): DeskContext {
    const { site, siteText, software, clock, log, dataDir, host, simulator } = this.#o
    return {
      site,
      siteText,
      places: () => this.#placesOf(),
      software,
      clock,
      log,
      dataDir,
      doors: doorsOf(host, site),
      model: this.#model,
      alarms,
      journal,
      watch: this.#watch,
      outreach: this.#outreach,
      cap: this.#cap,
      ...{ users: this.#people.users, sessions: this.#people.sessions, tokens: this.#people.tokens },
      bearers: this.#people.bearers,
      events: this.#events,
      exportSeries: this.#o.exportSeries,
      drills,
      commands: this.#commands,
      secondPath: this.#outward.secondPath,
      simulator,
      siteNow: () => this.#siteNow,
      store: this.#store,
      stream: this.#stream,
      blocks: this.#blocks,
      brokerAway: () => wire.away,
      payloadsUnreadable: () => wire.unreadable,
    }
  }

  /** Read when it is first asked for: a start must not wait for it. */
  #placesOf(): ReadonlyMap<string, SitePlace> {
    const { site, siteText } = this.#o
    this.#places ??= siteText === undefined ? new Map() : limitPlaces(siteText.text, site)
    return this.#places
  }

  #live(events: readonly LiveEvent[]): void {
    this.#watch.line.live(events)
    for (const event of events) this.#stream.send(event)
    this.#outward.live(events)
    this.#outreach.observe(events)
  }

  #tick() {
    return { now_ns: String(this.#o.clock.now()), store_available: this.#store.away === undefined }
  }
}
