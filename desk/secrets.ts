/** Tokens that nobody can guess (256 bits), their hashes, and comparing without telling by time how much agreed. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const newSecret = (): string => randomBytes(32).toString('base64url')
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')]
  return left.length === right.length && timingSafeEqual(left, right)
}
