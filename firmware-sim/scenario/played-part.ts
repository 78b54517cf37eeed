/** A recorded series as a scenario plays it into a device: cut, at the round's own rows, scaled. Refuses what cannot be. */
import { secondsToNs } from '../../domain/time.ts'
import type { Series } from '../../recordings/recording.ts'
import { refuse } from '../physics/refuse.ts'
import { cutSeries } from '../play.ts'
import { lastNotAfter } from '../program.ts'
import type { ScenarioStep } from './schema.ts'

export type PartOf = {
  readonly play: NonNullable<ScenarioStep['play']>
  readonly at_s: number
  readonly duration_s: number
  /** Device seconds per real second. */
  readonly time_scale: number
  readonly rows_per_s: number
}

/**
 * One value per row of the round: the record's first before it begins, its last one after its end.
 * @param values of the series, as long as its instants
 * @throws PlumblineError USAGE, SITE_INVALID where record, cut and round do not go together
 */
export function playedPart(series: Series, values: Float64Array, part: PartOf): Float64Array {
  const { play, at_s, duration_s, time_scale, rows_per_s } = part
  const { recording, from: first, to: last } = play
  const cut = { recording, quiet_s: 0, lead_s: 0, ...(first && { from: first }), ...(last && { to: last }) }
  const { from, to } = cutSeries(series, cut, 'part')
  const [length_s, room_s] = [Number(to - from) / 1e9 / time_scale, duration_s - at_s]
  if (length_s > room_s)
    refuse(
      'length',
      `at most ${room_s} s, what is left of the round (see water_time_scale)`,
      `${Math.ceil(length_s)} s`,
    )
  return Float64Array.from({ length: duration_s * rows_per_s }, (_, row) => {
    const into = secondsToNs(Math.min(Math.max(0, row / rows_per_s - at_s), length_s) * time_scale)
    const k = lastNotAfter(series.t, from + into)
    return (values[k] ?? Number.NaN) * (play.scale ?? 1)
  })
}
