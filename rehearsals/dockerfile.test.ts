/**
 * The Dockerfile's steps in clean folders: what they leave runs on a Node that is not its own, holds neither development parts nor the
 * bundled Node, and is small enough. Only the two base images cannot be had here: their size is what their makers publish.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOP } from '../deploy/compose.fixture.ts'
import { copyOf, ignores, stagesOf } from '../deploy/dockerfile.ts'
import { removeFolder, temporaryFolder } from './line.ts'

const MB = 1e6
/** debian:12-slim as published, uncompressed. */
const BASE_MB = 75
const IMAGE_MAX_MB = 250

const stages = stagesOf(readFileSync(join(TOP, 'Dockerfile'), 'utf8'))
const kept = ignores(readFileSync(join(TOP, '.dockerignore'), 'utf8'))
const context = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: TOP,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !kept(path) && existsSync(join(TOP, path)))

let root: string
const stageRoot = (name: string) => join(root, name === '' ? 'image' : name)
const image = () => join(stageRoot(''), 'app')

/** Steps that only an engine can do: users of the image, and programs that come with its base. */
const OF_THE_ENGINE = new Set(['LABEL', 'ENV', 'USER', 'VOLUME', 'ENTRYPOINT', 'CMD'])

beforeAll(async () => {
  root = await temporaryFolder()
  for (const { name, steps } of stages) {
    const at = stageRoot(name)
    let cwd = at
    for (const { word, rest } of steps) {
      if (word === 'WORKDIR') {
        cwd = join(at, rest)
        mkdirSync(cwd, { recursive: true })
      } else if (word === 'COPY') copy(rest, at, cwd)
      else if (word === 'RUN' && name !== '') execFileSync('sh', ['-ec', rest], { cwd, stdio: 'pipe' })
      else if (word !== 'RUN' && !OF_THE_ENGINE.has(word)) throw new Error(`the replay does not know ${word}`)
    }
  }
}, 400_000)
afterAll(() => removeFolder(root))

function copy(rest: string, at: string, cwd: string): void {
  const { from, sources, to } = copyOf(rest)
  const target = to.startsWith('/') ? join(at, to) : join(cwd, to)
  for (const source of sources) {
    // The Node of the base image is put where it belongs by the test, from this machine.
    if (source === '/usr/local/bin/node') continue
    if (from !== undefined) cpSync(join(stageRoot(from), source), target, { recursive: true, verbatimSymlinks: true })
    else if (source === '.') for (const path of context) copyFile(path, join(target, path))
    else copyFile(source, to.endsWith('/') ? join(target, source) : target)
  }
}
function copyFile(path: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(join(TOP, path), to)
}

/** As in the image: `node` is in the search path, and /tmp is the only place to write. */
function run(args: readonly string[]): string {
  const bin = join(root, 'bin')
  if (!existsSync(bin)) {
    mkdirSync(bin)
    symlinkSync(process.execPath, join(bin, 'node'))
  }
  return execFileSync(join(image(), 'plumbline'), args, {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: `${bin}:/usr/bin:/bin`, NODE_ENV: 'production', NODE_COMPILE_CACHE: join(root, 'node-cache') },
  })
}

const sizeOf = (path: string): number => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size
}

describe('what the Dockerfile leaves', () => {
  test('runs: help, a site judged, a record analysed, serial ports loaded', () => {
    expect(run(['help'])).toContain('./plumbline healthcheck')
    expect(run(['check', join(TOP, 'deploy/compose/site.yaml')])).toContain('right. Site demo')
    expect(run(['analyze', join(image(), 'recordings/jma-yonago-2000/AA06EA01.csv')])).toContain('gal')
    // The native part is loaded where a port is opened; that one is not there.
    const load = `import { SerialPort } from 'serialport'
      new SerialPort({ path: '/dev/none', baudRate: 9600 }).on('error', ({ message }) => console.log(message))`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', load], { cwd: image(), encoding: 'utf8' })
    expect(said).toContain('No such file or directory, cannot open /dev/none')
  })

  test('every command can be loaded: nothing that it needs was left out', () => {
    const load = "import { commands } from './commands/index.ts'; for (const load of commands.values()) await load()"
    expect(
      execFileSync(process.execPath, ['--input-type=module', '-e', load], {
        cwd: image(),
        encoding: 'utf8',
        stdio: 'pipe',
      }),
    ).toBe('')
  })

  test('holds neither development parts, nor tests, nor the bundled Node, nor secrets', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >
    const there = (name: string) => existsSync(join(image(), 'node_modules', name))
    expect(Object.keys(dependencies!).filter((name) => !there(name))).toEqual([])
    expect(Object.keys(devDependencies!).filter(there)).toEqual([])
    expect(readdirSync(join(image(), 'node_modules')).filter((name) => /^node-(linux|darwin|win)/.test(name))).toEqual(
      [],
    )
    expect(existsSync(join(image(), 'node_modules', '.bin', 'node'))).toBe(false)
    const files = execFileSync('find', ['.', '-path', './node_modules', '-prune', '-o', '-type', 'f', '-print'], {
      cwd: image(),
      encoding: 'utf8',
    })
    expect(files).not.toMatch(/\.test\.ts|\.git\/|\/\.env|secrets\//)
    expect(files).toContain('./dashboards/console/dist/index.html')
  })

  test(`is no more than ${IMAGE_MAX_MB} MB with Node and Debian`, () => {
    const node_MB = sizeOf(process.execPath) / MB
    const app_MB = sizeOf(image()) / MB
    console.info(
      `image: application ${app_MB.toFixed(1)} MB + Node ${node_MB.toFixed(1)} MB, measured; + Debian ${BASE_MB} MB, as published`,
    )
    expect(app_MB + node_MB + BASE_MB).toBeLessThanOrEqual(IMAGE_MAX_MB)
  })
})

test('every base image is pinned', () => {
  for (const { from } of stages) expect(from).toMatch(/^[\w./-]+:\d+\.\d+/)
  expect(
    stages.filter(({ from }) => from.startsWith('node:')).every(({ from }) => /^node:24\..*-slim$/.test(from)),
  ).toBe(true)
})

test('what is ignored', () => {
  const out = ignores('# a\nnode_modules\n**/*.test.ts\n**/dist\n*.md\n')
  const cases = {
    'node_modules/x/y.js': true,
    'a/b.test.ts': true,
    'b.test.ts': true,
    'a/dist/x': true,
    'README.md': true,
    'a/README.md': false,
    'a/b.ts': false,
  }
  for (const [path, expected] of Object.entries(cases)) expect([path, out(path)]).toEqual([path, expected])
})
