/**
 * The seam inside the edge node: acquisition (registers to readings, blocks and conditions) on one side, recording and
 * publishing (outbox, Sparkplug) on the other. Acquisition never waits for the uplink.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Block, Gap, Reading, Reason } from '../domain/reading.ts'

/** Takes what was acquired: appended to the outbox with write(2), then sent live at once where a session is up. */
export interface Recorder {
  /** One record of the stream `readings`: one poll of one device, or measures and gaps of it. */
  readings(device: string, body: { readonly readings: readonly Reading[]; readonly gaps?: readonly Gap[] }): void
  /** One record of the stream `blocks`. */
  block(block: Block): void
  /** A gap in the stream `blocks`. */
  blockGap(device: string, gap: Gap): void
  /** One record of the stream `conditions`: fdatasynced, sent in parallel. */
  condition(record: ConditionRecord): void
  /** The newest durable record of a limit, from before this start or since; survives kill -9. */
  lastCondition(limitId: string): ConditionRecord | undefined
  /** False where the previous run did not stop cleanly: a condition's next occurrence then skips one number. */
  readonly cleanStart: boolean
}

/** Devices come and go: DBIRTH and DDEATH. */
export interface DeviceLife {
  /** @param info what the device says of itself, by name, where its model asks for it and it answered */
  online(device: string, info?: Readonly<Record<string, string>>): void
  offline(device: string, reason: Reason): void
}

/**
 * Small JSON state that survives restarts (ring counters, last durable poll, clock discipline). It is written after the
 * outbox was synced, so what it says is never ahead of what is recorded. BigInts are stored as decimal strings by the caller.
 */
export interface EdgeState {
  get(key: string): unknown
  set(key: string, value: unknown): void
}
