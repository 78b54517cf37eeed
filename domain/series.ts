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
 * for drawing. `block`: a point per block with its exact samples, the record that `wave` was made of. `rollup_*`: a point per
 * channel and UTC second (axes of blocks alone), minute and hour, at its start, made anew from the stored points of the hour.
 * Written by the desk: `event`, a point per journal entry; `motion`, a point per floor and ground-motion event that is over; `alarm`, the state of each alarm, and `health`, how each part of
 * the line does, every few seconds, so that what is silent shows as silent.
 */
export const MEASUREMENT = {
  reading: 'reading',
  gap: 'gap',
  wave: 'wave',
  block: 'block',
  event: 'event',
  motion: 'motion',
  alarm: 'alarm',
  health: 'health',
  rollup_1s: 'rollup_1s',
  rollup_1m: 'rollup_1m',
  rollup_1h: 'rollup_1h',
} as const

/** The policy each measurement stands in: `FROM "raw"."wave"`. Rollups of seconds go when the waveforms go. */
export const MEASURED_IN: Readonly<Record<keyof typeof MEASUREMENT, InfluxPolicy>> = {
  reading: 'lasting',
  gap: 'lasting',
  wave: 'raw',
  block: 'raw',
  event: 'lasting',
  motion: 'lasting',
  alarm: 'lasting',
  health: 'lasting',
  rollup_1s: 'raw',
  rollup_1m: 'lasting',
  rollup_1h: 'lasting',
}

/** Tags are bounded and never change for a stored point: another tag would be another series, so a double. */
export const TAG = {
  site: 'site',
  device: 'device',
  channel: 'channel',
  metric: 'metric',
  group: 'group',
  boot: 'boot',
  reason: 'reason',
  alarm: 'alarm',
  limit: 'limit',
  node: 'node',
  structure: 'structure',
  floor: 'floor',
  water: 'water',
  priority: 'priority',
  /** Of an event: the kind of its journal entry. */
  kind: 'kind',
  /** Of `health`: what it tells of (`HEALTH_PARTS`), and which of them. */
  part: 'part',
  id: 'id',
  stream: 'stream',
} as const

/** `outbox` and `poll-error` are an edge node's, by stream and by reason. */
export const HEALTH_PARTS = ['desk', 'ingest', 'node', 'device', 'outbox', 'poll-error'] as const
export type HealthPart = (typeof HEALTH_PARTS)[number]

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
    /** Integers of 16 or 32 bits, as their length says; little-endian, axis after axis, as base64. */
    samples: 'samples',
  },
  event: {
    /** Integers. The point stands at the entry's instant + shift_ns: entries of one instant are told apart by it. */
    seq: 'seq',
    shift_ns: 'shift_ns',
    occurrence: 'occurrence',
    exercise: 'exercise',
    /** State that the alarm entered, in a `state` entry only: the word, and its rank (`domain/alarm-rank.ts`). */
    state: 'state',
    state_rank: 'state_rank',
    onset_ns: 'onset_ns',
    returned_ns: 'returned_ns',
    /** Floats, SI of `unit`. */
    value: 'value',
    peak: 'peak',
    limit_value: 'limit_value',
    unit: 'unit',
    /** What happened, in a sentence. */
    text: 'text',
    actor: 'actor',
  },
  /** What a floor did in an event, at its onset; tags are those of its place. What could not be measured has no field. */
  motion: {
    /** Id of the event; integer, 1 = a drill or a simulated sensor. */
    event: 'event',
    exercise: 'exercise',
    /** Floats, SI. Drift: largest ratio to the instrumented floor below. */
    pga: 'pga',
    pgv: 'pgv',
    drift_ratio: 'drift_ratio',
    residual_drift_ratio: 'residual_drift_ratio',
    tilt: 'tilt',
    /** Float, 0 to 1: share of the samples that were there. */
    complete: 'complete',
  },
  alarm: {
    /** Integers; 1 = so. `open`: any state but normal. */
    state_rank: 'state_rank',
    open: 'open',
    unacknowledged: 'unacknowledged',
    occurrence: 'occurrence',
  },
  health: {
    /** Integer: 1 = it is there, 0 = it is not, or nothing is known of it. */
    up: 'up',
    /** Integers, 1 = so. Of the desk. */
    broker_up: 'broker_up',
    store_up: 'store_up',
    journal_up: 'journal_up',
    journal_seq: 'journal_seq',
    /** Journal entries that are not in InfluxDB yet. */
    not_exported: 'not_exported',
    /** Of a device: age of its newest reading [s], float; and whether that is too old. */
    age_s: 'age_s',
    stale: 'stale',
    /** Of a node, integers that only grow while it runs. */
    polls: 'polls',
    polls_good: 'polls_good',
    polls_missed: 'polls_missed',
    count: 'count',
    not_sent: 'not_sent',
    clock_trusted: 'clock_trusted',
    clock_steps: 'clock_steps',
    links: 'links',
    links_up: 'links_up',
    /** Of an outbox: records and bytes that wait, integers; the oldest's age and the time acknowledgements take [s], floats. */
    backlog_records: 'backlog_records',
    backlog_bytes: 'backlog_bytes',
    oldest_s: 'oldest_s',
    acknowledged_s: 'acknowledged_s',
    dropped: 'dropped',
    /** Of ingest: whether it takes what comes, records that wait for the store, what it put aside since it started (integers), the oldest's age (float, s). */
    taking: 'taking',
    waiting_records: 'waiting_records',
    quarantined: 'quarantined',
    lag_s: 'lag_s',
    /** Of the store, as ingest sees it; not there where it cannot know. Integers. */
    store_bytes: 'store_bytes',
    store_free_bytes: 'store_free_bytes',
  },
  /** Tags are those of `reading`; the channel of an axis is `<device>/<group>/<axis>`. */
  rollup: {
    /** Floats, SI, of usable values (flags 1, 2 and 3); not there where `count` is 0. */
    min: 'min',
    mean: 'mean',
    max: 'max',
    /** Float: the sum, so that several windows have one mean, sum(total) / sum(count). */
    total: 'total',
    /** Integers. `expected` counts what came, usable or not, and what gaps say is missing. */
    count: 'count',
    expected: 'expected',
    /** Float: count / expected. */
    coverage: 'coverage',
    /** Integer, the worst of all values, usable or not. */
    flag_rank: 'flag_rank',
    /** Integer, of hours alone: 1 while points were stored that the rollups of the hour do not know yet, else 0. */
    stale: 'stale',
  },
} as const
