/**
 * Who may read and from where: pure rules on names and addresses. Reading is open only on loopback for a site that is
 * wholly simulated; the checks of Host and Origin keep other web pages from using a browser as their hand.
 */
import { devicesOf, type Site } from '../domain/channel.ts'

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

export const isLoopback = (host: string): boolean =>
  LOOPBACK_NAMES.has(host.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(host)

/** How the desk is reached. */
export type Doors = {
  /** Where it listens. */
  readonly host: string
  readonly public_url?: string | undefined
  /** Others pass requests on to it, so that listening on loopback keeps nobody out. */
  readonly proxied: boolean
}

export const doorsOf = (host: string, { file }: Pick<Site, 'file'>): Doors => ({
  host,
  public_url: file.desk.public_url,
  proxied: file.desk.proxy !== undefined || file.desk.public_url !== undefined,
})

/** Only programs and people of this machine come. */
export const isPrivate = ({ host, proxied }: Doors): boolean => isLoopback(host) && !proxied

/** The demo site: nothing that is read is about anyone. */
export const isAllSimulated = (site: Site): boolean =>
  devicesOf(site).every(({ device }) => device.simulated !== undefined)

export const readingIsOpen = (doors: Doors, site: Site): boolean => isPrivate(doors) && isAllSimulated(site)

/** Name without port of a Host header; `undefined` where it is none. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/?#\s]+)(?::\d{1,5})?$/.exec(header ?? '')
  return match?.[1]?.toLowerCase()
}

/** Against DNS rebinding: a desk on loopback is only ever called by a loopback name, or by its public one. */
export function hostAllowed({ host, public_url }: Doors, header: string | undefined): boolean {
  const name = hostName(header)
  if (name === undefined) return false
  if (!isLoopback(host) || isLoopback(name)) return true
  return public_url !== undefined && new URL(public_url).host === header?.toLowerCase()
}

/** A browser names the page that asks: it must be one of ours. Programs send no Origin. */
export function originAllowed(
  origin: string | undefined,
  { host, protocol }: { host: string | undefined; protocol: string },
  public_url?: string,
): boolean {
  if (origin === undefined) return true
  if (public_url !== undefined && origin === new URL(public_url).origin) return true
  try {
    const from = new URL(origin)
    // What came encrypted is not answered to a page that anybody on the way could have written.
    return from.host === host?.toLowerCase() && (protocol !== 'https' || from.protocol === 'https:')
  } catch {
    return false
  }
}

/** Browsers say whether another site made them ask (Fetch Metadata); older ones and programs say nothing. */
export const fetchedHere = (site: string | undefined): boolean =>
  site === undefined || site === 'same-origin' || site === 'none'
