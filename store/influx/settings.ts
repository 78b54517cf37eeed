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
  /** Organization (2.x); needed only where the token sees several. */
  readonly org?: string
  /** How long points are kept where the store makes the database; for ever unless given. Kept as they are where it is there. */
  readonly keep_days?: number
  /** The same of waveforms. */
  readonly keep_raw_days?: number
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

/** 0 is for ever: what is thrown away, and when, is for the operator to say. */
export const keepDays = ({ keep_days, keep_raw_days }: InfluxSettings, policy: InfluxPolicy): number =>
  (policy === 'raw' ? keep_raw_days : keep_days) ?? 0

const duration = (days: number): string => (days === 0 ? 'INF' : `${days}d`)

/** 1.x. Made twice it is an error only where it differs. */
export const creationOf = (settings: InfluxSettings, kind: SeriesKind): readonly string[] => {
  const name = influxDatabase(settings.database, kind)
  const days = keepDays(settings, 'lasting')
  const lasting = days === 0 ? '' : ` WITH DURATION ${duration(days)} REPLICATION 1 NAME "${INFLUX_POLICY.lasting}"`
  const raw = duration(keepDays(settings, 'raw'))
  return [
    `CREATE DATABASE "${name}"${lasting}`,
    `CREATE RETENTION POLICY "${INFLUX_POLICY.raw}" ON "${name}" DURATION ${raw} REPLICATION 1`,
  ]
}

/** What makes the store by hand, word for word. */
export function toRun(dialect: Dialect, settings: InfluxSettings): string {
  const names = TARGETS.map(
    (target) => [bucketName(settings.database, target), keepDays(settings, target.policy)] as const,
  )
  if (dialect === 'v2') {
    const org = settings.org === undefined ? '' : ` --org ${settings.org}`
    const made = names.map(([name, days]) => `influx bucket create --name ${name} --retention ${days}d${org}`)
    return `run: ${made.map((one) => one.replace(' 0d', ' 0')).join('; ')}; the token must read and write them`
  }
  if (dialect === 'v3') {
    const made = names.map(
      ([name, days]) => `influxdb3 create database ${days === 0 ? '' : `--retention-period ${days}d `}${name}`,
    )
    return `run: ${made.join('; ')}`
  }
  const kinds = ['real', 'exercise'] as const
  const grants = kinds.map(
    (kind) => `GRANT ALL ON "${influxDatabase(settings.database, kind)}" TO "${settings.user ?? 'USER'}"`,
  )
  const statements = [...kinds.flatMap((kind) => creationOf(settings, kind)), ...grants]
  return `as an administrator run: ${statements.map((one) => `influx -execute '${one}'`).join('; ')}`
}
