/** The uplinks of a scenario that cuts them: one proxy per edge node, there before the node starts and gone after it. */
import type { Clock, Log, Service } from '../../domain/ports.ts'
import type { SetUplink } from '../uplink.ts'
import { UplinkProxy } from './uplink-proxy.ts'

export type UplinksOptions = {
  readonly nodes: readonly string[]
  readonly broker: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly log: Log
}

export class Uplinks {
  readonly #proxies: ReadonlyMap<string, UplinkProxy>

  constructor({ nodes, broker, clock, log }: UplinksOptions) {
    const proxies = nodes.map((node) => [node, new UplinkProxy({ node, upstream: broker, clock, log })] as const)
    this.#proxies = new Map(proxies)
  }

  /** A node that does not run here has no uplink to spoil. */
  readonly set: SetUplink = (node, faults) => this.#proxies.get(node)?.setFaults(faults)

  /** The edge node as `make` builds it on the URL of its own proxy. */
  behind(node: string, make: (brokerUrl: string) => Service): Service {
    const proxy = this.#proxies.get(node)!
    let edge: Service | undefined
    return {
      name: 'edge',
      start: async () => {
        await proxy.listen()
        edge = make(`mqtt://127.0.0.1:${proxy.port}`)
        await edge.start().catch(async (error) => {
          await proxy.close()
          throw error
        })
      },
      stop: async () => {
        await edge?.stop()
        await proxy.close()
      },
    }
  }
}
