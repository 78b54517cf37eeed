import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { cacheKiB, PageCache } from './page-cache.ts'

test('a page for each channel beside what SQLite keeps anyway, up to 28 MiB', () => {
  expect([0, 1, 256, 257, 6000, 1e6].map(cacheKiB)).toEqual([2000, 3024, 3024, 4048, 26_576, 28_672])
})

test('a file gets its room as its channels come, and keeps it', () => {
  const db = new DatabaseSync(':memory:')
  const kept = () => db.prepare('PRAGMA main.cache_size').get()
  const pages = new PageCache(db, 'main')
  pages.makeRoomFor(1000)
  expect(kept()).toEqual({ cache_size: -6096 })
  pages.makeRoomFor(10)
  expect(kept()).toEqual({ cache_size: -6096 })
  db.exec('BEGIN')
  pages.makeRoomFor(6000)
  db.exec('ROLLBACK')
  expect(kept()).toEqual({ cache_size: -26_576 })
  db.close()
})
