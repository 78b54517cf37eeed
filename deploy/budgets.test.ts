/** What docs/sizing.md states is what the files hold: a budget that only a page knows is none. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { siteExample } from '../domain/site-example.ts'
import { loadSite } from '../domain/site-load.ts'
import { loadShippedModels } from '../models/load.ts'
import { LINES_BURST, LINES_PER_S } from '../runtime/log-budget.ts'
import { LINE_MAX } from '../runtime/log-line.ts'
import { ENV_FILES, servicesOf, TOP } from './compose.fixture.ts'

const sizing = readFileSync(join(TOP, 'docs', 'sizing.md'), 'utf8')
/** What the second column of the table of budgets says. */
const stated = (budget: string): string => {
  const row = sizing.split('\n').find((line) => line.startsWith(`| ${budget} |`))
  if (row === undefined) throw new Error(`docs/sizing.md: expected a budget of "${budget}"`)
  return row.split('|')[2]!.trim()
}
const OURS = ['broker', 'ingest', 'desk', 'edge', 'sim']
const services = [...ENV_FILES.values()].flatMap((env) => Object.entries(servicesOf(env)))

test('the log of a process: lines, their rate and length, and what that is in a day', () => {
  const text = stated('log of a process')
  expect(text).toContain(
    `${LINES_BURST.toLocaleString('en')} lines at once, then ${LINES_PER_S === 1 ? 'one' : LINES_PER_S} a second`,
  )
  expect(text).toContain(`at most ${Math.floor(LINE_MAX / 1000)} kB`)
  const day = (bytes: number) => Math.round((86_400 * LINES_PER_S * bytes) / 1e6)
  expect(text).toContain(`${day(300)} MB a day of usual lines, ${day(LINE_MAX)} MB of the longest`)
})

test('logs of a container: three files of 10 MB, each service alike', () => {
  expect(stated('logs of a container')).toBe('three files of 10 MB')
  expect(services.length).toBeGreaterThan(20)
  for (const [name, { logging }] of services)
    expect([name, logging?.options]).toEqual([name, { 'max-size': '10m', 'max-file': '3' }])
})

test('logs of systemd: 500 MB, 90 days', () => {
  expect(stated('logs of systemd')).toBe('500 MB, 90 days')
  const text = readFileSync(join(TOP, 'deploy', 'systemd', 'journald-plumbline.conf'), 'utf8')
  expect(text).toMatch(/^SystemMaxUse=500M$/m)
  expect(text).toMatch(/^MaxRetentionSec=90day$/m)
})

test('memory of a service: 256 to 512 MB, in the compose file as in its unit', () => {
  expect(stated('memory of a service')).toBe('256 to 512 MB')
  const folder = join(TOP, 'deploy', 'systemd')
  const units = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.service'))
      .map((name) => [
        /^plumbline-(\w+)/.exec(name)![1]!,
        /^MemoryMax=(.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))![1],
      ]),
  )
  for (const [name, { deploy }] of services.filter(([name]) => OURS.includes(name))) {
    expect([name, deploy?.resources?.limits?.['memory']]).toEqual([name, units.get(name)])
    expect(['256M', '512M']).toContain(units.get(name))
  }
})

test('outboxes: the defaults of a site file that says nothing', async () => {
  const known = {
    models: await loadShippedModels(),
    recordings: new Set(['jma-yonago-2000', 'usgs-dead-run-2018']),
  }
  const text = stringify(siteExample, { aliasDuplicateObjects: false })
  const loaded = loadSite(text, 'example.yaml', known, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  const { outbox } = loaded.site.file.nodes[0]!
  expect(sizing).toContain(
    `${outbox.conditions.max_mib} MiB conditions, ${outbox.readings.max_mib} MiB readings, ${outbox.blocks.max_mib} MiB blocks by default`,
  )
})
