// Runs before `npm start` and `npm test` on whatever Node the machine has (plain JavaScript, no dependencies):
// installs when node_modules is missing or older than the lockfile, and with --build builds the console when it is stale.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = dirname(dirname(fileURLToPath(import.meta.url)))
const path = (...parts) => join(top, ...parts)

function run(what, command, args) {
  console.error(`plumbline: ${what}`)
  const done = spawnSync(command, args, {
    cwd: top,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) {
    console.error(`plumbline: failed while ${what} (${command} ${args.join(' ')} gave ${done.status ?? done.error})`)
    process.exit(3)
  }
}

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

/** npm writes node_modules/.package-lock.json at the end of an install: it lists what is really there. */
function installStale() {
  const done = path('node_modules', '.package-lock.json')
  if (!existsSync(done)) return true
  const have = JSON.parse(readFileSync(done, 'utf8')).packages
  const want = JSON.parse(readFileSync(path('package-lock.json'), 'utf8')).packages
  return Object.entries(want).some(
    ([name, entry]) => name !== '' && !entry.optional && !entry.devOptional && have[name]?.version !== entry.version,
  )
}

function newest(folder) {
  let at = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'test' || entry.name === 'node_modules') continue
    const file = join(folder, entry.name)
    at = Math.max(at, entry.isDirectory() ? newest(file) : modified(file))
  }
  return at
}

const consoleStale = () =>
  Math.max(newest(path('dashboards', 'console')), newest(path('domain')), modified(path('package-lock.json'))) >
  modified(path('dashboards', 'console', 'dist', 'index.html'))

if (installStale()) run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
if (process.argv.includes('--build') && consoleStale()) run('building the console', 'npm', ['run', '--silent', 'build'])
