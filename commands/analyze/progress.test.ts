import { expect, test } from 'vitest'
import { inputsOf } from './inputs.ts'
import { Progress } from './progress.ts'
import { beside, isBeside } from './test/records.ts'

const stream = (isTTY: boolean, columns = 60) => {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

test('on a terminal one line grows and is cleared; it never wraps', () => {
  const out = stream(true, 50)
  const progress = new Progress(4, out)
  progress.show(0, 'a.csv')
  progress.show(2, 'folder/with/a/very/long/name/that/goes/on.csv')
  progress.clear()
  expect(out.written[0]).toBe('\r\x1b[K[........................] 0/4 a.csv')
  expect(out.written[1]).toContain(`\r\x1b[K[${'#'.repeat(12)}${'.'.repeat(12)}] 2/4 folder`)
  expect(out.written[1]!.length).toBeLessThanOrEqual('\r\x1b[K'.length + 49)
  expect(out.written[2]).toBe('\r\x1b[K')
})
test('where nobody looks it says nothing', () => {
  const out = stream(false)
  new Progress(4, out).show(1, 'a.csv')
  expect(out.written).toEqual([])
})
test.skipIf(!isBeside('knet-2018-aomori'))('in a folder the three K-NET files of a sensor are one record', async () => {
  const { records, skipped } = await inputsOf([beside('knet-2018-aomori')])
  expect(records.map((r) => r.length)).toEqual([3, 1])
  expect(skipped).toEqual(['README.md'])
})
