/** Names of Plumbline's own metrics (contracts: docs/reference/wire.md). */

export const OUTBOX_ID = 'outbox/id'
export const OUTBOX_OFFSET = 'outbox/offset'
export const SITE_HASH = 'site/hash'
export const HEARTBEAT = 'heartbeat'
export const SOFTWARE = 'Properties/software'
export const BD_SEQ = 'bdSeq'
export const REBIRTH = 'Node Control/Rebirth'
export const COMMITTED = 'Node Control/Committed'
export const GAP = 'gap'
export const DEVICE_MODEL = 'device/model'
export const DEVICE_TIME_SCALE = 'device/time_scale'
export const DEVICE_SIMULATED = 'device/simulated'

export const CONDITION_PREFIX = 'condition/'
export const conditionMetric = (limitId: string): string => `${CONDITION_PREFIX}${limitId}`

export const blockMetric = (group: string, part: string): string => `block/${group}/${part}`
/** Parts of a block that are not axes. */
export const BLOCK_PARTS = ['t0_ns', 'first_counter', 'boot_id', 'sample_rate_hz'] as const

/** Limits of `outbox/offset` groups: one resent payload holds at most this many records. */
export const RESEND_RECORDS_MAX = 64
