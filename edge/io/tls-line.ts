/**
 * The TLS side of a Modbus TCP Security link (MODBUS/TCP Security v21): TLS 1.2 or newer, the device always judged by its
 * certificate, our own shown where the site names one. Connecting in time is `dial.ts`'s.
 */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions, createSecureContext } from 'node:tls'
import { PlumblineError } from '../../domain/errors.ts'
import type { SiteLink } from '../../domain/site.ts'

export type TlsPlace = NonNullable<SiteLink['tls']>

/**
 * Reads the certificates anew at each call, so that renewed ones are used from the next connection on.
 * @throws PlumblineError SITE_INVALID for a file that cannot be read or used
 */
export function tlsOptions(link: Pick<SiteLink, 'id'>, place: TlsPlace): ConnectionOptions {
  const { host, port, server_name, ca_file, cert_file, key_file } = place
  const own = `${link.id}.tls`
  if ((cert_file === undefined) !== (key_file === undefined))
    throw new PlumblineError('SITE_INVALID', `${own}: expected cert_file and key_file together, got one of them`)
  const material = {
    ca: pem(ca_file, `${own}.ca_file`),
    cert: pem(cert_file, `${own}.cert_file`),
    key: pem(key_file, `${own}.key_file`),
  }
  try {
    createSecureContext(material)
  } catch (cause) {
    const files = [ca_file, cert_file, key_file].filter((file) => file !== undefined).join(', ')
    const detail = `${own}: expected certificates and a key that fit together (PEM), got ${files} (${(cause as Error).message})`
    throw new PlumblineError('SITE_INVALID', detail, { cause })
  }
  // RFC 6066: the name that is asked for may not be an address; the certificate is then judged by the address.
  const servername = server_name ?? (isIP(host) === 0 ? host : undefined)
  return { host, port, ...material, servername, minVersion: 'TLSv1.2', rejectUnauthorized: true }
}

function pem(file: string | undefined, path: string): Buffer | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new PlumblineError(
      'SITE_INVALID',
      `${path}: expected a file that can be read, got ${file} (${code ?? message})`,
      {
        cause,
      },
    )
  }
}

/** What went wrong, in the words of the certificate's judge; an alert of the peer has its own. */
export function tlsFailure(error: NodeJS.ErrnoException & { reason?: string }): string {
  const what = error.reason ?? error.message
  return `TLS: ${what.trim()}${error.code === undefined ? '' : ` (${error.code})`}`
}
