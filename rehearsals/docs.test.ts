/**
 * Every command of the docs: a block is run as it stands, beside a demo site that runs, or says above itself why not and, where a test runs
 * it elsewhere, which. One site for all blocks; a page's blocks run in their order.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { ServiceProcess } from './processes.ts'
import { until } from './until.ts'

const TOP = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: TOP,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(TOP, path)))
const pages = tracked.filter((path) => path.endsWith('.md') && (path.startsWith('docs/') || !path.includes('/')))

type Block = { readonly page: string; readonly line: number; readonly body: string; readonly mark: string | undefined }
/** A line that somebody could copy into a terminal. */
const COMMAND = /^\s*(\.\/plumbline|npm|docker|curl|mosquitto|systemctl|[A-Z_]+=\S+ \S|export |cp |head )/m

function blocksOf(page: string, text: string): Block[] {
  const blocks: Block[] = []
  for (const match of text.matchAll(/(?:^<!-- (.*) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm)) {
    const [whole, mark, language, body = ''] = match
    if (language !== 'sh' && !COMMAND.test(body)) continue
    const line = text.slice(0, match.index + whole.indexOf('```')).split('\n').length
    blocks.push({ page, line, body, mark })
  }
  return blocks
}

const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(TOP, page), 'utf8')))

describe('a block that is not run', () => {
  test.each(blocks.filter(({ mark }) => mark !== undefined))('$page:$line says why: $mark', ({ mark }) => {
    const [, kind, rest] = /^(not run|run elsewhere): (.{8,})$/.exec(mark!) ?? []
    expect(kind, mark).toBeDefined()
    const named = [...rest!.matchAll(/[\w-]+\/[\w./-]+\.test\.ts/g)].map(([path]) => path)
    if (kind === 'run elsewhere') expect(named.length).toBeGreaterThan(0)
    for (const path of named) expect(existsSync(join(TOP, path)), path).toBe(true)
  })
})

test('no command stands outside a block, where nothing would run it', () => {
  const stray = pages.flatMap((page) =>
    readFileSync(join(TOP, page), 'utf8')
      .replace(/^```[\s\S]*?^```$/gm, '')
      .split('\n')
      .filter((line) => page !== 'docs/reference/cli.md' && /^( {4}|\t)(\.\/plumbline|npm|docker) /.test(line))
      .map((line) => `${page}: ${line.trim()}`),
  )
  expect(stray).toEqual([])
})

describe('a block that is run', () => {
  const run = blocks.filter(({ mark }) => mark === undefined)
  let folder: string
  let clone: string
  let site: ServiceProcess
  let environment: Record<string, string>

  beforeAll(async () => {
    folder = await temporaryFolder()
    clone = join(folder, 'plumbline')
    for (const path of tracked) {
      mkdirSync(join(clone, path, '..'), { recursive: true })
      cpSync(join(TOP, path), join(clone, path))
    }
    symlinkSync(join(TOP, 'node_modules'), join(clone, 'node_modules'))
    copyFileSync(join(clone, 'site.example.yaml'), join(clone, 'site.yaml'))
    const names = ['PLUMBLINE_PORT', 'PLUMBLINE_MQTT_PORT', 'PLUMBLINE_SIM_PORT_1', 'PLUMBLINE_SIM_PORT_2']
    environment = {}
    for (const name of names) environment[name] = String(await freePort())
    site = new ServiceProcess(['start', '--site', join(clone, 'site.yaml'), '--data', join(clone, 'data')], environment)
    await site.start(60_000)
    const desk = new DeskClient(Number(environment['PLUMBLINE_PORT']))
    await until('readings', async () => (await desk.readings().catch(() => [])).length > 3, 60_000)
  }, 180_000)
  afterAll(async () => {
    await site?.stop()
    await removeFolder(folder)
  })

  test('there are some of each tutorial', () => {
    for (const who of ['manager', 'officer', 'engineer', 'installer'])
      expect(
        run.some(({ page }) => page === `docs/tutorials/${who}.md`),
        who,
      ).toBe(true)
  })

  test.each(run)(
    '$page:$line',
    ({ body }) => {
      const env = { ...process.env, ...environment }
      expect(() =>
        execFileSync('sh', ['-euc', body], { cwd: clone, env, encoding: 'utf8', stdio: 'pipe', timeout: 90_000 }),
      ).not.toThrow()
    },
    120_000,
  )
})
