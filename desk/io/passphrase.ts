/**
 * Passphrases as scrypt hashes. Cost: N = 2^15, r = 8, p = 3, of the settings that OWASP's Password Storage Cheat Sheet
 * gives as equal the one that needs 32 MiB; it stands in each hash, so that it can be raised later.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { PassphraseHash } from '../people.ts'

export type ScryptCost = Pick<PassphraseHash, 'N' | 'r' | 'p'>

export const SCRYPT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 }
const KEY_BYTES = 32

const derive = (passphrase: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> => {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r + 2 ** 20 }
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  )
}

/** Matches nothing, and takes as long as one that might. */
export const hashOfNobody = (cost: ScryptCost = SCRYPT_COST): PassphraseHash => ({
  salt: randomBytes(16).toString('base64'),
  hash: randomBytes(KEY_BYTES).toString('base64'),
  ...cost,
})

export async function hashPassphrase(passphrase: string, cost: ScryptCost = SCRYPT_COST): Promise<PassphraseHash> {
  const salt = randomBytes(16)
  const key = await derive(passphrase, salt, cost)
  return { salt: salt.toString('base64'), hash: key.toString('base64'), N: cost.N, r: cost.r, p: cost.p }
}

export async function passphraseMatches(passphrase: string, against: PassphraseHash): Promise<boolean> {
  const expected = Buffer.from(against.hash, 'base64')
  const key = await derive(passphrase, Buffer.from(against.salt, 'base64'), against)
  return key.length === expected.length && timingSafeEqual(key, expected)
}
