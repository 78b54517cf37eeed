/**
 * Users, passwords and rules of one site for a broker that others made: what docs/guides/other-brokers.md says in a table, as the
 * files that Mosquitto and EMQX read. Pure but for the salt of the hashes.
 */
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { deskUser, edgeUser, ingestUser } from '../domain/data-folder.ts'
import { blocksNodeId } from '../domain/ids.ts'
import { noticeTopic } from '../domain/notice-topics.ts'

/** Password by MQTT user. */
export type Passwords = ReadonlyMap<string, string>

type Rule = { readonly may: 'publish' | 'subscribe'; readonly topic: string }
type Rights = { readonly user: string; readonly rules: readonly Rule[] }

const publish = (topic: string): Rule => ({ may: 'publish', topic })
const subscribe = (topic: string): Rule => ({ may: 'subscribe', topic })
const STATE = 'spBv1.0/STATE'

/** Everything not given is refused. */
export function rightsOf(site: string, nodes: readonly string[]): Rights[] {
  const at = `spBv1.0/${site}`
  const health = `plumbline/${site}/ingest/health`
  const edge = (node: string): Rights => ({
    user: edgeUser(node),
    rules: [
      ...[node, blocksNodeId(node)].flatMap((id) => [
        ...['NBIRTH', 'NDEATH', 'NDATA'].map((kind) => publish(`${at}/${kind}/${id}`)),
        ...['DBIRTH', 'DDEATH', 'DDATA'].map((kind) => publish(`${at}/${kind}/${id}/+`)),
      ]),
      ...[node, blocksNodeId(node)].flatMap((id) => [subscribe(`${at}/NCMD/${id}`), subscribe(`${at}/DCMD/${id}/+`)]),
      subscribe(`${STATE}/+`),
    ],
  })
  const host = (user: string): Rights => ({
    user,
    rules: [
      subscribe(`${at}/#`),
      subscribe(`${STATE}/+`),
      publish(`${STATE}/${user}`),
      publish(`${at}/NCMD/+`),
      publish(`${at}/DCMD/+/+`),
      subscribe(health),
      publish(user === ingestUser(site) ? health : noticeTopic(site, '#')),
    ],
  })
  return [...nodes.map(edge), host(ingestUser(site)), host(deskUser(site))]
}

export const mosquittoAcl = (rights: readonly Rights[]): string =>
  rights
    .map(({ user, rules }) =>
      [
        `user ${user}`,
        ...rules.map(({ may, topic }) => `topic ${may === 'publish' ? 'write' : 'read'} ${topic}`),
        '',
      ].join('\n'),
    )
    .join('\n')

/** Mosquitto 2.0's own form: PBKDF2 of SHA-512, `$7$iterations$salt$hash` (mosquitto_passwd(1)). */
const ITERATIONS = 101
export function mosquittoPasswords(passwords: Passwords): string {
  const line = ([user, password]: readonly [string, string]) => {
    const salt = randomBytes(12)
    const hash = pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512')
    return `${user}:$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}\n`
  }
  return [...passwords].map(line).join('')
}

export const emqxUsers = (passwords: Passwords): string =>
  ['user_id,password,is_superuser', ...[...passwords].map(([user, password]) => `${user},${password},false`), ''].join(
    '\n',
  )

export function emqxAcl(rights: readonly Rights[]): string {
  const terms = rights.flatMap(({ user, rules }) =>
    (['publish', 'subscribe'] as const).map((may) => {
      const topics = rules.filter((rule) => rule.may === may).map(({ topic }) => `"${topic}"`)
      return `{allow, {user, "${user}"}, ${may}, [${topics.join(', ')}]}.`
    }),
  )
  return [...terms, '{deny, all}.', ''].join('\n')
}
