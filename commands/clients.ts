/** `clients`: who may speak to the broker; changes reach a running one without a restart. */
import { ClientBook } from '../broker/io/client-book.ts'
import { PlumblineError } from '../domain/errors.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const clients: Command = {
  name: 'clients',
  summary: 'who may speak to the broker: list, add an observer or a foreign node, new passwords, shut out',
  usage: './plumbline clients list | add|add-node|rotate|revoke|restore NAME --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(clients, args, { site: 'text', data: 'text' }, { min: 1, max: 2 })
    if (flags.site === undefined) throw new PlumblineError('USAGE', `--site is missing; usage: ${clients.usage}`)
    const book = new ClientBook(flags.data ?? './data', await readSite(flags.site))
    const [verb, user] = words
    if (verb === 'list' && user === undefined) await list(book)
    else if (verb !== undefined && user !== undefined && verb in VERBS) await VERBS[verb as Verb](book, user)
    else
      throw new PlumblineError(
        'USAGE',
        `expected list, or add, add-node, rotate, revoke, restore and a name; usage: ${clients.usage}`,
      )
    return 0
  },
}

type Verb = keyof typeof VERBS
const say = (text: string) => void process.stdout.write(`${text}\n`)

const VERBS = {
  add: async (book: ClientBook, user: string) =>
    say(
      `${user} may read everything of the site and write nothing. Password, shown only now:\n${await book.addObserver(user)}`,
    ),
  'add-node': async (book: ClientBook, user: string) =>
    say(
      `${user} may report as the Sparkplug node of this name, with it as its client id. Password, shown only now:\n${await book.addNode(user)}`,
    ),
  rotate: async (book: ClientBook, user: string) => {
    const password = await book.rotate(user)
    say(
      password === undefined
        ? `${user} has a new password in its own folder; on another host copy the file there`
        : `${user} has a new password, shown only now:\n${password}`,
    )
  },
  revoke: async (book: ClientBook, user: string) => {
    await book.revoke(user)
    say(`${user} is shut out`)
  },
  restore: async (book: ClientBook, user: string) => {
    await book.restore(user)
    say(`${user} is let in again with the password it had`)
  },
} as const

async function list(book: ClientBook): Promise<void> {
  for (const { user, kind, state } of await book.list()) say(`${user.padEnd(32)} ${kind.padEnd(9)} ${state}`)
}
