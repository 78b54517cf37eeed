/** The command against a desk that runs: what a person types and reads. */
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestDesks } from '../desk/testing.ts'
import { TestSimulator } from '../desk/testing-simulator.ts'
import { at } from '../desk/testing-site.ts'
import type { DrillJson, DrillReportJson } from '../domain/api.ts'
import { deskFolder, LOCAL_FILE } from '../domain/data-folder.ts'
import { deskClient } from './desk-client.ts'
import { drill } from './drill.ts'
import { reportText } from './drill-text.ts'
import { readSite, TOP } from './load-site.ts'

const SITE = join(TOP, 'site.example.yaml')
const desks = new TestDesks()
afterEach(() => desks.end())

/** The example site's desk, and what the command prints against it. */
async function running() {
  const site = await readSite(SITE)
  const data = await desks.folder()
  const desk = await desks.start({ site, dataDir: data, simulator: new TestSimulator(site) })
  const run = async (...args: string[]): Promise<string> => {
    const written: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text))
      return true
    })
    try {
      expect(await drill.run([...args, '--site', SITE, '--data', data])).toBe(0)
    } finally {
      spy.mockRestore()
    }
    return written.join('')
  }
  return { run, data, desk, site }
}
const START = ['start', '--name', 'Night watch', '--owner', 'Mei', '--scenario', 'flash-flood']

describe('drill', () => {
  test('start, list, end and report', async () => {
    const { run } = await running()
    expect(await run('list')).toBe('there was no drill\n')
    expect(await run(...START, '--recipients', 'ops, night shift', '--seed', '0', '--minutes', '5')).toMatch(
      /^night-watch {2}running {2}"Night watch", Mei, .* until at most /,
    )
    await expect(run(...START)).rejects.toThrow('DRILL_REFUSED: night-watch runs: end it first')
    const text = await run('end')
    expect(text).toContain('EXERCISE  drill "Night watch" (night-watch), ended')
    expect(text).toMatch(/owner +Mei; started by local:\S+/)
    expect(text).toMatch(/scenario +flash-flood, seed 0\n/)
    expect(text).toMatch(/recipients +ops, night shift\n/)
    expect(text).toContain('0 raised, 0 told, 0 acknowledged, 0 not acknowledged')
    expect(text).toContain('No real alarm came during the drill.')
    expect(await run('report')).toBe(text)
    expect(JSON.parse(await run('report', 'night-watch', '--json'))).toMatchObject({
      drill: { id: 'night-watch', status: 'ended' },
      report: { complete: true },
    })
    await expect(run('end')).rejects.toThrow('DRILL_REFUSED: no drill runs')
  })

  test('a scenario of one’s own comes as a file', async () => {
    const { run, data } = await running()
    const file = join(data, 'mine.yaml')
    await writeFile(file, 'name: mine\n')
    expect(JSON.parse(await run(...START.slice(0, -1), file, '--json'))).toMatchObject({ scenario: { name: 'mine' } })
    await expect(run(...START.slice(0, -1), join(data, 'none.yaml'))).rejects.toThrow(
      /SCENARIO_INVALID: .*none.yaml: ENOENT/,
    )
  })

  test.each([
    [['begin'], 'USAGE: expected start, end, list or report, got "begin"'],
    [['start', '--name', 'x'], 'USAGE: start needs --name, --owner and --scenario'],
    [['list', '--owner', 'Mei'], 'USAGE: --owner belongs to start, not to list'],
    [[...START, '--seed', '-1'], 'USAGE: '],
    [[...START, '--seed', '1.5'], 'USAGE: --seed: expected a whole number'],
    [[...START, '--minutes', '0'], 'USAGE: --minutes: expected a number above 0'],
  ])('%j is refused before the desk is asked', async (args, message) => {
    await expect(drill.run([...args, '--site', SITE, '--data', '/nowhere'])).rejects.toThrow(message)
  })

  test('a device that does not exist: the desk’s own words', async () => {
    const { run } = await running()
    await expect(run(...START, '--shadow', 'moon')).rejects.toThrow(
      'DRILL_REFUSED: shadows: expected none: no device is real, got "moon", which is not in the site file',
    )
  })
})

describe('the client of the desk', () => {
  test('no desk, a desk that is gone, another program on its port', async () => {
    const data = await desks.folder()
    await expect(deskClient(data, 'yard')).rejects.toThrow(/DESK_UNAVAILABLE: .*local.json: not there/)
    const { desk, data: used, site } = await running()
    const id = site.file.site
    const gone = await deskClient(used, id)
    await desk.service.stop()
    await expect(gone.get('/drills')).rejects.toThrow(/DESK_UNAVAILABLE: 127.0.0.1:\d+, named in .*: ECONNREFUSED/)

    const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const path = join(deskFolder(used, id), LOCAL_FILE)
    await writeFile(path, JSON.stringify({ host: '127.0.0.1', port, token: 'x' }))
    await expect((await deskClient(used, id)).get('/drills')).rejects.toThrow('DESK_UNAVAILABLE')
    await writeFile(path, '{"port": 1')
    await chmod(path, 0o600)
    await expect(deskClient(used, id)).rejects.toThrow(/DESK_UNAVAILABLE: .*expected host, port and token/)
    await new Promise((resolve) => other.close(resolve))
  })

  test('a stale token is said to be one', async () => {
    const { data, site } = await running()
    const path = join(deskFolder(data, site.file.site), LOCAL_FILE)
    const { readFile } = await import('node:fs/promises')
    const local = JSON.parse(await readFile(path, 'utf8')) as object
    await writeFile(path, JSON.stringify({ ...local, token: 'stale' }))
    const client = await deskClient(data, site.file.site)
    await expect(client.post('/drills/x/end', {})).rejects.toThrow(
      /DESK_UNAVAILABLE: .*the token is not one of this desk/,
    )
  })
})

test('the report as text: who answered after how long, who did not, and what was real', () => {
  const ns = (minute: number) => String(at(minute))
  const shown: DrillJson = {
    ...{ id: 'dawn', name: 'Dawn', owner: 'Mei', recipients: [], scenario: { name: 'flash-flood', seed: 7 } },
    ...{ shadows: ['creek'], status: 'ended', started_by: 'Lin', started_ns: ns(0), until_ns: ns(30) },
    ...{ ended_ns: ns(20), ended_by: 'Lin', why: 'asked to end' },
  }
  const line = {
    ...{ alarm: 'north:drill.dawn.creek-red', limit_id: 'drill.dawn.creek-red', name: 'Creek above red' },
    ...{ channel: 'drill.dawn.creek/stage', occurrence: 1, onset_ns: ns(1), late: false, told_after_s: 0.4 },
    ...{
      comments: [{ at_ns: ns(3), by: 'Lin', text: 'gate is shut' }],
      limit: 2,
      unit: 'm',
      kind: 'above',
      rule: null,
    },
  }
  const UNANSWERED = { acknowledged: null, comments: [], returned_ns: null }
  const report: DrillReportJson = {
    drill: { id: 'dawn', name: 'Dawn' },
    occurrences: [
      { ...line, acknowledged: { by: 'Mei', after_s: 150, comment: null }, returned_ns: ns(4), peak: 2.31 },
      { ...line, occurrence: 2, onset_ns: ns(9), acknowledged: null, comments: [], returned_ns: null, peak: 2.5 },
      {
        ...{ ...line, ...UNANSWERED, name: 'Creek silent', kind: 'stale_s', limit: 60, unit: 's', peak: 60 },
        rule: { en: 'no valid value for 60 s', 'zh-TW': '60 秒無有效數值' },
      },
      {
        ...{ ...line, ...UNANSWERED, name: 'Creek fast', kind: 'rising_faster_than', limit: 0.5 / 3600, unit: 'm/s' },
        ...{ peak: 0.8 / 3600, rule: { en: 'rising 0.50 m/h or faster over 15 min', 'zh-TW': '' } },
      },
    ],
    summary: { raised: 2, told: 2, acknowledged: 1, not_acknowledged: 1, ack_median_s: 150, ack_longest_s: 150 },
    real: { count: 1, alarms: [{ alarm: 'north:creek-red', name: 'Creek above red', occurrence: 9, onset_ns: ns(5) }] },
    complete: true,
  }
  expect(reportText(shown, report, 'Asia/Taipei').split('\n').slice(8)).toEqual([
    '2 raised, 2 told, 1 acknowledged, 1 not acknowledged; acknowledged after 2 min 30 s (median), 2 min 30 s (longest)',
    '',
    '2018-06-03 14:01:00  Creek above red (north:drill.dawn.creek-red, drill.dawn.creek/stage)',
    '  worst 2.31 m, limit 2.00 m; returned 2018-06-03 14:04:00',
    '  told after 0.4 s; acknowledged by Mei after 2 min 30 s',
    '  2018-06-03 14:03:00  Lin: gate is shut',
    '',
    '2018-06-03 14:09:00  Creek above red (north:drill.dawn.creek-red, drill.dawn.creek/stage)',
    '  worst 2.50 m, limit 2.00 m; no return seen',
    '  told after 0.4 s; NOT acknowledged',
    '',
    '2018-06-03 14:01:00  Creek silent (north:drill.dawn.creek-red, drill.dawn.creek/stage)',
    '  no valid value for 60 s; no return seen',
    '  told after 0.4 s; NOT acknowledged',
    '',
    '2018-06-03 14:01:00  Creek fast (north:drill.dawn.creek-red, drill.dawn.creek/stage)',
    '  worst 0.80 m/h, rising 0.50 m/h or faster over 15 min; no return seen',
    '  told after 0.4 s; NOT acknowledged',
    '',
    '1 REAL alarm came during the drill and is no part of it:',
    '  2018-06-03 14:05:00  Creek above red (north:creek-red)',
    '',
  ])
})
