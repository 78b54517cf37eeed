/** Sites on brokers that others run: the one that the guide's files are written for, and a second one beside it. */
import type { Site } from '../domain/channel.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import type { Mosquitto, Tenant } from './mosquitto.ts'
import { bothDevices, siteOf } from './site.ts'

export const DEMO: Tenant = { site: 'demo', node: 'edge-1' }
export const QUAY: Tenant = { site: 'quay', node: 'quay-1' }

/** Both devices of a tenant; the river passes 4 ft 10 s after the start. */
export async function tenantSite(
  { site, node }: Tenant,
  brokers: readonly Mosquitto[],
  more: object = {},
): Promise<Site> {
  const ports = { accelerometer: await freePort(), gauge: await freePort(), mqtt: 1, desk: await freePort() }
  const play = { from: '2018-06-03T21:00:00Z', to: '2018-06-03T23:30:00Z' }
  const { nodes, ...rest } = bothDevices(ports, { yonago: { lead_s: 1 }, play })
  const external = { urls: brokers.map(({ url }) => url), ca_file: brokers[0]!.authority }
  return siteOf({ ...rest, site, nodes: [{ ...nodes[0]!, id: node }], broker: { external }, ...more })
}
