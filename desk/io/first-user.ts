/** The first user as the operator's secret names them, where nobody can sign in yet: for desks whose link nobody would see. */
import { PlumblineError } from '../../domain/errors.ts'
import type { Log } from '../../domain/ports.ts'
import { PASSPHRASE_MAX, PASSPHRASE_MIN } from '../people.ts'
import type { UserBook } from './user-book.ts'

export type FirstUserOptions = {
  readonly firstUser?: { readonly name: string; readonly passphrase: string }
  readonly log: Log
}

/** @throws PlumblineError USAGE */
export async function makeFirstUser(users: UserBook, { firstUser, log }: FirstUserOptions): Promise<void> {
  if (firstUser === undefined || !users.firstUserNeeded) return
  const { name, passphrase } = firstUser
  if (passphrase.length < PASSPHRASE_MIN || passphrase.length > PASSPHRASE_MAX)
    throw new PlumblineError(
      'USAGE',
      `first user: expected a passphrase of ${PASSPHRASE_MIN} to ${PASSPHRASE_MAX} characters`,
    )
  await users.makeFirstUser(await users.firstUserToken(), name.normalize('NFC'), passphrase)
  log.info('the first user was made from the file', { name })
}
