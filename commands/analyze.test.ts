/** `analyze` as it is called: one record, several files of one event, folders, plots, and every way to get it wrong. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../rehearsals/processes.ts'
import { DEAD_RUN, YONAGO } from './analyze/test/records.ts'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-analyze-'))
  mkdirSync(at('records', 'deeper'), { recursive: true })
  copyFileSync(YONAGO, at('records', 'b-motion.csv'))
  copyFileSync(DEAD_RUN, at('records', 'c-stage.csv'))
  writeFileSync(at('records', 'a-cut.csv'), readFileSync(YONAGO).subarray(0, 100_001))
  writeFileSync(at('records', 'README.md'), '# no record\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const analyze = (...args: string[]) => runCommand(['analyze', ...args])

describe('one record', () => {
  test('ground motion as a table with units, the intensities and the conventions', async () => {
    const ran = await analyze(YONAGO)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(
      /^AA06EA01\.csv: JMA CSV; source Japan Meteorological Agency\n2000-10-06T04:30:10Z; 100 Hz;/,
    )
    expect(ran.stdout).toMatch(/\n {2,}ns +ew +ud\n/)
    expect(ran.stdout).toMatch(/\nPGA +gal +280\.2 +219\.2 +144\.5\n/)
    expect(ran.stdout).toMatch(/\nSA 5 %, T = 1\.0 s +gal /)
    expect(ran.stdout).toMatch(/JMA intensity +5\.1, class 5\+ \(a 127\.9 gal\)/)
    expect(ran.stdout).toMatch(/triggers +11\.38-20\.66, /)
    expect(ran.stdout).toMatch(/conventions\n {2}baseline +whole-record mean removed/)
    const table = ran.stdout.split('\n').slice(3, 21)
    expect(new Set(table.map((line) => line.length)).size).toBe(1)
  })
  test('water as JSON', async () => {
    const ran = await analyze(DEAD_RUN, '--json', '--level', 'flood=4ft', '--deadband', '0.2ft')
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    const result = JSON.parse(ran.stdout)
    expect(result).toMatchObject({ kind: 'water', files: [DEAD_RUN], format: 'CSV' })
    expect(result.water.episodes).toHaveLength(3)
    expect(Object.keys(result.conventions)).toContain('episodes')
  })
  test.each([
    ['motion', () => [YONAGO], /class="response-spectrum"/],
    ['stage', () => [DEAD_RUN, '--level', 'flood=4ft'], /class="episode"/],
  ])('--plot writes an SVG beside the numbers: %s', async (name, args, has) => {
    const svg = at(`${name}.svg`)
    const ran = await analyze(...args(), '--plot', svg)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).not.toBe('')
    expect(readFileSync(svg, 'utf8')).toMatch(has)
    if (existsSync('/usr/bin/xmllint')) execFileSync('/usr/bin/xmllint', ['--noout', svg])
  })
})

describe('a folder runs file by file', () => {
  test('a bad file gives its error, the others go on, the exit code is 3', async () => {
    const ran = await analyze(at('records'))
    expect(ran.code).toBe(3)
    expect(ran.stderr).toMatch(/^RECORDING_INVALID: .*a-cut\.csv:\d+: expected [^\n]*\n$/)
    expect(ran.stdout).toContain('b-motion.csv: JMA CSV')
    expect(ran.stdout).toContain('c-stage.csv: CSV')
    expect(ran.stdout).toMatch(/2 of 3 records analysed, 1 could not be read; skipped: README\.md, deeper\n$/)
  })
  test('JSON is one document, with one result a record', async () => {
    const ran = await analyze(at('records'), '--json', '--level', 'flood=4ft')
    expect(ran.code).toBe(3)
    const { results, skipped, failed } = JSON.parse(ran.stdout)
    expect(results.map((r: { kind?: string; error?: { code: string } }) => r.kind ?? r.error!.code)).toEqual([
      'RECORDING_INVALID',
      'ground-motion',
      'water',
    ])
    expect({ skipped, failed }).toEqual({ skipped: ['README.md', 'deeper'], failed: 1 })
    expect(results[0].pga_gal).toBeUndefined()
  })
})

describe('a call that cannot be answered: one clear error, no numbers', () => {
  test.each([
    ['no file', () => [], 2, /USAGE: expected 1 to 100 words, got 0/],
    ['an unknown flag', () => [YONAGO, '--lot', '3'], 2, /USAGE: .*--lot/],
    [
      'a file that is not there',
      () => [at('none.csv')],
      2,
      /RECORDING_INVALID: .*none\.csv: expected a readable file, got ENOENT/,
    ],
    [
      'a file cut in the middle',
      () => [at('records', 'a-cut.csv')],
      2,
      /RECORDING_INVALID: .*a-cut\.csv:\d+: expected/,
    ],
    ['an unknown unit', () => [YONAGO, '--unit', 'furlong/s2'], 2, /USAGE: --unit: expected a known unit.*furlong/],
    ['a unit of another kind', () => [YONAGO, '--unit', 'm'], 2, /USAGE: --unit: expected a unit of acceleration/],
    ['an interval that is not the record’s', () => [YONAGO, '--dt', '0.02'], 2, /USAGE: --dt: .* 0\.01 s/],
    ['no record at all', () => [at('records', 'README.md')], 2, /RECORDING_INVALID: .*README\.md/],
    ['two records as one', () => [YONAGO, DEAD_RUN], 2, /RECORDING_INVALID/],
    ['a folder among files', () => [at('records'), YONAGO], 2, /USAGE: expected files, or one folder alone/],
    ['an empty folder', () => [at('records', 'deeper')], 2, /expected at least one file, got none/],
    [
      'a plot of a folder',
      () => [at('records'), '--plot', at('x.svg')],
      2,
      /USAGE: --plot: expected one record, got a folder/,
    ],
    [
      'a plot over the record',
      () => [YONAGO, '--plot', YONAGO],
      2,
      /USAGE: --plot: expected another file than the record/,
    ],
    ['a plot nowhere', () => [YONAGO, '--plot', at('no', 'x.svg')], 2, /USAGE: --plot: .*ENOENT/],
    ['levels of a motion', () => [YONAGO, '--level', 'a=1m'], 2, /USAGE: --level is for water/],
    ['a trigger on water', () => [DEAD_RUN, '--sta', '1'], 2, /USAGE: --sta is for ground motion/],
  ])('%s', async (_, args, code, message) => {
    const ran = await analyze(...args())
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(message)
    expect(ran.stderr).not.toMatch(/\n\s+at .*\.ts/)
    expect(ran.stdout).toBe('')
  })
})
