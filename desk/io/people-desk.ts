/** People of the desk and how they prove who they are: the books over one file, and the token of this machine. */
import type { Site } from '../../domain/channel.ts'
import { deskFolder } from '../../domain/data-folder.ts'
import type { Clock } from '../../domain/ports.ts'
import { secondsToNs } from '../../domain/time.ts'
import { Bearers } from './bearers.ts'
import { LocalAccess } from './local-access.ts'
import type { ScryptCost } from './passphrase.ts'
import { PeopleFile } from './people-file.ts'
import { SessionBook } from './session-book.ts'
import { TokenBook } from './token-book.ts'
import { UserBook } from './user-book.ts'

export class PeopleDesk {
  readonly users: UserBook
  readonly sessions: SessionBook
  readonly tokens: TokenBook
  readonly bearers: Bearers
  readonly local: LocalAccess
  readonly #file: PeopleFile

  constructor(site: Site, dataDir: string, clock: Clock, scryptCost?: ScryptCost) {
    const folder = deskFolder(dataDir, site.file.site)
    const { idle_h, longest_h } = site.file.desk.sessions
    const limits = { idle_ns: secondsToNs(idle_h * 3600), longest_ns: secondsToNs(longest_h * 3600) }
    this.#file = new PeopleFile(folder)
    this.sessions = new SessionBook(this.#file, clock, limits)
    this.users = new UserBook(this.#file, this.sessions, clock, scryptCost)
    this.tokens = new TokenBook(this.#file, clock)
    this.local = new LocalAccess(folder)
    this.bearers = new Bearers(this.local, this.tokens, clock)
  }

  /** @throws PlumblineError DATA_CORRUPT */
  load(): Promise<void> {
    return this.#file.load()
  }

  async close(): Promise<void> {
    await this.users.close()
    await this.#file.close()
  }
}
