/**
 * Lines that a real InfluxDB refuses, on the whole line: put aside with its reason, acknowledged, an alarm of the desk; and once
 * a person has mended the cause, stored by `dead-letter retry`, which ends the alarm.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { deadLetter } from '../commands/dead-letter.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { freshDatabase, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { bothDevices, siteFileText, siteOf } from './site.ts'
import { EVER } from './truth.ts'
import { until } from './until.ts'

const missing = influxdMissing()
const QUARANTINE = 'desk:quarantine'
const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function command(...args: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk)
    return true
  })
  try {
    return { code: await deadLetter.run(args), out }
  } finally {
    spy.mockRestore()
  }
}

test.skipIf(missing !== undefined)(
  `a line that InfluxDB refuses is an alarm until it is stored${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: 180_000 },
  async () => {
    const influxd = await startInfluxd()
    ends.push(influxd.end)
    const data = await temporaryFolder()
    ends.push(() => removeFolder(data))
    const ports = { accelerometer: await freePort(), gauge: await freePort() }
    const [mqtt, desk, database] = [await freePort(), await freePort(), freshDatabase()]
    const own = { own: { quarantine: { clear_after_s: 0 } } }
    const influx = { url: influxd.url, database }
    const file = { ...bothDevices({ ...ports, mqtt, desk }), store: { influx }, alarms: own }
    const site = await siteOf(file)
    const path = join(data, 'site.yaml')
    writeFileSync(path, siteFileText(file))

    // Somebody has written text where numbers belong, into the shard of now.
    const ask = (q: string) => fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
    await ask(`CREATE DATABASE "${database}-exercise"`)
    const body = `reading,channel=x value="text" ${BigInt(Date.now()) * 1_000_000n}`
    const spoilt = await fetch(`${influxd.url}/write?db=${database}-exercise&precision=ns`, { method: 'POST', body })
    expect(spoilt.status).toBe(204)

    const line = await startLine(site, data, ['broker', 'sim', 'edge', 'desk'])
    ends.push(() => line.stop())
    let ingest = await startLine(site, data, ['ingest'])
    const client = new DeskClient(desk)
    const raised = await until(
      'the alarm is raised',
      async () => {
        const alarm = await client.alarm(QUARANTINE)
        return alarm?.state === 'unacknowledged' && alarm
      },
      60_000,
    )
    expect(raised).toMatchObject({ kind: 'quarantine', occurrence: 1 })
    const [notice] = await client.notices(QUARANTINE)
    expect((notice!.body as { rule: { en: string } }).rule.en).toMatch(
      /\(\d+, the last from (dead-run|yonago): InfluxDB refused it: .*field type conflict.*\)$/,
    )
    await ingest.stop()

    const { out: listed } = await command('list', '--site', path, '--data', data)
    expect(listed).toMatch(/^exercise-1 {2}\S+ {2}\(n1 readings \d+\) {2}InfluxDB refused it: .*field type conflict/)
    const letters = listed.split('\n').filter((one) => one.startsWith('exercise-')).length
    const asked = ['retry', 'all', '--site', path, '--data', data]
    expect(await command(...asked), 'as long as the text is there').toMatchObject({ code: 3 })
    await fetch(`${influxd.url}/query?db=${database}-exercise`, {
      method: 'POST',
      body: new URLSearchParams({ q: 'DROP MEASUREMENT "reading"' }),
    })
    const { code, out } = await command(...asked)
    expect([code, out.trimEnd().split('\n').at(-1)]).toEqual([0, `${letters} stored, 0 left in quarantine`])
    const store = await openStore(site, data)
    ends.push(() => store.close())
    expect((await store.readings('dead-run/stage', ...EVER, 1000)).length).toBeGreaterThan(0)

    ingest = await startLine(site, data, ['ingest'])
    ends.push(() => ingest.stop())
    await until(
      'the alarm is over, and was seen by nobody',
      async () => (await client.alarm(QUARANTINE))?.state === 'returned-unacknowledged',
      60_000,
    )
  },
)
