/**
 * Names of stored series, shared by ingest, desk and dashboards, so that a query and a writer can never spell them apart.
 * Embedded: two SQLite files in `data/<site>/ingest/`. InfluxDB: two databases, each with a policy (bucket) of its own for waveforms.
 */

/** Series of real sensors, and those of drills and simulated devices, never mix. */
export const SERIES_FILE = { real: 'series.db', exercise: 'series-exercise.db' } as const
export type SeriesKind = keyof typeof SERIES_FILE

export const TABLE = {
  channel: 'channel',
  reading: 'reading',
  block: 'block',
  gap: 'gap',
  rollup: 'rollup',
  quarantine: 'quarantine',
  committed: 'committed',
} as const

/**
 * InfluxDB: database X holds real series and X-exercise the others. A database's default policy keeps readings and gaps,
 * `raw` the waveforms (buckets `X` and `X/raw` in InfluxDB 2.x, databases of these names in 3.x).
 */
export const INFLUX_POLICY = { lasting: 'autogen', raw: 'raw' } as const
export type InfluxPolicy = keyof typeof INFLUX_POLICY
export const influxDatabase = (database: string, kind: SeriesKind): string =>
  kind === 'exercise' ? `${database}-exercise` : database

/**
 * `reading`: a point per reading. `gap`: a point at its start. `wave`: a point per sample, one float field in SI per axis,
 * for drawing. `block`: a point per block with its exact samples, the record that `wave` was made of.
 */
export const MEASUREMENT = { reading: 'reading', gap: 'gap', wave: 'wave', block: 'block' } as const

/** Tags are bounded and never change for a stored point: another tag would be another series, so a double. */
export const TAG = {
  site: 'site',
  device: 'device',
  channel: 'channel',
  metric: 'metric',
  group: 'group',
  boot: 'boot',
  reason: 'reason',
} as const

/** One type for ever per field; numbers ending in `i` in the line protocol are marked integer here. */
export const FIELD = {
  reading: {
    /** Float, SI; not there where the reading has no value. */
    value: 'value',
    /** Integer, QARTOD. */
    flag: 'flag',
    /** Integer 0 to 4 from harmless to worst, so that max() of a column is its worst flag. */
    flag_rank: 'flag_rank',
    /** Integer. */
    half_width_ns: 'half_width_ns',
    reason: 'reason_text',
    detail: 'detail',
  },
  gap: {
    /** JSON array of channels. */
    channels: 'channels',
    /** Integers. */
    to_ns: 'to_ns',
    shift_ns: 'shift_ns',
    expected: 'expected',
    missing: 'missing',
  },
  block: {
    /** Integers. The point stands at t0 + shift_ns, where shift_ns is 0 unless another point stands there. */
    shift_ns: 'shift_ns',
    first_counter: 'first_counter',
    last_counter: 'last_counter',
    last_ns: 'last_ns',
    half_width_ns: 'half_width_ns',
    /** Floats. */
    sample_rate_hz: 'sample_rate_hz',
    scale: 'scale',
    unit: 'unit',
    /** Names with commas between them. */
    axes: 'axes',
    /** int16 little-endian, axis after axis, as base64. */
    samples: 'samples',
  },
} as const
