/** What can happen to an edge node's way to the broker, as scenarios say it. Doing it is `io/uplink-proxy.ts`. */

/** Several may hold at once; `{}` mends it. */
export type UplinkFaults = {
  /** Connections are reset, and new ones at once. */
  readonly cut?: boolean
  /** Connections stand and new ones are accepted, but nothing comes through. */
  readonly half_open?: boolean
  /** Everything is this late, each way. */
  readonly delay_ms?: number
  /** No more than this comes through, each way. */
  readonly bytes_per_s?: number
}

/** In place of what was before; `{}` mends it. */
export type SetUplink = (node: string, faults: UplinkFaults) => void
