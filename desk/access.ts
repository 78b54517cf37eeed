/**
 * Who may read and from where: pure rules on names and addresses. Reading is open only on loopback for a site that is
 * wholly simulated; the checks of Host and Origin keep other web pages from using a browser as their hand.
 */
import { devicesOf, type Site } from '../domain/channel.ts'

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

export const isLoopback = (host: string): boolean =>
  LOOPBACK_NAMES.has(host.toLowerCase()) || /^127\.\d+\.\d+\.\d+$/.test(host)

/** The demo site: nothing that is read is about anyone. */
export const isAllSimulated = (site: Site): boolean =>
  devicesOf(site).every(({ device }) => device.simulated !== undefined)

export const readingIsOpen = (host: string, site: Site): boolean => isLoopback(host) && isAllSimulated(site)

/** Name without port of a Host header; `undefined` where it is none. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/?#\s]+)(?::\d{1,5})?$/.exec(header ?? '')
  return match?.[1]?.toLowerCase()
}

/** Against DNS rebinding: a desk on loopback is only ever called by a loopback name. */
export function hostAllowed(boundTo: string, header: string | undefined): boolean {
  if (!isLoopback(boundTo)) return true
  const name = hostName(header)
  return name !== undefined && isLoopback(name)
}

/** A browser names the page that asks: it must be one of ours. Programs send no Origin. */
export function originAllowed(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host?.toLowerCase()
  } catch {
    return false
  }
}
