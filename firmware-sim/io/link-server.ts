/** From a link of the site to what listens for it: Modbus TCP, RTU over TCP, or RTU on a serial port. */
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import type { SimulatedDevice } from '../device.ts'
import type { Timebase } from '../timebase.ts'
import type { LinkFaults } from '../wire-proxy.ts'
import { ModbusServer } from './modbus-server.ts'
import { RtuOverTcpServer } from './rtu-over-tcp-server.ts'
import { RtuSerialServer } from './rtu-serial-server.ts'

export type LinkServer = ModbusServer | RtuOverTcpServer | RtuSerialServer
export type ServedLink = {
  readonly link: SiteLink
  /** Of the link's kind in the site file, e.g. `nodes[0].links[1].tcp`. */
  readonly path: string
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly wire: LinkFaults
}

/**
 * @param port in place of the site file's; 0 = any free port
 * @throws PlumblineError SITE_INVALID for a link on which no simulated device can answer
 */
export function linkServer(
  { link, path, devices, wire }: ServedLink,
  running: { readonly at: Timebase; readonly clock: Clock; readonly log: Log },
  port: number | undefined,
): LinkServer {
  const shared = { ...running, devices, wire }
  const { tcp, tls, rtu, rtu_over_tcp } = link
  if (tcp !== undefined)
    return new ModbusServer({ ...shared, host: tcp.host, port: port ?? tcp.port, path: `${path}.port` })
  if (rtu_over_tcp !== undefined)
    return new RtuOverTcpServer({
      ...shared,
      host: rtu_over_tcp.host,
      port: port ?? rtu_over_tcp.port,
      path: `${path}.port`,
    })
  if (tls !== undefined)
    throw new PlumblineError(
      'SITE_INVALID',
      `${path}: expected tcp, rtu or rtu_over_tcp for simulated devices, got tls`,
    )
  const at = `${path}.simulator_path`
  const device = rtu?.simulator_path
  if (device === undefined)
    throw new PlumblineError('SITE_INVALID', `${at}: expected the far end of the line, got nothing`)
  return new RtuSerialServer({ ...shared, serial: { ...rtu!, device, path: at } })
}

/** Where it listens, for people. */
export const placeOf = (link: SiteLink, server: LinkServer | undefined): string => {
  const { tcp = link.rtu_over_tcp, rtu } = link
  return tcp === undefined ? (rtu?.simulator_path ?? '') : `${tcp.host}:${portOf(server)}`
}

/** 0: a serial line, or not listening. */
export const portOf = (server: LinkServer | undefined): number =>
  server === undefined || server instanceof RtuSerialServer ? 0 : server.port
