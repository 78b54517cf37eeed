/** Free ports on loopback, asked of the operating system, so that rehearsals never take 1883 or 8080 for granted. */
import { type AddressInfo, createServer } from 'node:net'

const given = new Set<number>()

/** A port that was free a moment ago and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        server.close(() => resolve(port))
      })
    })
    if (given.has(port)) continue
    given.add(port)
    return port
  }
}
