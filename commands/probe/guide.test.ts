/** docs/guides/add-a-model.md: its model passes the check, and its cases read what they say. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodePoint } from '../../edge/decode.ts'
import { readCases } from '../../models/cases.ts'
import { readModel } from '../../models/load.ts'
import { readOptions } from './options.ts'

type Expected = { value?: number; flag: number; reason?: string }

const guide = await readFile(join(import.meta.dirname, '../../docs/guides/add-a-model.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((match) => match[1]!)

test('the model of the guide is right, and its cases are read from it as they say', () => {
  const [model, cases] = blocks('yaml')
  const read = readModel(model!, 'example-gauge')
  if (!('model' in read)) throw new Error(JSON.stringify(read.mistakes))
  const points = read.model.points!
  expect(points.map((point) => point.address)).toEqual([6, 8])
  for (const { case: name, registers, expect: expected } of readCases(cases!, 'add-a-model.md'))
    for (const [metric, reading] of Object.entries(expected as unknown as Record<string, Expected>)) {
      const point = points.find((p) => p.metric === metric)!
      const got = decodePoint(point, (address) => registers[address]!)
      expect([got.flag, got.reason], `${name}: ${metric}`).toEqual([reading.flag, reading.reason])
      if (reading.value === undefined) expect(got.value, name).toBeNull()
      else expect(got.value, name).toBeCloseTo(reading.value, 6)
    }
})

test('its command lines are understood', () => {
  const lines = blocks('sh')
    .join('')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('./plumbline probe'))
  expect(lines.length).toBe(6)
  for (const line of lines) expect(() => readOptions(line.trim().split(/\s+/).slice(2)), line).not.toThrow()
})
