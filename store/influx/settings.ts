/** What the site file says of InfluxDB, and the dialects that its versions speak (research: storage-dashboards.md 1). */
import { INFLUX_POLICY, type InfluxPolicy, influxDatabase, type SeriesKind } from '../../domain/series.ts'

/** `store.influx` of the site file, and the site's id: its tag keeps sites apart that share a database. */
export type InfluxSettings = {
  readonly site: string
  readonly url: string
  readonly database: string
  readonly user?: string
  readonly password_file?: string
  readonly token_file?: string
}

/** v1: 1.6 to 1.8; v2: 2.x; v3: 3.x. All of them take the v1 write and InfluxQL paths; they differ in what they make and say. */
export type Dialect = 'v1' | 'v2' | 'v3'

/** What `/ping` answered in X-Influxdb-Version; VictoriaMetrics and others answer too, but have no version. */
export function dialectOf(version: string | undefined): Dialect | undefined {
  const major = /^v?([123])\./.exec(version ?? '')?.[1]
  return major === undefined ? undefined : (`v${major}` as Dialect)
}

export type Target = { readonly kind: SeriesKind; readonly policy: InfluxPolicy }
export const TARGETS: readonly Target[] = (['real', 'exercise'] as const).flatMap((kind) =>
  (['lasting', 'raw'] as const).map((policy) => ({ kind, policy })),
)

/** Always ns: `us` is taken for ns by 1.6, silently, and the point lands in 1970. */
export const writePath = (database: string, { kind, policy }: Target): string =>
  `/write?db=${influxDatabase(database, kind)}&rp=${INFLUX_POLICY[policy]}&precision=ns`

/** Name of what a target is in 2.x (a bucket) and 3.x (a database). */
export const bucketName = (database: string, { kind, policy }: Target): string =>
  `${influxDatabase(database, kind)}${policy === 'raw' ? `/${INFLUX_POLICY.raw}` : ''}`

/** Without an end: what is thrown away, and when, is for the operator to say. Made twice it is an error only where it differs. */
export const creationOf = (database: string, kind: SeriesKind): readonly string[] => {
  const name = influxDatabase(database, kind)
  return [
    `CREATE DATABASE "${name}"`,
    `CREATE RETENTION POLICY "${INFLUX_POLICY.raw}" ON "${name}" DURATION INF REPLICATION 1`,
  ]
}
