/** The table of commands: each is what its name says, and help tells of all. */
import { expect, test } from 'vitest'
import { commands } from './index.ts'

test('every name loads the command of that name, with a usage that begins with it and a summary', async () => {
  for (const [name, load] of commands) {
    const command = await load()
    expect(command.name).toBe(name)
    expect(command.usage).toMatch(new RegExp(`^\\./plumbline ${name}\\b`))
    expect(command.summary).not.toBe('')
  }
})
test('no service is left out', async () => {
  const { services } = await import('./services.ts')
  for (const { name } of services) expect([...commands.keys()]).toContain(name)
})
