import { describe, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { Service } from '../domain/ports.ts'
import { createLog } from '../runtime/log.ts'
import { reload } from './reload.ts'

const site = { hash: 'new' } as Site
const idle = { start: async () => {}, stop: async () => {} }
function told() {
  const lines: string[] = []
  return { lines, log: createLog({ write: (line) => lines.push(line), pretty: false }) }
}

describe('reading the site file again', () => {
  test('gives it to every service that can take it over, and names those that cannot', async () => {
    const { lines, log } = told()
    const taken: string[] = []
    const able = (name: string): Service => ({
      name,
      ...idle,
      apply: async ({ hash }) => void taken.push(`${name} ${hash}`),
    })
    await reload(async () => site, [able('edge n1'), { name: 'desk', ...idle }, able('edge n2')], log)
    expect(taken).toEqual(['edge n1 new', 'edge n2 new'])
    expect(lines).toEqual([expect.stringContaining('"service":"desk"')])
  })

  test('refuses a wrong file with everything that is wrong in it; nothing is given on', async () => {
    const { lines, log } = told()
    const edge: Service = { name: 'edge', ...idle, apply: () => Promise.reject(new Error('must not be asked')) }
    const wrong = new PlumblineError('SITE_INVALID', '2 mistakes in site.yaml\n  line 3: one\n  line 9: two')
    await reload(() => Promise.reject(wrong), [edge], log)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/refused.*line 3: one.*line 9: two/)
  })

  test('tells which service refused it, and asks the others', async () => {
    const { lines, log } = told()
    let asked = 0
    const no: Service = {
      name: 'edge a',
      ...idle,
      apply: () => Promise.reject(new PlumblineError('NODE_UNKNOWN', 'gone')),
    }
    const yes: Service = { name: 'edge b', ...idle, apply: async () => void asked++ }
    await reload(async () => site, [no, yes], log)
    expect(asked).toBe(1)
    expect(lines[0]).toMatch(/"service":"edge a".*gone/)
  })
})
