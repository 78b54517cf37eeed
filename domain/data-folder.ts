/** Where each service keeps its files under `--data`; one folder a service, so that a service can move to its own host. */
import { deskHostId, ingestHostId } from './ids.ts'

const join = (...parts: string[]): string => parts.join('/')

export const brokerFolder = (data: string, site: string): string => join(data, site, 'broker')
export const edgeFolder = (data: string, site: string, node: string): string => join(data, site, 'edge', node)
export const ingestFolder = (data: string, site: string): string => join(data, site, 'ingest')
export const deskFolder = (data: string, site: string): string => join(data, site, 'desk')
/** Where a running simulator says how to reach it. */
export const simFolder = (data: string, site: string): string => join(data, site, 'sim')

/** The site's own certificate authority and what it signed. */
export const tlsFolder = (data: string, site: string): string => join(data, site, 'tls')

/** File in a service's own folder that holds its MQTT password (mode 600), made by the broker at first start. */
export const PASSWORD_FILE = 'mqtt-password'

/** MQTT user names: an edge node is one identity with two client ids (`<node>`, `<node>-blocks`). */
export const ingestUser = ingestHostId
export const deskUser = deskHostId
export const edgeUser = (node: string): string => node

/** Of the desk that runs, for programs on its machine that may read its folder (mode 600). */
export const LOCAL_FILE = 'local.json'
export type LocalDesk = {
  readonly port: number
  readonly host: string
  readonly token: string
  /** Where it speaks TLS: the certificate (PEM) that it shows, whoever signed it. */
  readonly certificate?: string
}
