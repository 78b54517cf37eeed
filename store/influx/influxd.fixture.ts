/** A real influxd of one's own on free ports and in a folder of its own; it can be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../runtime/free-port.fixture.ts'

/** Why a real server cannot be had, or `undefined`. */
export function influxdMissing(): string | undefined {
  try {
    execFileSync('influxd', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    const why = 'no influxd on this machine: install the Debian package "influxdb" (apt-get install influxdb)'
    if (process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error(why)
    return why
  }
}

export type Influxd = {
  readonly url: string
  /** Where its shards are, a folder for each: <database>/<policy>/<shard>. */
  readonly data: string
  start(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
  end(): Promise<void>
}

/**
 * `index`: `inmem` is Debian's default. `tsi1` is what large stores use; each shard costs eight folders of files, and a kill
 * while they are made leaves one that cannot be opened.
 */
type InfluxdOptions = { readonly auth?: boolean; readonly maxBody?: number; readonly index?: 'inmem' | 'tsi1' }

/** A machine with more to do than it can starts it slowly. */
export const INFLUXD_START_MS = 60_000

export async function startInfluxd(more: InfluxdOptions = {}): Promise<Influxd> {
  const folder = await mkdtemp(join(tmpdir(), 'influxd-'))
  const [rpc, port] = [await freePort(), await freePort()]
  const config = join(folder, 'influxdb.conf')
  await writeFile(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "${more.index ?? 'inmem'}"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  auth-enabled = ${more.auth ?? false}
  max-body-size = ${more.maxBody ?? 25_000_000}
[logging]
  level = "error"
[continuous_queries]
  enabled = false
`,
  )
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const own = spawn('influxd', ['run', '-config', config], { stdio: 'ignore' })
    child = own
    for (let tries = 0; tries < INFLUXD_START_MS / 25; tries++) {
      if (own.exitCode !== null) throw new Error(`influxd ended with ${own.exitCode}`)
      const there = await fetch(`${url}/ping`).then(
        (answer) => answer.status === 204,
        () => false,
      )
      if (there) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('influxd does not answer')
  }
  const kill = async (): Promise<void> => {
    const own = child
    child = undefined
    if (own === undefined || own.exitCode !== null) return
    const gone = new Promise((resolve) => own.once('exit', resolve))
    own.kill('SIGKILL')
    await gone
  }
  await start()
  const end = async (): Promise<void> => {
    await kill()
    await rm(folder, { recursive: true })
  }
  return { url, data: join(folder, 'data'), start, kill, end }
}

let made = 0
/** A database name that no other test of this process uses. */
export const freshDatabase = (): string => `t${process.pid}-${++made}`
