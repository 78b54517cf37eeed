/**
 * `secrets init`: makes the secrets that containers and brokers of a site need, each as a file of its own and each by chance;
 * what is there already stays. The values are shown nowhere.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deskUser, ingestUser } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { emqxAcl, emqxUsers, mosquittoAcl, mosquittoPasswords, rightsOf } from '../runtime/broker-files.ts'
import { operatingError } from '../runtime/file-errors.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

const FOLDER = 'secrets'
/** The folder is the owner's alone; a container, which is another user, reads the one file that is mounted into it. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o444

/** 192 bits that can stand in any file, header or address. */
const chance = (): string => randomBytes(24).toString('base64url')

export const secrets: Command = {
  name: 'secrets',
  summary: 'make the secrets of a site for containers and brokers, as files; what is there stays',
  usage: './plumbline secrets init --site … [--to secrets]',
  run: async (args) => {
    const { flags, words } = readFlags(secrets, args, { site: 'text', to: 'text' }, { min: 1, max: 1 })
    if (words[0] !== 'init' || flags.site === undefined)
      throw new PlumblineError('USAGE', `expected init and --site; usage: ${secrets.usage}`)
    const { file } = await readSite(flags.site)
    const folder = flags.to ?? FOLDER
    const nodes = file.nodes.map(({ id }) => id)
    const made = await makeSecrets(folder, file.site, nodes)
    for (const { name, isNew } of made) process.stdout.write(`${join(folder, name)}: ${isNew ? 'made' : 'kept'}\n`)
    process.stdout.write(`Sign in at the desk as admin, with the second line of ${join(folder, 'desk-first-user')}.\n`)
    return 0
  },
}

export type Made = { readonly name: string; readonly isNew: boolean }

/** @throws PlumblineError DATA_READ_ONLY, DATA_FULL */
export async function makeSecrets(folder: string, site: string, nodes: readonly string[]): Promise<Made[]> {
  const made: Made[] = []
  const keep = async (name: string, make: () => string): Promise<string> => {
    const path = join(folder, name)
    const there = await readFile(path, 'utf8').catch(() => undefined)
    const text = there ?? make()
    if (there === undefined) await writeFile(path, text, { mode: FILE_MODE, flag: 'wx' })
    made.push({ name, isNew: there === undefined })
    return text
  }
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    // The prefix is what InfluxDB 3 expects of a token; 2.x takes any text.
    const token = await keep('influxdb-token', () => `apiv3_${chance()}${chance()}`)
    await keep('influxdb3-admin-token.json', () => `${JSON.stringify({ token, name: '_admin' })}\n`)
    for (const name of ['influxdb-admin-password', 'grafana-admin-password', 'emqx-cookie']) await keep(name, chance)
    // The desk makes it (`./plumbline tokens`): until somebody puts it here, Grafana is refused there and nothing else.
    await keep('grafana-desk-token', () => 'none\n')
    await keep('desk-first-user', () => `admin\n${chance()}\n`)
    const passwords = new Map<string, string>()
    for (const node of nodes) passwords.set(node, await keep(`mqtt-${node}`, chance))
    passwords.set(ingestUser(site), await keep('mqtt-ingest', chance))
    passwords.set(deskUser(site), await keep('mqtt-desk', chance))
    const rights = rightsOf(site, nodes)
    const derived = {
      'mosquitto-passwords': mosquittoPasswords(passwords),
      'mosquitto-acl': mosquittoAcl(rights),
      'emqx-users.csv': emqxUsers(passwords),
      'emqx-acl.conf': emqxAcl(rights),
    }
    for (const [name, text] of Object.entries(derived)) made.push(await derive(folder, name, text))
    return made
  } catch (error) {
    throw operatingError(error, folder)
  }
}

/** Follows from the site and the passwords, so it is made anew: a node that was added is in it. */
async function derive(folder: string, name: string, text: string): Promise<Made> {
  const path = join(folder, name)
  await rm(path, { force: true })
  await writeFile(path, text, { mode: FILE_MODE })
  return { name, isNew: true }
}
