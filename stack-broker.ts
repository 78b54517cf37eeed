/** Where the broker of a site is: the doors of the embedded one, and how our own services reach it or that of others. */
import type { BrokerOptions } from './broker/service.ts'
import type { BrokerAccess } from './runtime/broker-address.ts'
import { CertificateFiles } from './runtime/certificate-files.ts'
import type { StackOptions } from './stack.ts'

/** How our own services reach the broker. */
export function brokerReach(options: Pick<StackOptions, 'site' | 'data' | 'mqttPort'>) {
  const { scheme, host, port } = brokerDoor(options)
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, access: brokerAccess(options) }
}

/** The listener of the embedded broker that our own services connect to. */
export function brokerDoor({ site, mqttPort }: Pick<StackOptions, 'site' | 'mqttPort'>) {
  const { host, port, tls } = site.file.broker
  if (!tls?.use) return { scheme: 'mqtt', host, port: mqttPort ?? port }
  const listening = tls.host ?? host
  const local = EVERY_ADDRESS.has(listening) ? '127.0.0.1' : listening
  const name = tls.connect_host ?? local
  return { scheme: 'mqtts', host: name, port: tls.port }
}
const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

/** What our own services go by, beside the address: brokers that others run, or the site's own certificates. */
function brokerAccess({ site, data }: Pick<StackOptions, 'site' | 'data'>): BrokerAccess | undefined {
  const { external, tls } = site.file.broker
  if (!tls?.use) return external
  const files = new CertificateFiles(data, site.file.site)
  const required = tls.client_certificates === 'required'
  return {
    ca_file: tls.ca_file ?? files.authority,
    ...(tls.client_ca_file !== undefined && { certificateOf: (user) => ({ ...files.of(user), required }) }),
  }
}

/** Listeners beside the plain one; certificates are the site's own where the file names none. */
export function brokerDoors({
  site,
  data,
}: Pick<StackOptions, 'site' | 'data'>): Pick<BrokerOptions, 'tls' | 'websocket'> {
  const { host, tls, websocket } = site.file.broker
  const own = new CertificateFiles(data, site.file.site).broker
  return {
    ...(tls && {
      tls: {
        host: tls.host ?? host,
        port: tls.port,
        cert: tls.cert_file ?? own.cert,
        key: tls.key_file ?? own.key,
        ...(tls.client_ca_file !== undefined && { clientCa: tls.client_ca_file, clients: tls.client_certificates }),
      },
    }),
    ...(websocket && {
      websocket: { host: websocket.host ?? host, port: websocket.port, secure: websocket.tls },
    }),
  }
}
