/** Debian's mosquitto on a free port with users and rules of ours: the peer of the embedded broker. */
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { until } from '../rehearsals/until.ts'
import { mosquittoAcl, mosquittoPasswords, type Passwords, rightsOf } from '../runtime/broker-files.ts'
import { freePort } from '../runtime/free-port.fixture.ts'

/** Debian keeps servers out of the search path of users. */
const PROGRAM = '/usr/sbin/mosquitto'

export type Mosquitto = { readonly port: number; readonly pid: number; stop(): Promise<void> }

/** `undefined` where it is not installed (Debian package mosquitto). */
export async function startMosquitto(
  folder: string,
  site: string,
  nodes: readonly string[],
  passwords: Passwords,
): Promise<Mosquitto | undefined> {
  if (!existsSync(PROGRAM)) return undefined
  const port = await freePort()
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${file('mosquitto-passwords', mosquittoPasswords(passwords))}`,
    `acl_file ${file('mosquitto-acl', mosquittoAcl(rightsOf(site, nodes)))}`,
    // As the embedded broker does; without it small messages wait for one another.
    'set_tcp_nodelay true',
    'max_queued_messages 0',
    'log_dest none',
    // Started by root, it would become a user who may not read these files.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ]
  const child = spawn(PROGRAM, ['-c', file('mosquitto.conf', `${config.join('\n')}\n`)], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill()
    await ended
  }
  await until('mosquitto listens', () => listens(port)).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { port, pid: child.pid!, stop }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
