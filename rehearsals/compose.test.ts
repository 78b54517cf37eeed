/**
 * `docker compose up` without an engine: every service of the compose file with its own command, environment, secrets and health check,
 * on a real influxd, on a real Mosquitto, and with nothing else. Data arrive at the desk and in the store.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ENV_FILES, TOP } from '../deploy/compose.fixture.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { ComposeRun } from './compose-run.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { mosquittoThere } from './mosquitto.ts'
import { runCommand } from './processes.ts'
import { until } from './until.ts'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => removeFolder(folder))

const SITE = 'deploy/compose/site.yaml'

async function prepared(envFile: string, elsewhere: ReadonlyMap<string, string>): Promise<ComposeRun> {
  const [data, secrets] = [join(folder, 'data'), join(folder, 'secrets')]
  await mkdir(data)
  const made = await runCommand(['secrets', 'init', '--site', SITE, '--to', secrets])
  expect([made.code, made.stderr]).toEqual([0, ''])
  return ComposeRun.of({ env: ENV_FILES.get(envFile)!, data, secrets, elsewhere })
}

/** Signed in with the secret that `secrets init` made: values at the desk, and columns from the store. */
async function seesData(run: ComposeRun): Promise<void> {
  const base = `http://127.0.0.1:${run.port('PLUMBLINE_PORT')}/api/v1`
  const [name, passphrase] = readFileSync(join(folder, 'secrets', 'desk-first-user'), 'utf8').split('\n')
  const headers = { 'content-type': 'application/json' }
  const signedIn = await fetch(`${base}/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name, passphrase }),
  })
  expect(signedIn.status).toBe(200)
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
  const ask = async <T>(path: string) => (await fetch(`${base}${path}`, { headers: { cookie } })).json() as Promise<T>
  await until(
    'good readings of every device',
    async () => {
      const { readings } = await ask<{ readings: Array<{ channel: string; value: number | null }> }>('/readings/latest')
      const devices = new Set(
        readings.filter(({ value }) => value !== null).map(({ channel }) => channel.split('/')[0]),
      )
      return devices.size === 5
    },
    60_000,
  )
  await until(
    'the stage is in the store',
    async () => {
      const now = BigInt(Date.now()) * 1_000_000n
      const path = `/series?channel=dead-run/stage&from=${now - 3_600_000_000_000n}&to=${now}&points=100`
      return ((await ask<{ columns?: unknown[] }>(path)).columns ?? []).length > 0
    },
    60_000,
  )
}

async function stopsWell(run: ComposeRun): Promise<void> {
  const stopped = await run.stop()
  expect(stopped.map(({ name, code }) => [name, code])).toEqual(stopped.map(({ name }) => [name, 0]))
}

/** No secret that was made stands in what the services wrote, or serve at their doors for Prometheus. */
async function keepsSecrets(run: ComposeRun): Promise<void> {
  const names = ['influxdb-token', 'mqtt-edge-1', 'mqtt-ingest', 'mqtt-desk', 'desk-first-user']
  const canaries = names
    .flatMap((name) =>
      readFileSync(join(folder, 'secrets', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .filter((text) => text !== 'admin')
  for (const name of run.names) {
    const port = run.port(`PLUMBLINE_${name.toUpperCase()}_METRICS_PORT`)
    const served = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(served, name).toContain('plumbline_')
    for (const canary of canaries) {
      expect(run.output(name as 'ingest').includes(canary), `${name} wrote a secret`).toBe(false)
      expect(served.includes(canary), `${name} serves a secret at /metrics`).toBe(false)
    }
  }
}

const noInfluxd = influxdMissing()
describe.skipIf(noInfluxd !== undefined)(
  `docker compose up${noInfluxd === undefined ? '' : ` (skipped: ${noInfluxd})`}`,
  () => {
    test('on a real influxd: healthy in the order of the file, data in the store, no secret in any log', async () => {
      const influxd = await startInfluxd()
      const run = await prepared('.env', new Map([['influxdb:8086', new URL(influxd.url).host]]))
      try {
        expect(run.names).toEqual(['broker', 'ingest', 'desk', 'edge', 'sim'])
        await run.start()
        await seesData(run)
        await keepsSecrets(run)
        await stopsWell(run)
      } finally {
        await run.stop()
        await influxd.end()
      }
    }, 240_000)
  },
)

test('embedded store: nothing but our own services', async () => {
  const run = await prepared('deploy/compose/embedded.env', new Map())
  try {
    await run.start()
    await seesData(run)
    await keepsSecrets(run)
    await stopsWell(run)
  } finally {
    await run.stop()
  }
}, 240_000)

describe.skipIf(!mosquittoThere())('a broker of others', () => {
  test('Mosquitto with the files of the compose file and the users that `secrets init` made', async () => {
    const port = await freePort()
    const run = await prepared('deploy/compose/mosquitto.env', new Map([['mosquitto:1883', `127.0.0.1:${port}`]]))
    const config = readFileSync(join(TOP, 'deploy', 'compose', 'mosquitto.conf'), 'utf8')
      .replace('listener 1883', `listener ${port} 127.0.0.1`)
      .replaceAll('/run/secrets', join(folder, 'secrets'))
    writeFileSync(join(folder, 'mosquitto.conf'), `${config}${process.getuid?.() === 0 ? 'user root\n' : ''}`)
    const mosquitto: ChildProcess = spawn('/usr/sbin/mosquitto', ['-c', join(folder, 'mosquitto.conf')], {
      stdio: 'ignore',
    })
    try {
      expect(run.names).toEqual(['ingest', 'desk', 'edge', 'sim'])
      await run.start()
      await seesData(run)
      await keepsSecrets(run)
      await stopsWell(run)
    } finally {
      await run.stop()
      mosquitto.kill('SIGKILL')
    }
  }, 240_000)
})
