/** Where the MQTT broker is: one address or several of a cluster, plain or TLS, and how a socket to one is opened. */
import { X509Certificate } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { PlumblineError } from '../domain/errors.ts'
import { certificateEnded, shownOn } from './broker-certificate.ts'

/** How the broker is reached, beside the one address that each service was told. */
export type BrokerAccess = {
  /** In place of that address: several of one broker that others run, tried in turn. */
  readonly urls?: readonly string[]
  /** Put before every user name. */
  readonly user_prefix?: string
  /** Authority (PEM) that the broker is judged by; default those of the system. */
  readonly ca_file?: string
  /** Certificate and key (PEM) that a user shows to a broker that asks for them. */
  readonly certificateOf?: (user: string) => ClientCertificate
}
/** `required` false: where neither file is there, none is shown. */
export type ClientCertificate = { readonly cert: string; readonly key: string; readonly required: boolean }
/** What TLS with one broker goes by. */
export type BrokerTrust = { readonly ca?: string; readonly cert?: string; readonly key?: string }
export type BrokerAddress = { readonly host: string; readonly port: number; readonly tls: boolean }

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 }

/** @throws PlumblineError USAGE where it is no MQTT address */
export function addressOf(url: string): BrokerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const port = PORTS[parsed?.protocol ?? '']
  if (parsed === undefined || port === undefined || parsed.hostname === '')
    throw new PlumblineError('USAGE', `broker address: expected mqtt://host:port or mqtts://host:port, got ${url}`)
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || port),
    tls: parsed.protocol === 'mqtts:',
  }
}

/**
 * Read anew for every attempt, for certificates change.
 * @throws Error naming the file that cannot be used, or the certificate that has ended
 */
export async function trustOf({ ca_file, certificateOf }: BrokerAccess, user: string, now: Date): Promise<BrokerTrust> {
  const own = certificateOf?.(user)
  return {
    ...(ca_file !== undefined && { ca: await read(`ca_file ${ca_file}`, ca_file) }),
    ...(own !== undefined && (await shownBy(own, now))),
  }
}

async function shownBy({ cert: path, key: keyPath, required }: ClientCertificate, now: Date): Promise<BrokerTrust> {
  if (!required && !(await readable(path)) && !(await readable(keyPath))) return {}
  const [cert, key] = await Promise.all([read(`certificate ${path}`, path), read(`key ${keyPath}`, keyPath)])
  try {
    const until = new Date(new X509Certificate(cert).validTo)
    // A broker says of an ended one no more than that it closed the connection.
    if (until < now)
      throw new PlumblineError('CERTIFICATE_ENDED', `certificate ${path}: it ended on ${until.toISOString()}`)
    createSecureContext({ cert, key })
  } catch (error) {
    if (error instanceof PlumblineError) throw error
    throw new PlumblineError('TLS_INVALID', `certificate ${path}: ${(error as Error).message}`, { cause: error })
  }
  return { cert, key }
}

async function read(what: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`${what}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}

const readable = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

export type BrokerSocket = {
  readonly socket: Socket
  /** What of its certificate is out of time, where that is the error. */
  readonly certificateEnded: (error: Error | undefined, now: Date) => PlumblineError | undefined
}

/** Small packets go at once. Through TLS nothing is written before the broker's certificate was judged. */
export function openSocket({ host, port, tls }: BrokerAddress, trust: BrokerTrust): BrokerSocket {
  if (!tls) return { socket: connect({ host, port, noDelay: true }), certificateEnded: () => undefined }
  const socket = connectTls({
    host,
    port,
    ...trust,
    ...(isIP(host) === 0 && { servername: host }),
  })
  socket.setNoDelay(true)
  const shown = shownOn(socket)
  return { socket, certificateEnded: (error, now) => certificateEnded(error, shown(), `${host}:${port}`, now) }
}
