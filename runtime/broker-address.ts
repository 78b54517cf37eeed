/** Where the MQTT broker is: one address or several of a cluster, plain or TLS, and how a socket to one is opened. */
import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { PlumblineError } from '../domain/errors.ts'

/** A broker that others run, in place of the one address that each service was told. */
export type ExternalBroker = {
  readonly urls: readonly string[]
  /** Put before every user name. */
  readonly user_prefix?: string
  /** Authority (PEM) that the broker is judged by; default those of the system. */
  readonly ca_file?: string
}
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

/** @throws Error naming the file that cannot be read: it is read anew for every attempt, for certificates change. */
export async function authorityOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`ca_file ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}

/** Small packets go at once. Through TLS nothing is written before the broker's certificate was judged. */
export function openSocket({ host, port, tls }: BrokerAddress, ca: string | undefined): Socket {
  if (!tls) return connect({ host, port, noDelay: true })
  const socket = connectTls({
    host,
    port,
    ...(ca !== undefined && { ca }),
    ...(isIP(host) === 0 && { servername: host }),
  })
  socket.setNoDelay(true)
  return socket
}
