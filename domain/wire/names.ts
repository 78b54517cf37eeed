/** Names of Plumbline's own metrics (contracts: docs/reference/wire.md). */

export const OUTBOX_ID = 'outbox/id'
export const OUTBOX_OFFSET = 'outbox/offset'
export const SITE_HASH = 'site/hash'
export const HEARTBEAT = 'heartbeat'
/** How the node does: String of JSON (`wire/node-health.ts`) in NDATA every 15 s, null in NBIRTH. */
export const HEALTH = 'health'
export const SOFTWARE = 'Properties/software'
export const BD_SEQ = 'bdSeq'
export const REBIRTH = 'Node Control/Rebirth'
export const COMMITTED = 'Node Control/Committed'
/** NCMD to `<node>`: String of JSON, `EdgeDrill` or `{"id":null}`; in NBIRTH the id of the drill the node takes part in. */
export const DRILL = 'Node Control/Drill'
/** State of the node's clock, in NBIRTH and in NDATA when it changes. */
export const CLOCK_TRUSTED = 'clock/trusted'
export const CLOCK_STEP_COUNT = 'clock/step_count'
/** By how much the last step moved it [s]; null before the first. */
export const CLOCK_LAST_STEP = 'clock/last_step_s'
/** NCMD to `<node>`: String of JSON `{id, kind: "write" | "silence", ..., expires_ns, by}`, repeated until it is answered. */
export const COMMAND = 'Node Control/Command'
/** Its answer in NDATA: String of JSON `{id, ok, detail}`. */
export const COMMAND_RESULT = 'Node Control/Command Result'
export const GAP = 'gap'
export const DEVICE_MODEL = 'device/model'
export const DEVICE_TIME_SCALE = 'device/time_scale'
export const DEVICE_SIMULATED = 'device/simulated'

export const CONDITION_PREFIX = 'condition/'
/** What a device says of itself, in its DBIRTH: `device/info/serial_number`. */
export const DEVICE_INFO_PREFIX = 'device/info/'
export const conditionMetric = (limitId: string): string => `${CONDITION_PREFIX}${limitId}`

export const blockMetric = (group: string, part: string): string => `block/${group}/${part}`
/** Parts of a block that are not axes. */
export const BLOCK_PARTS = ['t0_ns', 'first_counter', 'boot_id', 'sample_rate_hz'] as const

/** Limits of `outbox/offset` groups: one resent payload holds at most this many records. */
export const RESEND_RECORDS_MAX = 64
