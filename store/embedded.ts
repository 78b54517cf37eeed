/**
 * The embedded series store: the ports `SeriesWriter` and `SeriesReader` over two SQLite files in ingest's folder, one of
 * real data and one of exercises. Room guide: `check.ts` and `packed.ts` prepare a batch, `io/write-program.ts` commits it in
 * the database thread (tables: `io/schema.ts`), `io/tend-program.ts` rolls up, seals (`chunk/`) and drops in the background,
 * `io/read-program.ts` answers questions in a thread of its own. What every store must do is told in `series-store.suite.ts`.
 */
import type { Log, SeriesReader, SeriesWriter } from '../domain/ports.ts'
import { EmbeddedReader } from './io/embedded-reader.ts'
import { EmbeddedWriter, openWriterThread, type Tend } from './io/embedded-writer.ts'

export { type Retention, retentionOf } from './retention.ts'

/**
 * Opens the store in `folder`, making it where it is not there, and bringing one of an older version up to this one (a copy is
 * kept beside it). Only one process may write to a store. With `tend`, rollups are made and old rows dropped in the background.
 * @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT or STORE_UNAVAILABLE.
 */
export async function openSeriesWriter(folder: string, log: Log, tend?: Tend): Promise<SeriesWriter> {
  return new EmbeddedWriter(folder, log, await openWriterThread(folder), tend)
}

/** A reader of the store in `folder`. Its questions reject with STORE_UNAVAILABLE until the store is there. */
export function openSeriesReader(folder: string, log: Log): SeriesReader {
  return new EmbeddedReader(folder, log)
}
