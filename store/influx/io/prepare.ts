/**
 * Databases (1.x, 3.x) or buckets (2.x) of the series are there, or made; where they may not be made, the error says what
 * an administrator has to run. What is in them is left to others.
 */
import { PlumblineError } from '../../../domain/errors.ts'
import type { Log } from '../../../domain/ports.ts'
import { FIELD, INFLUX_POLICY, influxDatabase, MEASUREMENT } from '../../../domain/series.ts'
import { SERIES_KINDS } from '../../files.ts'
import { bucketName, creationOf, type InfluxSettings, keepDays, TARGETS, toRun } from '../settings.ts'
import type { Http } from './http.ts'

const MISSING =
  /database is not found|database not found|retention policy not found|bucket .{0,300}not found|no dbrp mapping|could not find bucket/i
const DAY_S = 86_400

/** @throws PlumblineError STORE_UNAVAILABLE while the server is away, INFLUX_CONFIG where a person has to act. */
export async function prepareStore(http: Http, settings: InfluxSettings, log: Log): Promise<void> {
  const dialect = await http.dialect()
  if (dialect === 'v3') return createV3(http, settings, log)
  for (const kind of SERIES_KINDS) {
    const database = influxDatabase(settings.database, kind)
    try {
      if (await isThere(http, database)) continue
      if (dialect === 'v1') {
        const statements = creationOf(settings, kind)
        await http.query(database, statements)
        log.info('made the database of the series', { url: http.url, statements })
      } else await createV2(http, settings, log)
    } catch (error) {
      throw explained(error, dialect, settings, dialect === 'v1' ? [403, 'error'] : [401, 403, 404, 422, 'error'])
    }
  }
}

/** Both policies: asked as any reader would, so that the right to make databases is not needed once they are there. */
async function isThere(http: Http, database: string): Promise<boolean> {
  const { lasting, raw } = INFLUX_POLICY
  const probe = (policy: string) => `SELECT "${FIELD.reading.flag}" FROM "${policy}"."${MEASUREMENT.reading}" LIMIT 1`
  try {
    await http.query(database, [probe(lasting), probe(raw)])
    return true
  } catch (error) {
    const { message } = error as Error
    if (MISSING.test(message)) return false
    throw error
  }
}

/** 2.x: buckets of all targets. From 2.2 on a bucket `X/raw` is database X, policy raw by itself; older ones are told so. */
async function createV2(http: Http, settings: InfluxSettings, log: Log): Promise<void> {
  const { orgs } = await http.call<{ orgs: Array<{ id: string; name: string }> }>(
    'GET',
    `/api/v2/orgs${settings.org === undefined ? '' : `?org=${encodeURIComponent(settings.org)}`}`,
  )
  const [org, ...others] = orgs
  if (org === undefined || others.length > 0)
    throw new PlumblineError(
      'INFLUX_CONFIG',
      `${http.url}: the token sees ${orgs.length} organizations; name one with store.influx.org`,
    )
  for (const target of TARGETS) {
    const name = bucketName(settings.database, target)
    const rule = { type: 'expire', everySeconds: keepDays(settings, target.policy) * DAY_S }
    const made = await http
      .call<{ id: string }>('POST', '/api/v2/buckets', { orgID: org.id, name, retentionRules: [rule] })
      .catch((error: unknown) => {
        if (/already exists/.test((error as Error).message)) return undefined
        throw error
      })
    if (made !== undefined) log.info('made a bucket of the series', { url: http.url, name, org: org.name })
  }
  for (const kind of SERIES_KINDS)
    if (!(await isThere(http, influxDatabase(settings.database, kind)))) return mapV2(http, settings, org.id, log)
}

async function mapV2(http: Http, settings: InfluxSettings, orgID: string, log: Log): Promise<void> {
  for (const target of TARGETS) {
    const name = bucketName(settings.database, target)
    const found = await http.call<{ buckets: Array<{ id: string }> }>(
      'GET',
      `/api/v2/buckets?orgID=${orgID}&name=${encodeURIComponent(name)}`,
    )
    await http.call('POST', '/api/v2/dbrps', {
      orgID,
      bucketID: found.buckets[0]?.id,
      database: influxDatabase(settings.database, target.kind),
      retention_policy: INFLUX_POLICY[target.policy],
      default: target.policy === 'lasting',
    })
    log.info('mapped a bucket of the series for InfluxQL', { url: http.url, name })
  }
}

/** 3.x makes a database when it is written to, but a question before that fails, and it would keep for ever. */
async function createV3(http: Http, settings: InfluxSettings, log: Log): Promise<void> {
  for (const target of TARGETS) {
    const name = bucketName(settings.database, target)
    const days = keepDays(settings, target.policy)
    try {
      const retention = days === 0 ? {} : { retention_period: `${days}d` }
      await http.call('POST', '/api/v3/configure/database', { db: name, ...retention })
      log.info('made a database of the series', { url: http.url, name })
    } catch (error) {
      if (statusOf(error) !== 409) throw explained(error, 'v3', settings, [400, 401, 403, 404, 422])
    }
  }
}

/** HTTP status behind an error; 'error' where the server answered 200 and said no. */
const statusOf = (error: unknown): number | 'error' | undefined => {
  const { cause } = error as { cause?: { statusCode?: number; code?: string; name?: string } }
  if (cause?.statusCode !== undefined) return cause.statusCode
  return cause?.name === 'StatementError' ? 'error' : undefined
}

/** With what to run, where the server works and only says no. */
function explained(
  error: unknown,
  dialect: 'v1' | 'v2' | 'v3',
  settings: InfluxSettings,
  noes: ReadonlyArray<number | 'error'>,
): unknown {
  const status = statusOf(error)
  if (status === undefined || !noes.includes(status)) return error
  const message = (error as Error).message.replace(/^[A-Z_]+: /, '')
  return new PlumblineError('INFLUX_CONFIG', `${message}; ${toRun(dialect, settings)}`, { cause: error })
}
