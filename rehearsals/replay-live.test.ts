/** `replay` into a site that runs: a person's own file raises the alarm, is paused, wound and stopped; the guide, command by command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connectSimulator } from '../firmware-sim/io/control-client.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import { bothDevices, siteFileText } from './site.ts'
import { until } from './until.ts'

const TOP = join(import.meta.dirname, '..')

/** A command that runs until it is told to stop. */
class Running {
  readonly #child: ChildProcess
  output = ''
  readonly ended: Promise<number | null>

  constructor(args: readonly string[]) {
    const node = ['--disable-warning=ExperimentalWarning', join(TOP, 'plumbline.ts'), ...args]
    this.#child = spawn(process.execPath, node, { cwd: TOP, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    this.ended = new Promise((resolve) => this.#child.once('exit', resolve))
  }

  says(text: string): Promise<unknown> {
    const said = until(`it says "${text}"`, () => this.output.includes(text), 30_000)
    return said.catch((cause) => {
      throw new Error(`it said: ${this.output}`, { cause })
    })
  }

  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.ended
  }
}

const cleanup: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})
async function folder(): Promise<string> {
  const made = await temporaryFolder()
  cleanup.push(() => removeFolder(made))
  return made
}
async function running(args: readonly string[], env: Record<string, string> = {}): Promise<ServiceProcess> {
  const line = new ServiceProcess(args, env)
  cleanup.push(() => line.stop())
  await line.start(45_000)
  return line
}

test('a file of one’s own: refused while nothing runs, then raises the alarm, is stored, paused, wound, and stopped', async () => {
  const data = await folder()
  const [site, record, stage] = ['site.yaml', 'own.csv', 'stage.csv'].map((name) => join(data, name)) as [
    string,
    string,
    string,
  ]
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  // Nothing of the site's own moves within this test.
  writeFileSync(
    site,
    siteFileText(bothDevices(ports, { timeScale: 1, yonago: { lead_s: 100_000 }, play: { lead_s: 100_000 } })),
  )
  const motion = Array.from(
    { length: 6000 },
    (_, k) => `${(k / 100).toFixed(2)},${(150 * Math.sin(k / 8)).toFixed(3)},0,0`,
  )
  writeFileSync(record, `time,acc_ns_gal,acc_ew_gal,acc_ud_gal\n${motion.join('\n')}\n`)
  const rows = [0.5, 0.7, 1.234].map((h, i) => `2024-01-01T00:0${i}:00Z,${h}`)
  writeFileSync(stage, `time,stage_m\n${rows.join('\n')}\n`)
  const place = ['--site', site, '--data', data]

  const alone = await runCommand(['replay', record, '--as', 'yonago', ...place])
  expect([alone.code, alone.stderr.split(':')[0]]).toEqual([3, 'SIMULATOR_UNAVAILABLE'])

  await running(['start', ...place])
  const desk = new DeskClient(ports.desk)
  await until('the accelerometer is measured', async () =>
    (await desk.readings()).some((r) => r.channel === 'yonago/pga' && r.flag === 1),
  )
  expect((await desk.alarm('n1:shaking'))?.occurrence ?? 0).toBe(0)

  const play = new Running(['replay', record, '--as', 'yonago/pga', ...place])
  await play.says('playing own.csv as yonago: 0:00.')
  const alarm = await until('150 gal raise the alarm at 25', async () => {
    const found = await desk.alarm('n1:shaking')
    return found !== undefined && found.occurrence === 1 && found.peak !== null && found.peak > 1.2 && found
  })
  expect(alarm).toMatchObject({ exercise: true, late: [] })
  // Largest deviation from the 10 s mean of a sine of 150 gal.
  expect(alarm.peak).toBeLessThan(2.1)

  const control = connectSimulator(data, 'rehearsal')
  const { plays } = await control.status()
  const { id } = plays[0]!
  const paused = await control.steer(id, { action: 'pause' })
  await play.says('paused own.csv')
  expect((await control.status()).plays[0]!.position_s).toBe(paused.position_s)
  await until('paused, the ground is still', async () =>
    (await desk.readings()).some((r) => r.channel === 'yonago/pga' && r.value !== null && r.value < 0.02),
  )
  expect(await control.steer(id, { action: 'seek', position_s: 58 })).toMatchObject({ state: 'paused', position_s: 58 })
  await control.steer(id, { action: 'resume' })
  expect(await play.ended).toBe(0)
  expect(play.output).toContain('ended at 60.0 s; yonago plays again what the site says')
  expect((await control.status()).plays).toEqual([])

  const gauge = new Running(['replay', stage, '--as', 'dead-run/stage', '--start', '130', ...place])
  await gauge.says('playing stage.csv')
  await until('the stage is what the file says', async () =>
    (await desk.readings()).some((r) => r.channel === 'dead-run/stage' && Math.abs((r.value ?? 0) - 1.234) < 1e-6),
  )
  expect(await gauge.interrupt()).toBe(0)
  expect(gauge.output).toContain('dead-run plays again what the site says')

  // Whoever is replaced is told so.
  const first = new Running(['replay', record, '--as', 'yonago', '--loop', ...place])
  await first.says('playing own.csv')
  const second = new Running(['replay', record, '--as', 'yonago', '--loop', ...place])
  await second.says('playing own.csv')
  expect(await first.ended).toBe(3)
  expect(first.output).toContain('no longer playing: somebody stopped own.csv or played something else')
  expect(await second.interrupt()).toBe(0)
}, 180_000)

describe('the guide', () => {
  const guide = readFileSync(join(TOP, 'docs/guides/replay.md'), 'utf8')
  const commands = [...guide.matchAll(/^```\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block]) => block!.trim().split('\n'))
    .map((line) => line.split(' '))
  const [start, ...others] = commands as [string[], ...string[][]]

  test('every command in it does what it says, in one running site', async () => {
    expect(commands.every(([first]) => first === './plumbline')).toBe(true)
    const data = await folder()
    const [port, mqtt] = [await freePort(), await freePort()]
    const env = { PLUMBLINE_SIM_PORT_1: String(await freePort()), PLUMBLINE_SIM_PORT_2: String(await freePort()) }
    await running([...start.slice(1), '--data', data, '--port', String(port), '--mqtt-port', String(mqtt)], env)
    const control = connectSimulator(data, 'demo')
    let replays = 0
    for (const [, ...args] of others) {
      if (args.includes('--alone')) continue
      if (args[0] === 'wire') {
        const ran = await runCommand([...args, '--data', data])
        expect(ran).toMatchObject({ code: 0, stderr: '' })
        expect(ran.stdout).toMatch(
          args[1] === 'clear' ? /: sound; \d+ frames/ : /"drop":0\.1,"delay":\{"ms":50,"jitter_ms":20\}/,
        )
        continue
      }
      const play = new Running([...args, '--data', data])
      await play.says('playing ')
      const { plays } = await control.status()
      const device = args[args.indexOf('--as') + 1]!.split(/[=/]/)[0]
      expect(plays[0]!.devices[0], args.join(' ')).toBe(device)
      expect(await play.interrupt(), play.output).toBe(0)
      replays++
    }
    expect(replays).toBe(6)
  }, 180_000)

  test('`--alone` runs a line of its own', async () => {
    const args = others.find((command) => command.includes('--alone'))!.slice(1)
    const [data, port, mqtt] = [await folder(), await freePort(), await freePort()]
    const env = { PLUMBLINE_SIM_PORT_1: String(await freePort()), PLUMBLINE_SIM_PORT_2: String(await freePort()) }
    const line = await running([...args, '--data', data, '--port', String(port), '--mqtt-port', String(mqtt)], env)
    await until('it says where', () => line.output.stdout.includes(`as dead-run/stage at http://127.0.0.1:${port}`))
  }, 90_000)
})

test('`wire proxy` stands before a device, spoils what it is told to, and counts it', async () => {
  const data = await folder()
  const site = join(data, 'site.yaml')
  const ports = { accelerometer: await freePort(), gauge: await freePort(), mqtt: 1, desk: 1 }
  writeFileSync(site, siteFileText(bothDevices(ports)))
  await running(['sim', '--site', site, '--data', data])
  const proxy = new Running([
    'wire',
    'proxy',
    '--listen',
    '127.0.0.1:0',
    '--to',
    `127.0.0.1:${ports.gauge}`,
    '--duplicate',
    '1',
    '--way',
    'replies',
  ])
  await proxy.says('is a bad wire to')
  const port = Number(/127\.0\.0\.1:(\d+) is a bad wire/.exec(proxy.output)![1])
  const { createConnection } = await import('node:net')
  const socket = createConnection({ host: '127.0.0.1', port })
  let heard = 0
  socket.on('data', (chunk) => {
    heard += chunk.length
  })
  socket.write(Buffer.from('000700000006010400000004', 'hex'))
  // 17 bytes a reply, twice.
  await until('the reply comes twice', () => heard === 34)
  socket.destroy()
  expect(await proxy.interrupt()).toBe(0)
  expect(proxy.output).toContain('requests: 1 frames\nreplies: 1 frames, 1 duplicate\n')
}, 90_000)
