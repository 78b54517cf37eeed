/** An HTTP proxy that passes everything on, writes only after a delay: a store whose disks have become slow. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class SlowHttp {
  readonly #target: URL
  readonly #server: Server
  /** How much later each write is handed on. */
  delay_ms = 0
  /** Writes that have come in, and those that the store has confirmed. */
  writes = 0
  confirmed = 0

  constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer(async (inward, outward) => {
      const chunks: Buffer[] = []
      for await (const chunk of inward) chunks.push(chunk as Buffer)
      const isWrite = inward.url!.startsWith('/write')
      if (isWrite) this.writes++
      if (isWrite && this.delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, this.delay_ms))
      const { hostname, port } = this.#target
      const { method, url, headers } = inward
      const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        if (isWrite && answer.statusCode === 204) this.confirmed++
        outward.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outward)
      })
      onward.on('error', () => outward.destroy())
      onward.end(Buffer.concat(chunks))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}
