import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadRecording, RECORDING_NAMES } from './load.ts'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter(
  (e) => e.isDirectory() && e.name !== 'test',
)

describe('the catalogue of recordings', () => {
  test('names every folder and nothing else', () => {
    expect([...RECORDING_NAMES].sort()).toEqual(folders.map((f) => f.name).sort())
  })

  test.each([...RECORDING_NAMES])(
    '%s loads under its name and says where it comes from, under which licence',
    async (name) => {
      const recording = await loadRecording(name)
      expect(recording.name).toBe(name)
      expect(recording.source).not.toBe('')
      const readme = join(import.meta.dirname, name, 'README.md')
      expect(existsSync(readme)).toBe(true)
      for (const word of ['**Source**', '**Licence and attribution**', '**Units**'])
        expect(readFileSync(readme, 'utf8')).toContain(word)
    },
  )

  test('says which names there are when one is not among them', async () => {
    await expect(loadRecording('../secrets')).rejects.toThrow(
      'RECORDING_INVALID: recordings/: expected one of jma-yonago-2000, usgs-dead-run-2018, got "../secrets"',
    )
  })
})
