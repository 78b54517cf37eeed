/**
 * An embedded store into an InfluxDB: `influx/io/migrate.ts` copies, `influx/io/verify.ts` judges. At the end what was
 * acknowledged and what is in quarantine goes along, so that edge nodes are told of the same records as before.
 */
import type { Clock, Log } from '../domain/ports.ts'
import { afterMs, sleepUntil } from '../runtime/clock.ts'
import { openSeriesReader } from './embedded.ts'
import { EmbeddedContents } from './influx/io/embedded-contents.ts'
import { type Migrated, migrate, type Progress } from './influx/io/migrate.ts'
import { InfluxReader } from './influx/io/reader.ts'
import { type Verified, verify } from './influx/io/verify.ts'
import { InfluxWriter, openState } from './influx/io/writer.ts'
import type { InfluxSettings } from './influx/settings.ts'

export type { Progress } from './influx/io/migrate.ts'
export type MigrationResult = { readonly migrated: Migrated; readonly verified: Verified }

/**
 * `folder` is ingest's and must be held by nobody else. The embedded files stay as they are.
 * @throws PlumblineError STORE_UNAVAILABLE, INFLUX_CONFIG, USAGE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT.
 */
export async function migrateToInflux(
  settings: InfluxSettings,
  folder: string,
  log: Log,
  clock: Clock,
  onProgress: (progress: Progress) => void,
  onVerify: (series: string) => void,
): Promise<MigrationResult> {
  const contents = await EmbeddedContents.open(folder)
  const source = openSeriesReader(folder, log)
  const target = new InfluxReader(settings, log)
  const writer = new InfluxWriter(settings, folder, log, clock, await openState(folder))
  try {
    await writer.prepare()
    const pause = (ms: number) => sleepUntil(clock, afterMs(clock, ms))
    const where = `${settings.url} database ${settings.database}`
    const migrated = await migrate({ folder, target: where, contents, source, writer, pause, onProgress })
    await writer.quarantine(contents.quarantined())
    await writer.adopt(contents.committed())
    return { migrated, verified: await verify(contents, source, target, onVerify) }
  } finally {
    contents.close()
    await Promise.all([source.close(), target.close(), writer.close()])
  }
}
