/** An InfluxDB 1.x that asks who we are. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INFLUXD_START_MS, type Influxd, influxdMissing, startInfluxd } from './influx/influxd.fixture.ts'
import type { InfluxSettings } from './influx.ts'
import { InfluxPlace, outcomes } from './influx-place.fixture.ts'
import { record, stage } from './records.fixture.ts'

const missing = influxdMissing()
const place = new InfluxPlace()

describe.skipIf(missing !== undefined)('an InfluxDB 1.x that asks who we are', () => {
  let influxd: Influxd
  const passwords = { admin: 'over all', plain: 'only plain' }
  beforeAll(async () => {
    influxd = await startInfluxd({ auth: true })
    const run = async (q: string, user?: string): Promise<void> => {
      const headers = new Headers()
      if (user !== undefined) headers.set('authorization', `Basic ${btoa(`${user}:${passwords.admin}`)}`)
      const answer = await fetch(`${influxd.url}/query`, { method: 'POST', headers, body: new URLSearchParams({ q }) })
      expect(await answer.text()).not.toContain('error')
    }
    await run(`CREATE USER admin WITH PASSWORD '${passwords.admin}' WITH ALL PRIVILEGES`)
    await run(`CREATE USER plain WITH PASSWORD '${passwords.plain}'`, 'admin')
  }, INFLUXD_START_MS)
  afterAll(() => influxd?.end())

  const as = async (user: 'admin' | 'plain', password = passwords[user]): Promise<InfluxSettings> => {
    const password_file = join(place.folder, 'password')
    await writeFile(password_file, `${password}\n`)
    return { site: 'test', url: influxd.url, database: 'plumbline', user, password_file }
  }
  const refusal = async (settings: InfluxSettings): Promise<string> => {
    const { writer } = await place.open(settings)
    return writer.append([record({ readings: [stage(0, 1)] })]).then(
      () => 'stored',
      (error: Error) => error.message,
    )
  }

  test('a wrong password keeps the data and says where to look; the right one is read without a restart', async () => {
    const settings = await as('admin', 'wrong')
    const { writer } = await place.open(settings)
    const one = record({ readings: [stage(0, 1)] })
    await expect(writer.append([one])).rejects.toThrow(/answered 401: .*check user, password_file or token_file/)
    await as('admin')
    expect(await outcomes(writer, one)).toEqual(['stored'])
  })

  test('a user who may not make the database is told what an administrator has to run', async () => {
    const settings = { ...(await as('plain')), database: 'not-there' }
    expect(await refusal(settings)).toMatch(
      /INFLUX_CONFIG: .*as an administrator run: influx -execute 'CREATE DATABASE "not-there"'; influx -execute 'CREATE RETENTION POLICY "raw".*GRANT ALL ON "not-there" TO "plain"/,
    )
  })

  test('a password file that is not there is named', async () => {
    const settings = { ...(await as('admin')), password_file: join(place.folder, 'nowhere') }
    expect(await refusal(settings)).toMatch(/cannot read .*nowhere \(ENOENT\), named under store.influx/)
  })
})
