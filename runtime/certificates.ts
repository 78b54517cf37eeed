/**
 * A small certificate authority for one site: its root, and certificates for the broker and for clients that it signs.
 * Where the files stand and who may read them is the caller's business.
 */
import { createPublicKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type forge from 'node-forge'

/** PEM texts. */
export type Issued = { readonly certificate: string; readonly key: string }

const RSA_BITS = 3072
const DAY_MS = 86_400_000
/** Clocks of edge nodes may be behind: a certificate of this minute must be good there. */
const BACKDATED_MS = DAY_MS
export const AUTHORITY_DAYS = 3650
/** Longest that Apple and the CA/Browser Forum's rules of 2020 accept, so that any client does. */
export const CERTIFICATE_DAYS = 397

type Spec = {
  readonly subject: string
  readonly days: number
  readonly now: Date
  readonly extensions: readonly object[]
}

/** A root that signs nothing but what `issueServer` and `issueClient` make. */
export async function makeAuthority(name: string, now: Date): Promise<Issued> {
  const extensions = [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]
  return issue({ subject: name, days: AUTHORITY_DAYS, now, extensions })
}

/** @param names host names and addresses by which clients reach the server; at least one */
export function issueServer(authority: Issued, names: readonly string[], now: Date): Promise<Issued> {
  const altNames = names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }))
  return leaf(authority, names[0]!, { serverAuth: true }, [{ name: 'subjectAltName', altNames }], now)
}

/** @param user MQTT user name; it stands as the common name */
export const issueClient = (authority: Issued, user: string, now: Date): Promise<Issued> =>
  leaf(authority, user, { clientAuth: true }, [], now)

function leaf(authority: Issued, subject: string, usage: object, more: readonly object[], now: Date): Promise<Issued> {
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', ...usage },
    { name: 'subjectKeyIdentifier' },
    ...more,
  ]
  return issue({ subject, days: CERTIFICATE_DAYS, now, extensions }, authority)
}

/** Signed by `authority`, or by itself. A certificate never outlives its issuer. */
async function issue({ subject, days, now, extensions }: Spec, authority?: Issued): Promise<Issued> {
  const { publicKey, privateKey } = await keyPair()
  // Every service knows where its certificates are, few make any: 11 MB are loaded when one is made.
  const { default: forge } = await import('node-forge')
  const made = forge.pki.createCertificate()
  made.publicKey = forge.pki.publicKeyFromPem(publicKey)
  // 20 octets at most and positive (RFC 5280, 4.1.2.2).
  made.serialNumber = `00${randomBytes(16).toString('hex')}`
  made.validity.notBefore = new Date(now.getTime() - BACKDATED_MS)
  const end = now.getTime() + days * DAY_MS
  const issuer = authority && forge.pki.certificateFromPem(authority.certificate)
  made.validity.notAfter = new Date(Math.min(end, issuer?.validity.notAfter.getTime() ?? end))
  const attributes = [{ name: 'commonName', value: subject, valueTagClass: forge.asn1.Type.UTF8 }]
  made.setSubject(attributes as unknown as forge.pki.CertificateField[])
  made.setIssuer(issuer?.subject.attributes ?? (attributes as unknown as forge.pki.CertificateField[]))
  made.setExtensions([...extensions])
  const key = forge.pki.privateKeyFromPem(authority?.key ?? privateKey)
  made.sign(key, forge.md.sha256.create())
  return { certificate: forge.pki.certificateToPem(made), key: privateKey }
}

/** By Node's own generator: it is fast and does not hold up the loop. PKCS#1, which forge reads. */
async function keyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}

/** What a person asks of a certificate file. @throws Error where it is none */
export function describeCertificate(pem: string): { subject: string; names: string; until: Date; sha256: string } {
  const read = new X509Certificate(pem)
  // A certificate whose key cannot be read is of no use to anybody.
  createPublicKey(pem)
  return {
    subject: read.subject.replace(/^CN=/, ''),
    names: read.subjectAltName ?? '',
    until: new Date(read.validTo),
    sha256: read.fingerprint256,
  }
}
