/** What people are told of a broker's certificate that is out of time. */
import type { DetailedPeerCertificate } from 'node:tls'
import { expect, test } from 'vitest'
import { certificateEnded } from './broker-certificate.ts'

const NOW = new Date('2026-12-01T08:00:00Z')
const error = (code: string) => Object.assign(new Error('certificate has expired'), { code })
type Spec = readonly [name: string, from: string, to: string]
/** The last names itself as its issuer. */
const chain = ([first, ...above]: readonly Spec[]): DetailedPeerCertificate => {
  const [CN, valid_from, valid_to] = first!
  const one = { subject: { CN }, valid_from, valid_to } as DetailedPeerCertificate
  one.issuerCertificate = above.length === 0 ? one : chain(above)
  return one
}
const LEAF = ['b.example', 'Nov  1 00:00:00 2025 GMT', 'Dec  1 07:59:58 2026 GMT'] as const
const GOOD = ['b.example', 'Nov  1 00:00:00 2025 GMT', 'Dec  1 00:00:00 2027 GMT'] as const
const ROOT = ['Plumbline demo', 'Nov  1 00:00:00 2016 GMT', 'Nov 30 00:00:00 2026 GMT'] as const
const CLOCK = "it is 2026-12-01T08:00:00.000Z by this machine's clock"

test.each([
  [
    'its own that has ended',
    'CERT_HAS_EXPIRED',
    chain([LEAF, ROOT]),
    `the certificate of the broker at b:1 (b.example) ended on 2026-12-01T07:59:58.000Z; ${CLOCK}`,
  ],
  [
    'its authority',
    'CERT_HAS_EXPIRED',
    chain([GOOD, ROOT]),
    `an authority above the broker at b:1 (Plumbline demo) ended on 2026-11-30T00:00:00.000Z; ${CLOCK}`,
  ],
  [
    'one that has not begun: a node that starts without the time',
    'CERT_NOT_YET_VALID',
    chain([['b.example', 'Dec  2 00:00:00 2026 GMT', 'Dec  1 00:00:00 2027 GMT']]),
    `the certificate of the broker at b:1 (b.example) begins on 2026-12-02T00:00:00.000Z; ${CLOCK}`,
  ],
  ['one that was not seen', 'CERT_HAS_EXPIRED', undefined, `of the broker at b:1: certificate has expired; ${CLOCK}`],
])('%s', (_, code, shown, words) => {
  expect(certificateEnded(error(code), shown, 'b:1', NOW)?.message).toBe(`CERTIFICATE_ENDED: ${words}`)
})

test('other errors keep their words', () => {
  expect(certificateEnded(error('ECONNREFUSED'), chain([LEAF]), 'b:1', NOW)).toBeUndefined()
  expect(certificateEnded(undefined, undefined, 'b:1', NOW)).toBeUndefined()
})
