/**
 * People on disk: `users.json` (mode 600) of the desk's folder. A change holds only once it is durable; when somebody was
 * last seen is written now and then. A file of version 1 is taken over and kept beside as `users.json.v1`.
 */
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { nobodyYet, type People, readPeople } from '../people.ts'
import { newSecret } from '../secrets.ts'

export const USERS_FILE = 'users.json'
/** How much of an idle time a crash may take back: what was seen is written no more often than this. */
const SEEN_STEP_NS = 600_000_000_000n

/** Change and what to answer; a change of `undefined` writes nothing. */
export type Change<T> = { readonly people?: People; readonly answer: T }

export class PeopleFile {
  readonly #path: string
  #people: People = nobodyYet(newSecret())
  /** Last seen [ns], by hash of a session's token, id of a token or name of a user: newer than what `people` says. */
  readonly #seen = new Map<string, bigint>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#path = join(folder, USERS_FILE)
  }

  /** @throws PlumblineError DATA_CORRUPT */
  async load(): Promise<void> {
    const bytes = await readFileIfThere(this.#path)
    if (bytes === undefined) return
    const read = readPeople(bytes.toString('utf8'), newSecret())
    if (read === undefined)
      throw new PlumblineError('DATA_CORRUPT', `${this.#path}: expected the desk's users as JSON, version 1 or 2`)
    if (read.from === 1) {
      await writeFileDurably(`${this.#path}.v1`, bytes, 0o600)
      await this.#write(read.people)
    }
    this.#people = read.people
  }

  get people(): People {
    return this.#people
  }

  /** One after the other; what is answered holds durably. Rejects where it could not be written: nothing has changed then. */
  change<T>(decide: (people: People) => Change<T> | Promise<Change<T>>): Promise<T> {
    const mine = this.#turn
      .catch(() => {})
      .then(async () => {
        const { people, answer } = await decide(this.#people)
        if (people !== undefined) {
          await this.#write(people)
          this.#people = people
        }
        return answer
      })
    this.#turn = mine
    return mine
  }

  seen_ns(key: string, written: string | null): bigint | null {
    return this.#seen.get(key) ?? (written === null ? null : BigInt(written))
  }

  /** Somebody was here; a clock that was set back counts as well. */
  see(key: string, now: bigint): void {
    const before = this.#seen.get(key)
    this.#seen.set(key, now)
    if (before !== undefined && now - before <= SEEN_STEP_NS && now >= before) return
    this.change((people) => ({ people, answer: undefined })).catch(() => {})
  }

  /** Resolves when nothing is left to write. */
  async close(): Promise<void> {
    await this.#turn.catch(() => {})
  }

  async #write(people: People): Promise<void> {
    const known = new Set<string>()
    const seen = (key: string, written: string | null): string | null => {
      known.add(key)
      return this.#seen.get(key)?.toString() ?? written
    }
    const whole: People = {
      ...people,
      users: people.users.map((user) => ({ ...user, last_ns: seen(`user ${user.name}`, user.last_ns) })),
      sessions: people.sessions.map((s) => ({ ...s, seen_ns: seen(s.token_hash, s.seen_ns) ?? s.made_ns })),
      tokens: people.tokens.map((token) => ({ ...token, last_ns: seen(token.id, token.last_ns) })),
    }
    await writeFileDurably(this.#path, `${JSON.stringify(whole, null, 1)}\n`, 0o600)
    for (const key of this.#seen.keys()) if (!known.has(key)) this.#seen.delete(key)
  }
}
