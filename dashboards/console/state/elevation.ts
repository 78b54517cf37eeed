/** A water seen as stage above its gauge's zero, or as elevation above a vertical datum where the site file says where zero lies. */
import type { WaterJson } from '../../../domain/api.ts'

export const DATUMS = ['gauge', 'elevation'] as const
export type Datum = (typeof DATUMS)[number]

/** What is added to a stage [m]; 0 where the datum asked for is not known. */
export const offset_m = (water: Pick<WaterJson, 'zero'>, datum: Datum): number =>
  datum === 'elevation' ? (water.zero?.elevation_m ?? 0) : 0

/** The datum's name, as it stands beside every figure. */
export const datumName = (water: Pick<WaterJson, 'zero' | 'datum'>, datum: Datum): string =>
  datum === 'elevation' && water.zero !== undefined ? water.zero.above : water.datum

export type Neighbours<T> = { readonly upstream: readonly T[]; readonly downstream: readonly T[] }

/** Waters upstream as the site file says, nearest first, and those that name this one as theirs. */
export function neighboursOf<T extends Pick<WaterJson, 'id' | 'upstream'>>(
  waters: readonly T[],
  water: T,
): Neighbours<T> {
  const byId = new Map(waters.map((w) => [w.id, w]))
  return {
    upstream: (water.upstream ?? []).flatMap((id) => byId.get(id) ?? []),
    downstream: waters.filter((w) => w.upstream?.includes(water.id)),
  }
}
