/** Which certificate of a broker is out of time, and since when: TLS itself says no more than "certificate has expired". */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { PlumblineError } from '../domain/errors.ts'

/** OpenSSL's names, as Node gives them. */
const OUT_OF_TIME: ReadonlySet<unknown> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
/** A chain that a server sends is a handful; a wrong one must not hold us up. */
const CHAIN_MAX = 10

/** What the broker shows, once it did. */
export function shownOn(socket: TLSSocket): () => DetailedPeerCertificate | undefined {
  let shown: DetailedPeerCertificate | undefined
  // Node judges it in a listener of its own and destroys the socket there: afterwards it can no longer be asked for.
  socket.prependOnceListener('secure', () => {
    shown = socket.getPeerCertificate(true)
  })
  return () => shown
}

/** `undefined` where the error is another one. */
export function certificateEnded(
  error: (Error & { code?: unknown }) | undefined,
  shown: DetailedPeerCertificate | undefined,
  broker: string,
  now: Date,
): PlumblineError | undefined {
  if (!OUT_OF_TIME.has(error?.code)) return undefined
  const clock = `it is ${now.toISOString()} by this machine's clock`
  for (const [i, { subject, valid_from, valid_to }] of chainOf(shown).entries()) {
    const whose = i === 0 ? `the certificate of the broker at ${broker}` : `an authority above the broker at ${broker}`
    const who = `${whose} (${[subject.CN ?? 'no name'].flat().join(', ')})`
    const [begins, ends] = [new Date(valid_from), new Date(valid_to)]
    if (ends < now) return ended(`${who} ended on ${ends.toISOString()}; ${clock}`)
    if (begins > now) return ended(`${who} begins on ${begins.toISOString()}; ${clock}`)
  }
  return ended(`of the broker at ${broker}: ${error!.message}; ${clock}`)
}

const ended = (what: string) => new PlumblineError('CERTIFICATE_ENDED', what)

function chainOf(shown: DetailedPeerCertificate | undefined): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  // The root names itself as its issuer.
  for (let at = shown; at?.valid_to !== undefined && chain.length < CHAIN_MAX; at = at.issuerCertificate) {
    if (chain.includes(at)) break
    chain.push(at)
  }
  return chain
}
