import { afterEach, expect, test } from 'vitest'
import type { JournalEntryJson } from '../domain/alarm.ts'
import { Client, TestDesks } from './testing.ts'
import { testSite } from './testing-site.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

test('a desk that starts on another site file journals from which to which, once', async () => {
  const dataDir = await desks.folder()
  const site = testSite()
  const changed = { ...site, hash: 'f'.repeat(64) }
  let entries: JournalEntryJson[] = []
  for (const runs of [site, site, changed, changed]) {
    const desk = await desks.start({ dataDir, site: runs })
    entries = (
      (await new Client(desk.url).get('/api/v1/journal?kind=config&limit=100')).body as { entries: JournalEntryJson[] }
    ).entries
    await desk.service.stop()
    if (runs === site) expect(entries).toEqual([])
  }
  expect(entries).toMatchObject([{ actor: 'desk', body: { what: 'site-file', from: site.hash, to: changed.hash } }])
})
