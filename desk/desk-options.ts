/** What a desk is made from; filled by `stack.ts`, in tests by `testing.ts`. */
import type { Site } from '../domain/channel.ts'
import type { Clock, ConnectMqtt, ExportSeries, Log, PointSink, SeriesReader, SiteText } from '../domain/ports.ts'
import type { SimulatorControl } from '../domain/simulator-control.ts'
import type { ClockProbe } from '../runtime/clock-probe.ts'
import type { TlsPaths } from '../runtime/tls-files.ts'
import type { Patience } from './io/http-server.ts'
import type { ScryptCost } from './io/passphrase.ts'

export type DeskOptions = {
  readonly site: Site
  /** The file that it was made from; without it nobody is shown its lines. */
  readonly siteText?: SiteText | undefined
  /** Asks the machine's time service; without it only steps of the clock are noticed. */
  readonly clockProbe?: ClockProbe | undefined
  /** Root of the data folder. */
  readonly dataDir: string
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly password: () => Promise<string>
  /** Closed by `stop()`. */
  readonly series: SeriesReader
  /** InfluxDB, where it is the store: alarms and health go there too. Closed by `stop()`. */
  readonly points?: PointSink | undefined
  /** Files of the built console. */
  readonly consoleDir: string
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly software: string
  /** Prints the link that makes the first user; default the log. */
  readonly announce?: (line: string) => void
  /** Waveforms of the store as a file; without it none are given away. */
  readonly exportSeries?: ExportSeries
  /** Speaks TLS, with this certificate and key. */
  readonly tls?: TlsPaths
  /** What a passphrase costs to try; tests that are about something else take less. */
  readonly scryptCost?: ScryptCost
  /** How long a request may take to arrive; tests of it take less. */
  readonly patience?: Patience
  /** Made at the first start, in place of the link that makes one. */
  readonly firstUser?: { readonly name: string; readonly passphrase: string }
  /** The simulator of this site; without one a drill can be started on nothing. */
  readonly simulator?: SimulatorControl
}
