import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakeGrafana, TOKEN } from '../dashboards/grafana/io/fake-grafana.fixture.ts'
import { DASHBOARDS_FOLDER, everyGenerated } from './generated.ts'
import { TOP } from './load-site.ts'

const run = async (...args: string[]): Promise<{ code: number; said: string }> => {
  try {
    const { stdout, stderr } = await promisify(execFile)('./plumbline', ['dashboards', ...args], { cwd: TOP })
    return { code: 0, said: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, said: stdout + stderr }
  }
}
const SITE = 'site.example.yaml'

describe('dashboards', () => {
  let folder: string
  let grafana: FakeGrafana
  let url: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboards-'))
    grafana = new FakeGrafana()
    url = await grafana.start()
  })
  afterAll(async () => {
    await grafana.stop()
    await rm(folder, { recursive: true })
  })

  test('build writes what is committed for the example site', async () => {
    const out = join(folder, 'out')
    expect(await run('build', SITE, '--out', out)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^19 files in /),
    })
    const rules = 'provisioning/alerting/plumbline-rules.yaml'
    expect(await readFile(join(out, rules), 'utf8')).toBe(await readFile(join(TOP, DASHBOARDS_FOLDER, rules), 'utf8'))
  })

  test('nothing lies in the committed folder that is not made', async () => {
    const made = [...(await everyGenerated()).keys()].filter((path) => path.startsWith(DASHBOARDS_FOLDER))
    const there = await readdir(join(TOP, DASHBOARDS_FOLDER), { recursive: true, withFileTypes: true })
    const files = there.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
    expect(files.sort()).toEqual(made.map((path) => join(TOP, path)).sort())
  })

  test('check says what it has judged', async () => {
    expect(await run('check', SITE)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/14 dashboards, 13 alert rules/),
    })
  })

  test('push: dry run, then for real, then nothing to do; the token comes from a file', async () => {
    const token = join(folder, 'token')
    await writeFile(token, `${TOKEN}\n`)
    const args = [
      'push',
      SITE,
      '--url',
      url,
      '--token-file',
      token,
      '--desk-url',
      'http://desk:8080',
      '--desk-token-file',
      token,
    ]
    expect(await run(...args, '--dry-run')).toMatchObject({
      code: 0,
      said: expect.stringMatching(/23 of 23 would change; nothing/),
    })
    expect(grafana.dashboards.size).toBe(0)
    expect(await run(...args)).toMatchObject({ code: 0, said: expect.stringMatching(/\n23 of 23 changed\n/) })
    expect(grafana.dashboards.size).toBe(14)
    expect((await run(...args)).said).toBe('0 of 23 changed\n')
  }, 60_000)

  test.each([
    [['burn', SITE], 2, /USAGE: expected build, check or push, got "burn"/],
    [['build', SITE], 2, /expected --out DIR/],
    [['build', SITE, '--out', SITE], 2, /--out: site.example.yaml is not a folder/],
    [['push', SITE], 2, /expected --url/],
    [['push', SITE, '--url', 'ftp://x'], 2, /--url: expected http/],
    [['push', SITE, '--url', 'http://127.0.0.1:1'], 2, /expected --token-file or GRAFANA_TOKEN/],
    [['push', SITE, '--url', 'http://127.0.0.1:1', '--token-file', '/nowhere'], 2, /cannot read \/nowhere \(ENOENT\)/],
    [['check', '/nowhere.yaml'], 2, /SITE_UNREADABLE/],
  ] as const)('%j is refused', async (args, code, said) => {
    const result = await run(...args)
    expect(result.said).toMatch(said)
    expect(result.code).toBe(code)
  })
})
