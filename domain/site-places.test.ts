import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadShippedModels } from '../models/load.ts'
import { loadSite } from './site-load.ts'
import { limitPlaces } from './site-places.ts'

const path = join(import.meta.dirname, '..', 'site.example.yaml')
const text = readFileSync(path, 'utf8')

test('every limit of the example site is shown where the file says it, line for line', async () => {
  const known = { models: await loadShippedModels(), recordings: new Set(['jma-yonago-2000', 'usgs-dead-run-2018']) }
  const loaded = loadSite(text, path, known, () => undefined)
  if (!('site' in loaded)) throw new Error('not right')
  const { site } = loaded
  const lines = text.split('\n')
  const places = limitPlaces(text, site)
  for (const { id } of site.file.limits) {
    const { line, text: entry } = places.get(id)!
    expect(lines[line - 1]!.trim(), id).toMatch(new RegExp(`id: ${id}$`))
    expect(entry.split('\n')[0], id).toContain(`id: ${id}`)
    expect(entry).toContain('deadband:')
    expect(entry.match(/\bid:/g), 'this entry only').toHaveLength(1)
    for (const [i, row] of entry.split('\n').entries()) expect(lines[line - 1 + i]).toContain(row)
  }
  // Nobody writes it: its device is what it comes from.
  const fault = site.limits.find(({ id }) => id.startsWith('fault-dead-run'))!
  expect(places.get(fault.id)!.text).toContain('model: sim-stage-gauge')
})

test('entries in one line, and what stands nowhere', () => {
  const yaml = [
    'limits:',
    '  - { id: a, name: A, channel: g/stage, above: 1 } # a note',
    '  -',
    '    id: b',
    '    above: 2',
    '',
    'alarms:',
    '  k_of_n:',
    '  - id: both',
    '    limits: [a, b]',
    'nodes: []',
  ].join('\n')
  const file = { limits: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], alarms: { k_of_n: [{ id: 'both' }] }, nodes: [] }
  const places = limitPlaces(yaml, { file, limits: [] } as never)
  expect(Object.fromEntries(places)).toEqual({
    a: { line: 2, text: '- { id: a, name: A, channel: g/stage, above: 1 } # a note' },
    b: { line: 4, text: 'id: b\nabove: 2' },
    both: { line: 9, text: '- id: both\n  limits: [a, b]' },
  })
})
