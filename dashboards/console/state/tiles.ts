/** What the overview shows of each water and structure, worst first: what is exceeded, then what is unknown, then the rest. */
import type { SiteJson } from '../../../domain/api.ts'
import type { LiveState } from './live-state.ts'
import { isShaking, type StructureView, structureView } from './structure.ts'
import { type WaterView, waterView } from './water.ts'

/** Worst first. `watch`: nothing is exceeded, and yet it moves. */
export const TILE_STATES = ['exceeded', 'held', 'unknown', 'watch', 'quiet'] as const
export type TileState = (typeof TILE_STATES)[number]

export type Tile =
  | { readonly kind: 'water'; readonly id: string; readonly state: TileState; readonly view: WaterView }
  | { readonly kind: 'structure'; readonly id: string; readonly state: TileState; readonly view: StructureView }

export function tilesOf(site: SiteJson, live: LiveState, now_ms: number): Tile[] {
  const tiles: Tile[] = [
    ...site.waters.map((water) => {
      const view = waterView(water, live, now_ms)
      return { kind: 'water' as const, id: water.id, state: waterState(view), view }
    }),
    ...site.structures.map((structure) => {
      const view = structureView(structure, site, live, now_ms)
      return { kind: 'structure' as const, id: structure.id, state: structureState(view), view }
    }),
  ]
  const rank = (tile: Tile) => TILE_STATES.indexOf(tile.state)
  // The order of the site file breaks ties: what is quiet keeps its place.
  return tiles
    .map((tile, i) => ({ tile, i }))
    .sort((a, b) => rank(a.tile) - rank(b.tile) || a.i - b.i)
    .map(({ tile }) => tile)
}

function waterState({ top, stage_m, rate_m_s }: WaterView): TileState {
  if (top !== null) return top.mark === 'held' ? 'held' : 'exceeded'
  if (stage_m === null) return 'unknown'
  return rate_m_s !== null && rate_m_s > FAST_M_S ? 'watch' : 'quiet'
}

/** Ten centimetres an hour: a rise that is seen at the bank. A word on a tile, not a limit: it raises nothing. */
const FAST_M_S = 0.1 / 3600

function structureState(view: StructureView): TileState {
  if (view.active.length > 0) return 'exceeded'
  if (view.held.length > 0) return 'held'
  if (view.sensors.length === 0 || view.usable < view.sensors.length) return 'unknown'
  return view.pga_m_s2 !== null && isShaking(view.pga_m_s2) ? 'watch' : 'quiet'
}
