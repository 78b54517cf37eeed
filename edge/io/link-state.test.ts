import { afterEach, expect, test } from 'vitest'
import { clock, open, overTcp, PlainServer } from './testing-modbus.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

test('a link says whether it could be reached, since when, and how often it connected', async () => {
  const plain = new PlainServer()
  const served = await overTcp(plain)
  const link = open(served.link)
  cleanups.push(() => link.close())
  const read = () =>
    link.readRegisters(1, 'holding', 0, 1).then(
      () => true,
      () => false,
    )
  expect(link.state!()).toEqual({ up: false, changed_ns: undefined, connections: 0 })
  const before = clock.now()
  expect(await read()).toBe(true)
  const first = link.state!()
  expect(first).toMatchObject({ up: true, connections: 1 })
  expect(first.changed_ns! >= before && first.changed_ns! <= clock.now()).toBe(true)
  expect(await read()).toBe(true)
  expect(link.state!()).toEqual(first)
  await served.close()
  // The line that broke is noticed by one request, that nobody is there by the next.
  for (let i = 0; i < 3 && link.state!().up; i++) await read()
  const down = link.state!()
  expect(down).toMatchObject({ up: false, connections: 1 })
  expect(down.changed_ns! > first.changed_ns!).toBe(true)
  await read()
  expect(link.state!().changed_ns).toBe(down.changed_ns)
})
