/** What the routes share: the parts of the desk that answer requests. */
import type { Site } from '../../domain/channel.ts'
import type { Clock, ExportSeries, Log, SiteText } from '../../domain/ports.ts'
import type { SimulatorControl } from '../../domain/simulator-control.ts'
import { limitPlaces, type SitePlace } from '../../domain/site-places.ts'
import { type Doors, doorsOf } from '../access.ts'
import type { DeskOptions } from '../desk-options.ts'
import type { LiveModel } from '../live-model.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { AlarmWatch } from './alarm-watch.ts'
import type { Bearers } from './bearers.ts'
import type { BlockWatch } from './block-watch.ts'
import type { CapDesk } from './cap-desk.ts'
import type { CommandTeller } from './command-teller.ts'
import type { DeskParts } from './desk-parts.ts'
import type { DrillDesk } from './drill-desk.ts'
import type { EventDesk } from './event-desk.ts'
import type { EventStream } from './event-stream.ts'
import type { Journal } from './journal.ts'
import type { Outreach } from './outreach.ts'
import type { SecondPathWatch } from './second-path-watch.ts'
import type { SessionBook } from './session-book.ts'
import type { SparkplugDesk } from './sparkplug-desk.ts'
import type { StoreWatch } from './store-watch.ts'
import type { TokenBook } from './token-book.ts'
import type { UserBook } from './user-book.ts'

export type DeskContext = {
  readonly site: Site
  readonly siteText: SiteText | undefined
  /** Where the file says what a limit is, by its id. */
  readonly places: () => ReadonlyMap<string, SitePlace>
  /** With the shadow devices of the drill that runs. */
  readonly siteNow: () => Site
  readonly software: string
  readonly clock: Clock
  readonly log: Log
  /** Root of the data folder. */
  readonly dataDir: string
  /** Where the desk listens, and how people reach it. */
  readonly doors: Doors
  readonly model: LiveModel
  readonly alarms: AlarmDesk
  readonly journal: Journal
  readonly watch: AlarmWatch
  readonly outreach: Outreach
  readonly cap: CapDesk
  readonly users: UserBook
  readonly sessions: SessionBook
  readonly tokens: TokenBook
  readonly bearers: Bearers
  readonly drills: DrillDesk
  readonly commands: CommandTeller
  readonly secondPath: SecondPathWatch
  readonly simulator: SimulatorControl | undefined
  readonly store: StoreWatch
  readonly events: EventDesk
  readonly exportSeries: ExportSeries | undefined
  readonly stream: EventStream
  readonly blocks: BlockWatch
  /** Why the broker is not there; `undefined` while it is. */
  readonly brokerAway: () => string | undefined
  readonly payloadsUnreadable: () => number
}

/** Parts that are there once the journal is open. */
export type Opened = {
  readonly journal: Journal
  readonly alarms: AlarmDesk
  readonly wire: SparkplugDesk
  readonly drills: DrillDesk
}

export function contextOf(options: DeskOptions, parts: DeskParts, opened: Opened): DeskContext {
  const { site, siteText, software, clock, log, dataDir, host, simulator, exportSeries } = options
  const { model, watch, outreach, cap, people, events, commands, outward, store, stream, blocks } = parts
  const { journal, alarms, wire, drills } = opened
  let places: ReadonlyMap<string, SitePlace> | undefined
  return {
    ...{ site, siteText, software, clock, log, dataDir, simulator, exportSeries },
    ...{ model, watch, outreach, cap, events, commands, store, stream, blocks },
    ...{ journal, alarms, drills },
    ...{ users: people.users, sessions: people.sessions, tokens: people.tokens, bearers: people.bearers },
    secondPath: outward.secondPath,
    doors: doorsOf(host, site),
    // Read when it is first asked for: a start must not wait for it.
    places: () => {
      places ??= siteText === undefined ? new Map() : limitPlaces(siteText.text, site)
      return places
    },
    siteNow: () => parts.siteNow,
    brokerAway: () => wire.away,
    payloadsUnreadable: () => wire.unreadable,
  }
}
