/**
 * The parts of the desk and who hears whom: what exists from the beginning, and what `service.ts` opens once the journal is
 * there (alarms, then the wire, then drills). Nothing here acts by itself.
 */
import type { LiveEvent } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import { deskFolder, deskUser } from '../../domain/data-folder.ts'
import { ingestHealthTopic } from '../../domain/wire/ingest-health.ts'
import { parseNodeHealth } from '../../domain/wire/node-health.ts'
import type { DeskOptions } from '../desk-options.ts'
import { DrillBook, type DrillEntry } from '../drill.ts'
import { LiveModel } from '../live-model.ts'
import { AlarmDesk } from './alarm-desk.ts'
import { AlarmWatch } from './alarm-watch.ts'
import { BlockWatch } from './block-watch.ts'
import { CapDesk } from './cap-desk.ts'
import { CommandTeller } from './command-teller.ts'
import { DeskDoors } from './desk-doors.ts'
import { DrillDesk } from './drill-desk.ts'
import { DrillTeller } from './drill-teller.ts'
import { EventDesk } from './event-desk.ts'
import { EventMeasurer } from './event-measurer.ts'
import { EventStream } from './event-stream.ts'
import type { Journal } from './journal.ts'
import { Outreach } from './outreach.ts'
import { Outward } from './outward.ts'
import { PeopleDesk } from './people-desk.ts'
import { SparkplugDesk } from './sparkplug-desk.ts'
import { StoreWatch } from './store-watch.ts'

export class DeskParts {
  readonly #o: DeskOptions
  readonly model: LiveModel
  readonly people: PeopleDesk
  readonly store: StoreWatch
  readonly stream: EventStream
  readonly events: EventDesk
  readonly measurer: EventMeasurer
  readonly blocks: BlockWatch
  readonly doors: DeskDoors
  readonly drillBook = new DrillBook()
  readonly teller: DrillTeller
  readonly commands: CommandTeller
  readonly outward: Outward
  readonly outreach: Outreach
  readonly watch: AlarmWatch
  readonly cap: CapDesk
  #siteNow: Site
  #alarms: AlarmDesk | undefined
  #wire: SparkplugDesk | undefined
  #drills: DrillDesk | undefined

  constructor(options: DeskOptions) {
    this.#o = options
    const { site, clock, log, dataDir } = options
    this.model = new LiveModel(site)
    this.#siteNow = site
    this.people = new PeopleDesk(site, dataDir, clock, options.scryptCost)
    this.doors = new DeskDoors(options, this.people)
    this.teller = new DrillTeller({
      clock,
      send: (node, drill) => this.#wire?.drill(node, drill) ?? Promise.reject(new Error('not started')),
    })
    const started = <T>(part: T | undefined): T => {
      if (part === undefined) throw new Error('not started')
      return part
    }
    this.commands = new CommandTeller({
      clock,
      send: async (node, command) => started(this.#wire).sendCommand(node, command),
      write: async (actor, body) => started(this.#alarms).write('command', actor, body),
      note: async (actor, body) => started(this.#alarms).note('command', actor, body),
    })
    this.cap = new CapDesk({ site, clock, log, alarms: () => started(this.#alarms) })
    this.outward = new Outward({
      desk: options,
      model: this.model,
      alarms: () => started(this.#alarms),
      brokerUp: () => this.#wire?.up ?? false,
      storeUp: () => this.store.away === undefined,
      motions: { settled: () => this.events.settled(), measure: (event) => this.events.measure(event) },
      onSecondPath: (disagreements) => this.watch.line.secondPath(disagreements),
    })
    this.watch = new AlarmWatch({
      ...{ site, clock, log, dataDir, model: this.model, clockProbe: options.clockProbe },
      alarms: () => started(this.#alarms),
      store: () => this.store,
      brokerUp: () => this.#wire?.up ?? false,
      brokerAway: () => this.#wire?.away,
      onLive: (events) => this.#live(events),
    })
    this.outreach = new Outreach({
      ...{ site, dataDir, clock, log, software: options.software, model: this.model },
      publish: async (topic, payload) => started(this.#wire).publish(topic, payload),
      command: (node, body, by) => this.commands.ask(node, body, by),
      store: () => this.store.away,
      brokerUp: () => this.#wire?.up ?? false,
    })
    this.store = new StoreWatch({
      series: options.series,
      clock,
      log,
      onLatest: (readings) => this.#live(this.model.seed(readings)),
    })
    const folder = deskFolder(dataDir, site.file.site)
    this.events = new EventDesk({ folder, site: () => this.#siteNow, store: this.store, clock, log })
    this.measurer = new EventMeasurer({ events: this.events, storeAway: () => this.store.away, clock, log })
    this.stream = new EventStream({
      clock,
      snapshot: () => ({
        ...this.#tick(),
        alarms: this.#alarms?.list() ?? [],
        devices: this.model.devices(),
        nodes: this.model.nodes(),
        readings: this.model.readings(),
        drill: this.#drills?.current ?? null,
      }),
      tick: () => this.#tick(),
    })
    this.blocks = new BlockWatch({
      clock,
      onWatch: (device) => this.#wire?.watch(device),
      onUnwatch: (device) => this.#wire?.unwatch(device),
    })
  }

  /** With the shadow devices of the drill that runs. */
  get siteNow(): Site {
    return this.#siteNow
  }
  get alarms(): AlarmDesk | undefined {
    return this.#alarms
  }
  get wire(): SparkplugDesk | undefined {
    return this.#wire
  }
  get drills(): DrillDesk | undefined {
    return this.#drills
  }

  /** From the journal that was opened; to be started before anything else is. */
  openAlarms(journal: Journal): AlarmDesk {
    const { site, clock, log } = this.#o
    this.#alarms = new AlarmDesk({
      site,
      drills: this.drillBook,
      journal,
      clock,
      log,
      group: this.watch.group,
      onAlarm: (data, worst) => {
        this.events.heard(data)
        this.stream.send({ event: 'alarm', data }, worst)
        this.outward.alarm(data)
        this.cap.alarm(data)
      },
      onEntry: (data) => {
        this.outward.wrote(data)
        this.outreach.heard(data)
        this.cap.heard(data)
        if (data.kind === 'notice') this.stream.send({ event: 'notice', data })
        if (data.kind === 'drill') this.drillBook.apply(data as DrillEntry)
        this.watch.wrote(data)
      },
      onWaiting: (entries) => this.outreach.heardEarly(entries),
      onCommitted: (node, outbox, ranges) => this.#wire?.committed(node, outbox, ranges),
      onRecovered: () => this.#wire?.askAllAgain('the journal can be written again'),
    })
    return this.#alarms
  }

  openWire(alarms: AlarmDesk): SparkplugDesk {
    const { site, brokerUrl, password, connectMqtt, clock, log } = this.#o
    this.#wire = new SparkplugDesk({
      site,
      url: brokerUrl,
      username: deskUser(site.file.site),
      password,
      connectMqtt,
      clock,
      log,
      model: this.model,
      alarms,
      blocks: this.blocks,
      onLive: (events) => this.#live(events),
      onCommandResult: (node, text) => this.commands.heard(node, text),
      onHealth: (node, text) => {
        this.outward.nodeHealth(node, text)
        this.watch.line.heard(node, text === undefined ? undefined : parseNodeHealth(text))
      },
      beside: new Map([
        [
          ingestHealthTopic(site.file.site),
          (payload) => {
            this.watch.line.heardIngest(payload)
            this.outward.ingestHealth(payload)
          },
        ],
      ]),
      onDrill: (node, drill) => {
        this.teller.said(node, drill)
        this.#drills?.heard()
      },
    })
    return this.#wire
  }

  openDrills(alarms: AlarmDesk): DrillDesk {
    const { site, clock, log, simulator } = this.#o
    this.#drills = new DrillDesk({
      site,
      clock,
      log,
      simulator,
      alarms,
      drills: this.drillBook,
      teller: this.teller,
      onSite: (now) => this.#place(now),
      onDrill: (data) => this.stream.send({ event: 'drill', data }),
    })
    return this.#drills
  }

  /** The shadow devices of a drill have come, or are gone. */
  #place(site: Site): void {
    this.#siteNow = site
    this.model.leave(site)
    this.model.join(site)
    this.#alarms?.book.join(site)
    this.#wire?.place(site)
    this.stream.again()
    this.outward.placed()
  }

  #live(events: readonly LiveEvent[]): void {
    this.watch.line.live(events)
    for (const event of events) this.stream.send(event)
    this.outward.live(events)
    this.outreach.observe(events)
  }

  #tick() {
    return { now_ns: String(this.#o.clock.now()), store_available: this.store.away === undefined }
  }
}
