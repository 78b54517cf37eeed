/**
 * `users` and `tokens`: who may sign in, and which programs may ask, through the desk that runs on this machine. Whoever may
 * read the desk's folder is an admin here, so that a house whose only admin has left is not locked out.
 */
import type { TokenJson, TokenMadeJson, UserInviteJson, UserJson } from '../domain/api-desk.ts'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { ROLES, type Role } from '../domain/roles.ts'
import { instant, toIso } from '../domain/time.ts'
import { type Command, type Flags, readFlags } from './command.ts'
import { type DeskClient, deskClient } from './desk-client.ts'
import { readSite } from './load-site.ts'

const FLAGS = { site: 'text', data: 'text', role: 'text', days: 'positive', json: 'flag' } as const
type Call = {
  readonly desk: DeskClient
  readonly site: Site
  readonly flags: Flags<typeof FLAGS>
  readonly name: string
}
type Verb = { readonly named: boolean; readonly flags: readonly string[]; run(call: Call): Promise<void> }

const say = (text: string) => process.stdout.write(`${text}\n`)
const when = (ns: string | null) => (ns === null ? 'never' : toIso(instant(BigInt(ns))).slice(0, 16))
const at = (route: string, name: string) => `/${route}/${encodeURIComponent(name)}`

function sayUser(user: UserJson): void {
  const state = user.disabled ? 'disabled' : user.invited_until_ns === null ? 'may sign in' : 'invited'
  say(`${user.name.padEnd(24)} ${user.role.padEnd(9)} ${state.padEnd(12)} last here ${when(user.last_ns)}`)
}

/** The link goes to the person by whatever way the admin trusts; it works once. */
function sayLink({ flags, site, desk }: Call, invited: UserInviteJson): void {
  if (flags.json) return void say(JSON.stringify(invited, null, 1))
  const base = site.file.desk.public_url ?? desk.url
  say(
    `${invited.user.name} (${invited.user.role}) sets a passphrase here, once, before ${when(invited.expires_ns)} UTC:`,
  )
  say(`${base}/#/invitation?token=${invited.token}`)
}

function roleOf({ flags }: Call): Role {
  const role = ROLES.find((known) => known === flags.role)
  if (role === undefined)
    throw new PlumblineError('USAGE', `--role: expected ${ROLES.join(', ')}, got "${flags.role ?? ''}"`)
  return role
}

const change = async (call: Call, body: object) => {
  const user = await call.desk.patch<UserJson>(at('users', call.name), body)
  if (call.flags.json) say(JSON.stringify(user, null, 1))
  else sayUser(user)
}

const USERS: Readonly<Record<string, Verb>> = {
  list: {
    named: false,
    flags: [],
    run: async ({ desk, flags }) => {
      const { users } = await desk.get<{ users: UserJson[] }>('/users')
      if (flags.json) return void say(JSON.stringify(users, null, 1))
      users.forEach(sayUser)
      if (users.length === 0) say('nobody yet: the desk prints a link for the first user when it starts')
    },
  },
  invite: {
    named: true,
    flags: ['role'],
    run: async (call) =>
      sayLink(call, await call.desk.post<UserInviteJson>('/users', { name: call.name, role: roleOf(call) })),
  },
  role: { named: true, flags: ['role'], run: (call) => change(call, { role: roleOf(call) }) },
  disable: { named: true, flags: [], run: (call) => change(call, { disabled: true }) },
  enable: { named: true, flags: [], run: (call) => change(call, { disabled: false }) },
  reset: {
    named: true,
    flags: [],
    run: async (call) => sayLink(call, await call.desk.patch<UserInviteJson>(at('users', call.name), { reset: true })),
  },
  remove: {
    named: true,
    flags: [],
    run: async ({ desk, name }) => {
      await desk.remove(at('users', name))
      say(`${name} is removed`)
    },
  },
}

const TOKENS: Readonly<Record<string, Verb>> = {
  list: {
    named: false,
    flags: [],
    run: async ({ desk, flags }) => {
      const { tokens } = await desk.get<{ tokens: TokenJson[] }>('/tokens')
      if (flags.json) return void say(JSON.stringify(tokens, null, 1))
      for (const { id, name, role, last_ns, expires_ns } of tokens)
        say(`${id}  ${name.padEnd(24)} ${role.padEnd(9)} last used ${when(last_ns)}, ends ${when(expires_ns)}`)
      if (tokens.length === 0) say('there are no tokens')
    },
  },
  make: {
    named: true,
    flags: ['role', 'days'],
    run: async (call) => {
      const { desk, flags, name } = call
      const expires_ns =
        flags.days === undefined ? null : String(BigInt(Date.now() + Math.round(flags.days * 864e5)) * 1_000_000n)
      const made = await desk.post<TokenMadeJson>('/tokens', { name, role: roleOf(call), expires_ns })
      if (flags.json) return void say(JSON.stringify(made, null, 1))
      say(`${made.token.id}  ${name} (${made.token.role}), ends ${when(expires_ns)}; the secret is shown this once:`)
      say(made.secret)
    },
  },
  revoke: {
    named: true,
    flags: [],
    run: async ({ desk, name }) => {
      await desk.remove(at('tokens', name))
      say(`${name} is revoked`)
    },
  },
}

function command(name: string, summary: string, usage: string, verbs: Readonly<Record<string, Verb>>): Command {
  const self: Command = {
    name,
    summary,
    usage,
    run: async (args) => {
      const { flags, words } = readFlags(self, args, FLAGS, { min: 1, max: 2 })
      const wrong = (why: string) => new PlumblineError('USAGE', `${why}; usage: ${usage}`)
      const [verb = '', named] = words
      const known = verbs[verb]
      if (known === undefined) throw wrong(`expected ${Object.keys(verbs).join(', ')}, got "${verb}"`)
      if (known.named !== (named !== undefined)) throw wrong(`${verb} takes ${known.named ? 'a name' : 'no name'}`)
      for (const flag of ['role', 'days'] as const)
        if (flags[flag] !== undefined && !known.flags.includes(flag))
          throw wrong(`--${flag} does not belong to ${verb}`)
      if (flags.site === undefined) throw wrong('--site is missing')
      const site = await readSite(flags.site)
      const desk = await deskClient(flags.data ?? './data', site.file.site)
      await known.run({ desk, site, flags, name: named ?? '' })
      return 0
    },
  }
  return self
}

const WHERE = '--site … [--data …] [--json]'
export const users = command(
  'users',
  'who may sign in at the desk that runs here: viewer, operator, engineer, admin',
  `./plumbline users list|invite NAME --role …|role NAME --role …|disable NAME|enable NAME|reset NAME|remove NAME ${WHERE}`,
  USERS,
)
export const tokens = command(
  'tokens',
  'which programs may ask the desk, as what and for how long',
  `./plumbline tokens list|make NAME --role … [--days N]|revoke ID ${WHERE}`,
  TOKENS,
)
