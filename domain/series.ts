/**
 * Names of stored series, shared by ingest, desk and dashboards, so that a query and a writer can never spell them apart.
 * Embedded: two SQLite files in `data/<site>/ingest/`. InfluxDB databases of the same split come with a later part.
 */

/** Series of real sensors, and those of drills and simulated devices, never mix. */
export const SERIES_FILE = { real: 'series.db', exercise: 'series-exercise.db' } as const
export type SeriesKind = keyof typeof SERIES_FILE

export const TABLE = {
  channel: 'channel',
  reading: 'reading',
  block: 'block',
  gap: 'gap',
  quarantine: 'quarantine',
  committed: 'committed',
} as const
