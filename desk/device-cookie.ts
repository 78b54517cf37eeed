/**
 * Marks a browser in which a person has signed in before, so that wrong guesses of strangers at the same name do not slow
 * this person down (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). It lets nobody in. Pure.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { nameKey } from './people.ts'

const sign = (key: string, name: string, nonce: string): string =>
  createHmac('sha256', key)
    .update(`${nonce}.${nameKey(name)}`)
    .digest('base64url')

export function makeDeviceCookie(key: string, name: string): string {
  const nonce = randomBytes(12).toString('base64url')
  return `${nonce}.${sign(key, name, nonce)}`
}

/** What wrong guesses from this browser are counted under; `undefined` where it is not known for this name. */
export function deviceOf(key: string, name: string, cookie: string | undefined): string | undefined {
  const [nonce, mark, ...rest] = (cookie ?? '').split('.')
  if (nonce === undefined || mark === undefined || rest.length > 0 || nonce === '') return undefined
  const [expected, came] = [Buffer.from(sign(key, name, nonce)), Buffer.from(mark)]
  return expected.length === came.length && timingSafeEqual(expected, came) ? nonce : undefined
}
