/** What a person may type; what the node makes of it is `rehearsals/outputs.test.ts`. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { silence, write } from './field.ts'
import { TOP } from './load-site.ts'

const AT = ['--site', join(TOP, 'site.example.yaml'), '--data', '/nowhere']

describe('write and silence', () => {
  test.each([
    [write, [], 'USAGE: expected 2 words, got 0'],
    [write, ['gate', '1'], 'USAGE: expected DEVICE/METRIC, got "gate"'],
    [write, ['/opening', '1'], 'USAGE: expected DEVICE/METRIC, got "/opening"'],
    [write, ['gate/opening', 'open'], 'USAGE: VALUE: expected a number, got "open"'],
    [write, ['gate/opening', ''], 'USAGE: VALUE: expected a number, got ""'],
    [write, ['gate/opening', 'Infinity'], 'USAGE: VALUE: expected a number, got "Infinity"'],
    [silence, [], 'USAGE: expected 1 words, got 0'],
  ] as const)('%s %j is refused before the desk is asked', async (command, words, message) => {
    await expect(command.run([...words, ...AT])).rejects.toThrow(message)
  })

  test('need the site', async () => {
    await expect(silence.run(['siren'])).rejects.toThrow('USAGE: --site is missing')
  })

  test('that are right ask the desk of the data folder; a negative value stands behind --', async () => {
    await expect(write.run([...AT, '--', 'gate/tilt', '-0.5'])).rejects.toThrow('DESK_UNAVAILABLE: /nowhere')
  })
})
