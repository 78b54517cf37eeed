/**
 * Makes `old-site.tar.gz`: the data folder of a site that an earlier version ran, with what must not be lost by an upgrade. Run once
 * for each version that files must come from, on a checkout of it with the same packages (see README.md beside):
 *
 *   node rehearsals/cases/upgrade/make.ts CHECKOUT OUT.tar.gz
 *
 * A river crosses two limits, a person acknowledges one and a second person is made; then ingest and the desk are stopped, the edge
 * node goes on for a few seconds, and all is stopped: its outbox holds readings and waveforms that nobody has taken.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../../../runtime/free-port.fixture.ts'
import { DeskClient } from '../../desk-client.ts'
import { bothDevices, siteFileText } from '../../site.ts'
import { pause, until } from '../../until.ts'

const [checkout = '', out = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'old-site-'))
const site = join(folder, 'site.yaml')
const data = join(folder, 'data')
const ports = {
  accelerometer: await freePort(),
  gauge: await freePort(),
  mqtt: await freePort(),
  desk: await freePort(),
}
const base = bothDevices(ports, { timeScale: 360, yonago: { quiet_s: 600, lead_s: 600 } })
// Nothing of it may grow too old: the archive is read for years.
const outbox = { max_age_h: 1_000_000 }
const days = 36_500
const file = {
  ...base,
  nodes: base.nodes.map((node) => ({ ...node, outbox: { conditions: outbox, readings: outbox, blocks: outbox } })),
  store: { retention: { blocks_d: days, events_d: days, readings_d: days } },
}
writeFileSync(site, siteFileText(file))

const running = new Map<string, { child: ChildProcess; output: string }>()
function start(service: string, ...more: string[]): void {
  const args = ['--no-warnings', 'plumbline.ts', service, '--site', site, '--data', data, ...more]
  const child = spawn(process.execPath, args, { cwd: resolve(checkout), stdio: ['ignore', 'pipe', 'pipe'] })
  const one = { child, output: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (one.output += String(text)))
  running.set(service, one)
}
async function stop(service: string): Promise<void> {
  const { child } = running.get(service)!
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

for (const service of ['sim', 'broker', 'ingest', 'desk']) start(service)
start('edge', '--node', 'n1')
const link = () => /http\S+first-user\S+|http\S+token\S+/.exec(running.get('desk')!.output)?.[0]
await until('the link of the first user', () => link() !== undefined, 30_000)
const desk = new DeskClient(ports.desk)
await desk.firstUser(link()!, 'Mei')
await until('an alarm', async () => ((await desk.alarm('n1:stage-4ft'))?.occurrence ?? 0) > 0, 120_000)
const { occurrence, etag } = (await desk.alarm('n1:stage-2ft'))!
const answered = await desk.post('/alarms/n1:stage-2ft/acknowledge', { occurrence, etag })
if (answered.status !== 200) throw new Error(JSON.stringify(answered))
// Some readings of before are in the store, and an hour of the gauge's with them.
await pause(3000)
await Promise.all([stop('ingest'), stop('desk')])
await pause(5000)
const ended_ms = Date.now()
for (const service of ['edge', 'broker', 'sim']) await stop(service)
writeFileSync(join(folder, 'about.json'), JSON.stringify({ ports, ended_ms }))
execFileSync('tar', ['-czf', resolve(out), '-C', folder, 'site.yaml', 'about.json', 'data'])
console.info(`${out} made of ${data}`)
