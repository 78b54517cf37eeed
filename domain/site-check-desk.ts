/** What the desk's part of a site file must hold beyond its schema: pairs of files, addresses that are some. */
import type { SiteFile } from './site.ts'
import type { Checked, Mistake } from './yaml-check.ts'

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const V6 = /^(?=.*:)[0-9a-f:]{2,39}$/i

export function deskMistakes({ desk }: SiteFile, say: Checked['mistakeAt']): Mistake[] {
  const { tls, proxy, public_url, sessions } = desk
  const out: Mistake[] = []
  if (tls?.key_file !== undefined && tls.cert_file === undefined)
    out.push(say(['desk', 'tls', 'cert_file'], 'the certificate that the key belongs to', undefined))
  if (tls?.cert_file !== undefined && tls.key_file === undefined)
    out.push(say(['desk', 'tls', 'key_file'], 'the private key of the certificate', undefined))
  if (tls !== undefined && public_url?.startsWith('http://'))
    out.push(say(['desk', 'public_url'], 'https://, because desk.tls serves nothing else', public_url))
  proxy?.addresses.forEach((address, i) => {
    if (!isNetwork(address))
      out.push(
        say(['desk', 'proxy', 'addresses', i], 'an address, or a network as 10.0.0.0/8, and not everybody', address),
      )
  })
  if (sessions.longest_h < sessions.idle_h)
    out.push(say(['desk', 'sessions', 'longest_h'], `at least idle_h (${sessions.idle_h})`, sessions.longest_h))
  return out
}

/** A network of all addresses would let anybody say who they are. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const four = V4.exec(address)
  const longest = four ? 32 : 128
  const known = four ? four.slice(1).every((part) => Number(part) <= 255) : V6.test(address)
  return (
    known && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits >= 1 && +bits <= longest))
  )
}
