/**
 * Two pseudo-terminals joined back to back, as a null-modem cable joins two serial ports: for buses that exist on one
 * machine only. Made by `socat` (Debian package socat), because Node.js cannot open a pty by itself.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { PlumblineError } from '../../domain/errors.ts'

export type PtyPair = { readonly a: string; readonly b: string; close(): Promise<void> }

const READY_TIMEOUT_MS = 5000

/**
 * @param a,b paths at which the two ends appear, as symbolic links
 * @throws PlumblineError SITE_INVALID where socat is missing or cannot make the pair
 */
export async function openPtyPair(a: string, b: string): Promise<PtyPair> {
  const ends = [a, b].map((link) => `pty,rawer,link=${link}`)
  const socat = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(socat, 'exit').catch(() => {})
  let said = ''
  const failure = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(`no answer of socat in ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS)
    const settle = (why?: string) => {
      clearTimeout(timer)
      resolve(why)
    }
    socat.on('error', (error) => settle(error.message))
    socat.on('exit', () => settle(said.trim().split('\n').at(-1) ?? 'socat ended'))
    socat.stderr.on('data', (chunk: Buffer) => {
      // Bounded: once the pair stands, what socat says is of no use.
      if (said.length < 4096) said += chunk.toString()
      if (/starting data transfer loop/.test(said) && existsSync(a) && existsSync(b)) settle()
    })
  })
  const close = async () => {
    socat.kill()
    if (socat.pid !== undefined) await exited
  }
  if (failure === undefined) return { a, b, close }
  await close()
  throw new PlumblineError('SITE_INVALID', `pty pair ${a}, ${b}: expected two new pseudo-terminals, got ${failure}`)
}
