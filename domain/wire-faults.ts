/** What a bad wire does to Modbus frames, as scenarios, CLI and API say it. Doing it is firmware-sim's. */

export const WIRE_FAULTS = ['delay', 'drop', 'truncate', 'duplicate', 'misnumber', 'corrupt', 'reorder'] as const
export type WireFault = (typeof WIRE_FAULTS)[number]

/** Chances are per frame, 0 to 1; several faults may meet in one frame. What is left out does not happen. */
export type WireFaults = {
  /** Late by `ms`, plus up to `jitter_ms`; frames of one way never overtake one another by it. */
  readonly delay?: { readonly chance?: number; readonly ms: number; readonly jitter_ms?: number }
  /** Lost. */
  readonly drop?: number
  /** Some of its last bytes are lost; on a stream what follows stands in their place. */
  readonly truncate?: number
  readonly duplicate?: number
  /** Another transaction id or unit id (mbap), another unit id under a right CRC (rtu). */
  readonly misnumber?: number
  /** One bit is flipped anywhere: the CRC of RTU shows it; Modbus TCP has none, so a register may silently be wrong. */
  readonly corrupt?: number
  /** Held back until the next frame of its way has passed. */
  readonly reorder?: number
  /** Only requests, or only replies; default both. */
  readonly way?: 'requests' | 'replies'
  /** Only frames of these unit ids; default all. */
  readonly units?: readonly number[]
}
