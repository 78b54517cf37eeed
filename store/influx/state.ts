/** What is asked of the state database and told to it; its tables are `io/state-program.ts`. Owners are texts made here. */

import type { Gap } from '../../domain/reading.ts'
import type { Identity, Ranges, RejectedRecord } from '../../domain/record.ts'
import type { SeriesKind } from '../../domain/series.ts'
import { gapDevice } from './points.ts'
import type { BootKey, GroupKey } from './queries.ts'
import type { Mark } from './rollups.ts'

export const channelOwner = (kind: SeriesKind, channel: string): string => JSON.stringify([kind, channel])
export const bootOwner = (kind: SeriesKind, { device, group, boot_id }: BootKey): string =>
  JSON.stringify([kind, device, group, boot_id])
/** A group of blocks with all its axes. */
export const groupOwner = (kind: SeriesKind, { device, group }: GroupKey): string =>
  JSON.stringify([kind, device, group])
export type Owned = { readonly kind: SeriesKind } & (
  | { readonly channel: string; readonly group?: undefined }
  | ({ readonly channel?: undefined } & GroupKey)
)
/** What a `channelOwner` or `groupOwner` names. */
export function ownedBy(owner: string): Owned {
  const [kind, first, group] = JSON.parse(owner) as [SeriesKind, string, string?]
  return group === undefined ? { kind, channel: first } : { kind, device: first, group }
}
export const gapOwner = (kind: SeriesKind, gap: Gap): string => JSON.stringify([kind, gapDevice(gap), gap.reason])

export type GapRow = {
  readonly from_ns: bigint
  /** So much later stands its point. */
  readonly shift_ns: number
  readonly to_ns: bigint
  /** JSON */
  readonly channels: string
  readonly expected: number
  readonly missing: number
}

export type Question = {
  readonly identities: readonly Identity[]
  readonly marks: readonly string[]
  readonly ranges: readonly string[]
  readonly gaps: ReadonlyArray<readonly [owner: string, from_ns: bigint]>
}
export type Known = {
  readonly committed: readonly boolean[]
  /** Newest instant of which InfluxDB has a point; `undefined` where the state database has not heard of the owner. */
  readonly marks: ReadonlyArray<bigint | undefined>
  /** Counters that InfluxDB holds. */
  readonly ranges: readonly Ranges[]
  /** Those whose points stand within 1 us. */
  readonly gaps: ReadonlyArray<readonly GapRow[]>
}

export type Commit = {
  readonly identities: readonly Identity[]
  readonly marks: ReadonlyArray<readonly [owner: string, newest_ns: bigint]>
  readonly ranges: ReadonlyArray<readonly [owner: string, added: Ranges]>
  readonly gaps: ReadonlyArray<readonly [owner: string, gap: GapRow]>
  readonly refused: readonly RejectedRecord[]
  /** Hours whose rollups do not know what has come. */
  readonly touched: readonly Mark[]
}
