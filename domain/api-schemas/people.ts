/** People and access: sign-in, the first user, invitations, users, tokens of programs. */
import Type from 'typebox'
import { Closed, Line, Nothing, Ns, NsOrNull, Nullable, RoleName } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'

const Name = Line(64)
const Passphrase = Type.String({ minLength: 8, maxLength: 1024 })
const Secret = Line(128)

export const SessionJson = Closed({
  user: Nullable(Closed({ name: Type.String(), role: RoleName })),
  first_user_needed: Type.Boolean(),
})
export const SignInBody = Closed({ name: Name, passphrase: Type.String({ minLength: 1, maxLength: 1024 }) })
export const FirstUserBody = Closed({ token: Secret, name: Name, passphrase: Passphrase })
export const InvitationBody = Closed({ token: Secret, passphrase: Passphrase })
export const PassphraseBody = Closed({
  passphrase: Type.String({ minLength: 1, maxLength: 1024 }),
  new_passphrase: Passphrase,
})

export const UserJson = Closed({
  name: Type.String(),
  role: RoleName,
  made_ns: Ns,
  last_ns: NsOrNull,
  disabled: Type.Boolean(),
  invited_until_ns: Type.Union([Ns, Type.Null()], { description: 'A link waits to be used until then.' }),
})
export const UserBody = Closed({ name: Name, role: RoleName })
/** The person sets the passphrase by the link `/#/invitation?token=…`, once, before it expires. */
export const UserInviteJson = Closed({ user: UserJson, token: Type.String(), expires_ns: Ns })
export const UserChangeBody = Closed({
  role: Type.Optional(RoleName),
  disabled: Type.Optional(Type.Boolean()),
  reset: Type.Optional(Type.Boolean({ description: 'A new link; the old passphrase and every session end.' })),
})
export const UsersJson = Closed({ users: Type.Array(UserJson) })

export const TokenJson = Closed({
  id: Type.String(),
  name: Type.String(),
  role: RoleName,
  made_ns: Ns,
  made_by: Type.String(),
  last_ns: NsOrNull,
  expires_ns: NsOrNull,
})
export const TokenBody = Closed({ name: Name, role: RoleName, expires_ns: Type.Optional(NsOrNull) })
/** Shown once. */
export const TokenMadeJson = Closed({ token: TokenJson, secret: Type.String() })
export const TokensJson = Closed({ tokens: Type.Array(TokenJson) })

const UserName = Closed({ name: Line(200) })
const TokenId = Closed({ id: Line(64) })
const tag = 'people'

export const PEOPLE_ROUTES = {
  session: {
    method: 'GET',
    path: `${PREFIX}/session`,
    access: 'open',
    tag,
    summary: 'Who is signed in.',
    answer: SessionJson,
  },
  signIn: {
    method: 'POST',
    path: `${PREFIX}/session`,
    access: 'open',
    tag,
    summary: 'Signs in and sets the cookie; any session that the browser had ends.',
    body: SignInBody,
    answer: SessionJson,
    refuses: [401, 429],
  },
  signOut: {
    method: 'DELETE',
    path: `${PREFIX}/session`,
    access: 'open',
    tag,
    summary: 'Signs out.',
    answer: SessionJson,
  },
  changePassphrase: {
    method: 'POST',
    path: `${PREFIX}/session/passphrase`,
    access: 'viewer',
    tag,
    summary: "Changes one's own passphrase; every other session of the person ends.",
    body: PassphraseBody,
    answer: SessionJson,
    refuses: [429],
  },
  firstUser: {
    method: 'POST',
    path: `${PREFIX}/first-user`,
    access: 'open',
    tag,
    summary: 'Makes the first user (admin) by the link that the desk prints, and signs them in.',
    body: FirstUserBody,
    answer: SessionJson,
    refuses: [403, 429],
  },
  invitation: {
    method: 'POST',
    path: `${PREFIX}/invitation`,
    access: 'open',
    tag,
    summary: 'Takes up an invitation: sets the passphrase, once, and signs in.',
    body: InvitationBody,
    answer: SessionJson,
    refuses: [403, 429],
  },
  users: {
    method: 'GET',
    path: `${PREFIX}/users`,
    access: 'admin',
    tag,
    summary: 'Everybody who may sign in.',
    answer: UsersJson,
    csv: true,
  },
  invite: {
    method: 'POST',
    path: `${PREFIX}/users`,
    access: 'admin',
    tag,
    summary: 'Invites a person: the link is answered once and ends after 72 hours.',
    body: UserBody,
    answer: UserInviteJson,
    refuses: [409],
  },
  changeUser: {
    method: 'PATCH',
    path: `${PREFIX}/users/:name`,
    access: 'admin',
    tag,
    summary: 'Changes role or disables, or with `reset` answers a new link; every session of the person ends.',
    params: UserName,
    body: UserChangeBody,
    answer: Type.Union([UserJson, UserInviteJson]),
    refuses: [404, 409],
  },
  removeUser: {
    method: 'DELETE',
    path: `${PREFIX}/users/:name`,
    access: 'admin',
    tag,
    summary: 'Removes a person; the last admin who can sign in stays.',
    params: UserName,
    answer: Nothing,
    refuses: [404, 409],
  },
  tokens: {
    method: 'GET',
    path: `${PREFIX}/tokens`,
    access: 'admin',
    tag,
    summary: 'Tokens of programs; secrets are not kept.',
    answer: TokensJson,
    csv: true,
  },
  makeToken: {
    method: 'POST',
    path: `${PREFIX}/tokens`,
    access: 'admin',
    tag,
    summary: 'Makes a token for a program; its secret is answered once.',
    body: TokenBody,
    answer: TokenMadeJson,
    refuses: [409],
  },
  revokeToken: {
    method: 'DELETE',
    path: `${PREFIX}/tokens/:id`,
    access: 'admin',
    tag,
    summary: 'Revokes a token at once.',
    params: TokenId,
    answer: Nothing,
    refuses: [404],
  },
} as const satisfies Record<string, ApiRoute>
