/** `sim --scale` as a person runs it: a process of its own that a master reads, then Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { SiteFile } from '../domain/site.ts'
import { ScaleLink } from '../firmware-sim/io/scale-master.fixture.ts'
import { loadShippedModels } from '../models/load.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { TOP } from './load-site.ts'
import { sim } from './sim.ts'

const models = await loadShippedModels()
let data: string
let running: ChildProcess | undefined
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-sim-'))
})
afterEach(async () => {
  running?.kill('SIGKILL')
  await rm(data, { recursive: true, force: true })
})

async function started(port: number): Promise<SiteFile> {
  const args = ['sim', '--scale', 'scalars=600', '--first-port', String(port), '--data', data]
  running = spawn(process.execPath, [join(TOP, 'plumbline.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [running!.stdout!, running!.stderr!])
      stream.on('data', (chunk) => {
        said += chunk
        if (/\bstarted\b/.test(said)) resolve()
      })
    running!.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)))
  })
  expect(said).toContain(`read it with: ./plumbline edge --site ${join(data, 'scale-site.yaml')} --node edge-1`)
  return parse(await readFile(join(data, 'scale-site.yaml'), 'utf8'))
}

test('--scale serves its own site, every value of it, and ends at SIGTERM', async () => {
  const port = await freePort(2)
  const { nodes } = await started(port)
  const links = nodes[0]!.links.map((link, l) => new ScaleLink(link, models, port + l))
  try {
    await Promise.all(links.map((link) => link.open()))
    const end = Date.now() + 2000
    let rounds = 0
    for (; Date.now() < end; rounds++) await Promise.all(links.map((link) => link.round()))
    const sum = (key: 'replies' | 'exceptions' | 'values') => links.reduce((n, { count }) => n + count[key], 0)
    expect([links.length, sum('replies'), sum('exceptions'), sum('values')]).toEqual([
      ...[2, 60 * rounds, 0, 600 * rounds],
    ])
    expect(rounds).toBeGreaterThan(1)
  } finally {
    for (const link of links) link.close()
  }
  running!.removeAllListeners('exit')
  running!.kill('SIGTERM')
  expect((await once(running!, 'exit'))[0]).toBe(0)
}, 60_000)

test.each([
  [[], 'expected --site or --scale'],
  [['--site', 'site.example.yaml', '--scale', 'scalars=10'], 'expected --site or --scale'],
  [['--scale', 'scalars'], '--scale: expected scalars=N or accelerometers=N, got "scalars"'],
  [['--scale', 'scalars=0'], 'got "scalars=0"'],
  [['--scale', 'gauges=5'], 'got "gauges=5"'],
  [['--scale', 'scalars=1.5'], 'got "scalars=1.5"'],
  [['--scale', 'accelerometers=10001'], '--scale: expected 1 to 10000 devices, got 10001'],
  [['--scale', 'scalars=10000', '--first-port', '65530'], 'first port: expected 1 to 65516 for 20 links, got 65530'],
])('sim %j is refused, and nothing is written', async (args, message) => {
  await expect(sim.run([...args, '--data', join(data, 'none')])).rejects.toThrow(message)
  await expect(readFile(join(data, 'none', 'scale-site.yaml'))).rejects.toThrow('ENOENT')
})
