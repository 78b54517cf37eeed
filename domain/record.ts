/**
 * Identity of what an edge node has recorded. A record keeps its identity from the outbox through MQTT into the store and
 * back in the owner's acknowledgement; nothing else decides whether it may be forgotten.
 */
import type { Block, Gap, Reading } from './reading.ts'
import type { Readings } from './reading-page.ts'

export type Stream = 'conditions' | 'readings' | 'blocks'
export const STREAMS: readonly Stream[] = ['conditions', 'readings', 'blocks']

export type Owner = 'desk' | 'ingest'
/** Who must commit a stream before the edge forgets it. */
export const OWNER: Readonly<Record<Stream, Owner>> = { conditions: 'desk', readings: 'ingest', blocks: 'ingest' }

/** Offsets are counted per (outbox, stream) from 1, with holes, and never used twice; safe integers last 285 years at 1 MHz. */
export type Identity = {
  readonly node: string
  /** UUID made with the outbox: a replaced disk is a new outbox. */
  readonly outbox: string
  readonly stream: Stream
  readonly offset: number
}

/** Inclusive ranges of offsets, ascending and apart. */
export type Ranges = ReadonlyArray<readonly [from: number, to: number]>

/** What one record of `readings` or `blocks` holds once it is decoded: its readings as a list, or as a run of a page. */
export type DeviceRecord<R extends Readings = readonly Reading[]> = {
  readonly identity: Identity
  readonly device: string
  readonly exercise: boolean
  readonly historical: boolean
  readonly readings: R
  readonly blocks: readonly Block[]
  readonly gaps: readonly Gap[]
}
/** One whose readings may stand on a page. */
export type KeptRecord = DeviceRecord<Readings>

/** Body of NCMD `Node Control/Committed`. */
export type Committed = {
  readonly owner: Owner
  readonly outbox: string
  readonly stream: Stream
  readonly ranges: Ranges
}

/** A record that breaks the layout of the wire, whole, so that a person can see what was meant. */
export type RejectedRecord = {
  readonly identity: Identity
  readonly device: string
  readonly exercise: boolean
  readonly reason: string
  /** Its metrics as JSON. */
  readonly body: string
}
