/**
 * Where the simulated devices of a site are reached: links that name the same endpoint share one listener and one wire.
 * Making devices and opening listeners is left to `service.ts`.
 */
import { endpointOf, kindOf } from '../domain/channel.ts'
import { invariant, PlumblineError } from '../domain/errors.ts'
import type { WireStatus } from '../domain/simulator-control.ts'
import type { SiteLink } from '../domain/site.ts'
import type { LinkServer } from './io/link-server.ts'
import { wireStatus } from './live/wire-status.ts'
import type { MadeDevice } from './make-device.ts'
import { seedOf } from './noise.ts'
import { LinkFaults } from './wire-proxy.ts'

/** One listener. */
export type Endpoint = {
  readonly link: SiteLink
  /** In the site file, e.g. `nodes[0].links[0].tcp`. */
  readonly path: string
  readonly devices: Map<number, MadeDevice>
  readonly wire: LinkFaults
  server?: LinkServer
}
export type Listening = Endpoint & { readonly server: LinkServer }

export class Endpoints {
  /** By `<node>/<link>`. */
  readonly #links = new Map<string, Endpoint>()

  /** @throws PlumblineError SITE_INVALID where another device there has the unit id */
  add(device: MadeDevice, at: { node: string; link: SiteLink; linkPath: string; path: string }): void {
    const { node, link, linkPath, path } = at
    const { devices } = this.#endpointOf(`${node}/${link.id}`, link, `${linkPath}.${kindOf(link)}`)
    if (devices.has(device.unit_id))
      throw new PlumblineError(
        'SITE_INVALID',
        `${path}.unit_id: expected a unit id that no other device at ${endpointOf(link)} has, got ${device.unit_id}`,
      )
    devices.set(device.unit_id, device)
  }

  all(): Set<Endpoint> {
    return new Set(this.#links.values())
  }

  listening(): Listening[] {
    return [...this.all()].filter((endpoint): endpoint is Listening => endpoint.server !== undefined)
  }

  /** By the link's id or, where two nodes use the same one, `<node>/<link>`. @throws PlumblineError BUG */
  named(linkId: string): Endpoint {
    const found = [...this.#links].filter(([key]) => key === linkId || key.split('/')[1] === linkId)
    const endpoints = new Set(found.map(([, endpoint]) => endpoint))
    invariant(endpoints.size === 1, `${linkId} names one link with simulated devices, not ${endpoints.size}`)
    return found[0]![1]
  }

  /** @throws PlumblineError SCENARIO_INVALID for a link without simulated devices */
  wire(node: string, link: string): LinkFaults {
    const key = `${node}/${link}`
    const endpoint = this.#links.get(key)
    if (endpoint !== undefined) return endpoint.wire
    const known = [...this.#links.keys()].join(', ') || 'there is none'
    throw new PlumblineError(
      'SCENARIO_INVALID',
      `link: expected one with simulated devices (${known}), got ${JSON.stringify(key)}`,
    )
  }

  wires(): WireStatus[] {
    return [...this.#links].map(([key, { wire }]) => {
      const [node = '', link = ''] = key.split('/')
      return wireStatus(node, link, wire)
    })
  }

  clear(): void {
    this.#links.clear()
  }

  #endpointOf(key: string, link: SiteLink, path: string): Endpoint {
    const same = (e: Endpoint) => kindOf(e.link) === kindOf(link) && endpointOf(e.link) === endpointOf(link)
    const made = () => new LinkFaults(key, kindOf(link) === 'tcp' ? 'mbap' : 'rtu', seedOf(key))
    const endpoint = [...this.#links.values()].find(same) ?? { link, path, devices: new Map(), wire: made() }
    this.#links.set(key, endpoint)
    return endpoint
  }
}
