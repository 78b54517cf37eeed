import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SCENARIOS } from './known-scenarios.ts'

test('every scenario that ships is offered, and no other', async () => {
  const files = await readdir(join(import.meta.dirname, '../../../../firmware-sim/scenario/library'))
  const names = files.filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length))
  expect([...SCENARIOS]).toEqual(names.sort())
})
