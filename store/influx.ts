/**
 * The series store in an InfluxDB: the ports `SeriesWriter` and `SeriesReader`, told in `series-store.suite.ts`. Guide:
 * `influx/io/prepare.ts` makes the databases, `influx/plan.ts` decides what of a batch is new from what `influx/io/facts.ts`
 * finds, `influx/points.ts` makes lines of it, `influx/io/line-sender.ts` sends them, `influx/refusals.ts` reads what the
 * server says against it, `influx/io/state-program.ts` keeps the identities; `influx/queries.ts` holds every question and
 * `influx/answers.ts` reads what comes back; `influx/io/roller.ts` makes rollups and `influx/sources.ts` says where they
 * serve. `influx-migrate.ts` brings an embedded store here.
 */
import type { Clock, Log, PointSink, SeriesReader, SeriesWriter } from '../domain/ports.ts'
import type { DeadLetters } from './dead-letter.ts'
import { InfluxDeadLetters } from './influx/io/dead-letters.ts'
import { InfluxPointSink } from './influx/io/point-sink.ts'
import { InfluxReader } from './influx/io/reader.ts'
import { InfluxWriter, openState } from './influx/io/writer.ts'
import type { InfluxSettings } from './influx/settings.ts'

export type { InfluxSettings } from './influx/settings.ts'

/**
 * Opens the state database in `folder` and looks for the server. Where that does not answer yet, the writer is there all
 * the same and its appends reject with STORE_UNAVAILABLE until it does. Only one process may write with a folder.
 * @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT or STORE_UNAVAILABLE: the state database cannot be opened.
 */
export async function openInfluxWriter(
  settings: InfluxSettings,
  folder: string,
  log: Log,
  clock: Clock,
): Promise<SeriesWriter> {
  const writer = new InfluxWriter(settings, folder, log, clock, await openState(folder))
  await writer.prepare().catch((error: unknown) => {
    log.warn('series store is away; nothing is acknowledged until it is there', { why: (error as Error).message })
  })
  return writer
}

/** Opened for reading only unless they are to be tried again; then InfluxDB must be there, and ingest must not run. */
export async function openInfluxDeadLetters(
  settings: InfluxSettings,
  folder: string,
  log: Log,
  clock: Clock,
  readOnly: boolean,
): Promise<DeadLetters> {
  return new InfluxDeadLetters(await openState(folder, readOnly), () => openInfluxWriter(settings, folder, log, clock))
}

/** Its questions reject with STORE_UNAVAILABLE while the server is away. */
export function openInfluxReader(settings: InfluxSettings, log: Log): SeriesReader {
  return new InfluxReader(settings, log)
}

/** For what the desk tells of alarms and of the line. */
export const openInfluxPoints = (settings: InfluxSettings): PointSink => new InfluxPointSink(settings)
