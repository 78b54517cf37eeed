/** The commands against a desk that runs: what a person types and reads, and what the journal says about it. */
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Client, signedIn, TestDesks } from '../desk/testing.ts'
import { readSite, TOP } from './load-site.ts'
import { tokens, users } from './users.ts'

const SITE = join(TOP, 'site.example.yaml')
const desks = new TestDesks()
afterEach(() => desks.end())

async function running() {
  const data = await desks.folder()
  const desk = await desks.start({ site: await readSite(SITE), dataDir: data })
  const run = async (command: typeof users, ...args: string[]): Promise<string> => {
    const written: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text))
      return true
    })
    try {
      expect(await command.run([...args, '--site', SITE, '--data', data])).toBe(0)
    } finally {
      spy.mockRestore()
    }
    return written.join('')
  }
  return { run, desk }
}

describe('users', () => {
  test('invite, list, role, disable, reset, remove, by whoever may read the folder', async () => {
    const { run, desk } = await running()
    expect(await run(users, 'list')).toContain('nobody yet')
    const mei = await signedIn(desk)
    const said = await run(users, 'invite', 'Lin Yi-chen', '--role', 'operator')
    expect(said).toContain(`${desk.url}/#/invitation?token=`)
    const token = /token=(\S+)/.exec(said)![1]
    const lin = new Client(desk.url)
    await lin.post('/api/v1/invitation', { token, passphrase: 'lin says so' })
    expect((await lin.get('/api/v1/session')).body).toMatchObject({ user: { name: 'Lin Yi-chen', role: 'operator' } })
    expect(await run(users, 'role', 'Lin Yi-chen', '--role', 'engineer')).toMatch(/^Lin Yi-chen +engineer +may sign in/)
    expect(await run(users, 'disable', 'Lin Yi-chen')).toMatch(/disabled/)
    expect(await run(users, 'enable', 'Lin Yi-chen')).toMatch(/may sign in/)
    expect(await run(users, 'reset', 'Mei'), 'the last admin, from this machine').toContain('/#/invitation?token=')
    expect((await mei.get('/api/v1/session')).body).toMatchObject({ user: null })
    expect(await run(users, 'remove', 'Lin Yi-chen')).toBe('Lin Yi-chen is removed\n')
    const { entries } = (await new Client(desk.url).get('/api/v1/journal')).body as {
      entries: Array<{ kind: string; actor: string }>
    }
    const actors = entries.filter(({ kind }) => kind === 'user').map(({ actor }) => actor)
    expect(new Set(actors)).toEqual(new Set([expect.stringMatching(/^local:./)]))
    expect(actors).toHaveLength(6)
  })

  test.each([
    [['invite', 'Lin'], /--role: expected viewer, operator, engineer, admin, got ""/],
    [['invite', 'Lin', '--role', 'owner'], /--role: expected viewer/],
    [['invite'], /invite takes a name/],
    [['list', 'Lin'], /list takes no name/],
    [['disable', 'Lin', '--role', 'viewer'], /--role does not belong to disable/],
    [['promote', 'Lin'], /expected list, invite, role, disable, enable, reset, remove, got "promote"/],
    [['remove', 'Nobody'], /there is no user Nobody/],
  ])('%j is refused with what was expected', async (args, message) => {
    const { run } = await running()
    await expect(run(users, ...args)).rejects.toThrow(message)
  })
})

describe('tokens', () => {
  test('make shows the secret once; list does not; revoke ends it', async () => {
    const { run, desk } = await running()
    expect(await run(tokens, 'list')).toBe('there are no tokens\n')
    const made = await run(tokens, 'make', 'prometheus', '--role', 'viewer', '--days', '30')
    const secret = /^plumbline_\S+$/m.exec(made)![0]
    const asked = () => new Client(desk.url).get('/api/v1/simulator', { authorization: `Bearer ${secret}` })
    expect((await asked()).status, 'no simulator, but let in').toBe(503)
    const listed = await run(tokens, 'list')
    expect(listed).toMatch(/prometheus +viewer/)
    expect(listed).not.toContain(secret.slice(-43))
    await run(tokens, 'revoke', listed.split(' ')[0]!)
    expect((await asked()).status).toBe(401)
  })
})
