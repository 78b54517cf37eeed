/** The series store of a site: the embedded one, or the InfluxDB that its file names. What is not needed is not loaded. */
import type { Site } from './domain/channel.ts'
import { ingestFolder } from './domain/data-folder.ts'
import type { Clock, Log, PointSink, SeriesReader, SeriesWriter } from './domain/ports.ts'
import type { InfluxSettings } from './store/influx.ts'

/** InfluxDB where the site file names one, else the embedded store. */
const influxOf = (site: Site): InfluxSettings | undefined =>
  site.file.store.influx && { ...site.file.store.influx, site: site.file.site }

export async function openWriter(
  { site, log, clock }: { readonly site: Site; readonly log: Log; readonly clock: Clock },
  folder: string,
): Promise<SeriesWriter> {
  const influx = influxOf(site)
  if (influx === undefined) {
    const { openSeriesWriter, retentionOf } = await import('./store/embedded.ts')
    return openSeriesWriter(folder, log, { clock, retention: retentionOf(site) })
  }
  return (await import('./store/influx.ts')).openInfluxWriter(influx, folder, log, clock)
}

export async function openReader(site: Site, data: string, log: Log): Promise<SeriesReader> {
  const influx = influxOf(site)
  if (influx !== undefined) return (await import('./store/influx.ts')).openInfluxReader(influx, log)
  return (await import('./store/embedded.ts')).openSeriesReader(ingestFolder(data, site.file.site), log)
}

/** Only InfluxDB takes what the desk tells of alarms and health; with the embedded store the desk shows it itself. */
export async function openPoints(site: Site): Promise<PointSink | undefined> {
  const influx = influxOf(site)
  return influx && (await import('./store/influx.ts')).openInfluxPoints(influx)
}
