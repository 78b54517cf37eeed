/** The oldest and the newest instant of which an InfluxDB holds anything of a site. */
import { influxDatabase } from '../../../domain/series.ts'
import type { Instant } from '../../../domain/time.ts'
import { SERIES_KINDS } from '../../files.ts'
import { Queries } from '../queries.ts'
import type { InfluxSettings } from '../settings.ts'
import type { Http } from './http.ts'

type Extremes = { readonly oldest_ns: Instant | undefined; readonly newest_ns: Instant | undefined }

export async function extremesOf(http: Http, { database, site }: InfluxSettings): Promise<Extremes> {
  const queries = new Queries(site)
  const [oldest, newest]: [Instant[], Instant[]] = [[], []]
  for (const kind of SERIES_KINDS)
    for (const measurement of ['reading', 'block'] as const) {
      const statements = [queries.oldest(measurement), queries.newest(measurement)]
      const [first, last] = await http.query(influxDatabase(database, kind), statements)
      for (const row of first ?? []) oldest.push(row.t_ns)
      for (const row of last ?? []) newest.push(row.t_ns)
    }
  return {
    oldest_ns: oldest.reduce<Instant | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined),
    newest_ns: newest.reduce<Instant | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined),
  }
}
