/** The style guide as a test: the arrow between rooms, no cycles, no ambient clock in pure files, generated files in step. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { everyGenerated } from './commands/generated.ts'

const top = import.meta.dirname
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: top,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '')
const sources = tracked.filter((path) => /\.tsx?$/.test(path))
const read = (path: string) => readFileSync(join(top, path), 'utf8')
const isTest = (path: string) => /\.(test|suite|fixture)\.tsx?$|\/test\/|\/testing[^/]*\.ts$/.test(path)

const ROOMS = ['edge', 'broker', 'ingest', 'store', 'desk', 'firmware-sim', 'dashboards']
const roomOf = (path: string) => (path.includes('/') ? path.split('/')[0]! : path)

/** What each place may import besides itself; `stack.ts` and what stands above it may import everything. */
const MAY: Record<string, readonly string[]> = {
  domain: [],
  runtime: ['domain'],
  measures: ['domain'],
  recordings: ['domain', 'runtime'],
  models: ['domain', 'runtime'],
  ...Object.fromEntries(ROOMS.map((room) => [room, ['domain', 'runtime', 'measures', 'recordings', 'models']])),
}

type Import = { from: string; to: string; typeOnly: boolean }
const IMPORT = /^(?:import|export)\s+(type\s+)?[^'"]*?from\s+['"](\.[^'"]+)['"]|^import\s+['"](\.[^'"]+)['"]/gm

const importsOf = (path: string): Import[] =>
  [...read(path).matchAll(IMPORT)].map((match) => ({
    from: path,
    to: normalize(join(dirname(path), match[2] ?? match[3]!)),
    typeOnly: match[1] !== undefined,
  }))
const imports = sources.flatMap(importsOf)

test('rooms meet on the wire: nothing imports against the arrow', () => {
  const wrong = imports.filter(({ from, to }) => {
    const allowed = MAY[roomOf(from)]
    return allowed !== undefined && roomOf(to) !== roomOf(from) && !allowed.includes(roomOf(to)) && !isTest(from)
  })
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('no import cycles at run time', () => {
  const graph = new Map<string, string[]>()
  for (const { from, to, typeOnly } of imports) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to])
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (done.has(path) || trail.includes(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  expect(cycles).toEqual([])
})

/** Files that may touch the world; everything else takes instants as arguments. */
const isShell = (path: string) =>
  isTest(path) ||
  /(^|\/)(io|routes|components|commands|rehearsals|bench)\//.test(path) ||
  /^(runtime|models|dashboards\/console)\//.test(path) ||
  /(^|\/)(service|stack|plumbline|load)\.ts$/.test(path) ||
  !path.includes('/')

test('pure files read no clock and set no timers', () => {
  const AMBIENT =
    /\b(Date\.now|new Date\(\)|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate|Math\.random)\b/
  const wrong = sources
    .filter((path) => !isShell(path))
    .flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, i) =>
          AMBIENT.test(line.replace(/\/\/.*$|^\s*\*.*$/, '')) ? [`${path}:${i + 1}: ${line.trim()}`] : [],
        ),
    )
  expect(wrong).toEqual([])
})

test('pure files do no I/O', () => {
  const IO =
    /from 'node:(fs|fs\/promises|net|http|https|dgram|child_process|worker_threads|sqlite|tls)'|from '(mqtt|aedes|fastify|modbus-serial|ws)'/
  const wrong = sources.filter((path) => !isShell(path) && IO.test(read(path)))
  expect(wrong).toEqual([])
})

test('no source file outgrows one idea', () => {
  const LINES_MAX = 400
  const long = sources.filter((path) => !isTest(path) && read(path).split('\n').length > LINES_MAX)
  expect(long).toEqual([])
})

describe('what comes from code is in step', async () => {
  for (const [path, text] of await everyGenerated())
    test(`${path} (repair: ./plumbline generate)`, () => {
      expect(read(path)).toBe(text)
    })
})

test('Node can erase the types of every file that it runs', () => {
  const wrong = sources
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      try {
        stripTypeScriptTypes(read(path))
        return []
      } catch (error) {
        return [`${path}: ${(error as Error).message}`]
      }
    })
  expect(wrong).toEqual([])
})

test('every file opens with what it knows', () => {
  const silent = sources.filter((path) => !isTest(path) && !/^(\/\*\*|\/\/)/.test(read(path).replace(/^#!.*\n/, '')))
  expect(silent).toEqual([])
})

test('nothing of one machine stands in the project', () => {
  const HOST = /\/work\/|\/root\/|registry\.npmjs/
  const wrong = tracked
    .filter((path) => !/\.(png|csv|smc|V2)$/.test(path) && path !== relative(top, import.meta.filename))
    .filter((path) => HOST.test(read(path)))
  expect(wrong).toEqual([])
})

test('every package is listed with its licence and its reason (docs/reference/dependencies.md)', () => {
  const parts = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>
  const named = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((part) =>
    Object.keys(parts[part] ?? {}),
  )
  const rows = [...read('docs/reference/dependencies.md').matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)]
  expect(rows.map(([, name]) => name!).sort()).toEqual(named.sort())
  for (const [, name, licence] of rows) {
    // Packages of other machines are not installed here.
    const path = join(top, 'node_modules', name!, 'package.json')
    if (existsSync(path)) expect(`${name} ${JSON.parse(readFileSync(path, 'utf8')).license}`).toBe(`${name} ${licence}`)
  }
})
