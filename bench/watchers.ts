/** The desk's live stream in a process of its own and who watches it: what the rows `fan-out` and `growth-watchers` measure. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'

export type LiveStream = { readonly pid: number; readonly port: number; stop(): void }

/** @param how `each`: the naive way, every client's message made anew */
export async function startLiveStream(alarmsPerS: number, how: 'once' | 'each' = 'once'): Promise<LiveStream> {
  const program = join(import.meta.dirname, 'fan-out-server.ts')
  const child = spawn(process.execPath, [program, String(alarmsPerS), how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { pid: child.pid!, port: Number(line.toString()), stop: () => void child.kill() }
}

/** Clients that read all they are told and count its bytes. */
export class Watchers {
  readonly #open: IncomingMessage[] = []
  bytes = 0

  async add(count: number, port: number): Promise<void> {
    const opened = Array.from({ length: count }, async () => {
      const response = await new Promise<IncomingMessage>((resolve, reject) =>
        get({ host: '127.0.0.1', port, agent: false }, resolve).on('error', reject),
      )
      return response.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length
      })
    })
    this.#open.push(...(await Promise.all(opened)))
  }

  get count(): number {
    return this.#open.length
  }

  close(): void {
    for (const response of this.#open.splice(0)) response.destroy()
  }
}
