import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PointSink, SeriesPoint } from '../../domain/ports.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { NewEntry } from '../alarm.ts'
import { Places } from '../event-points.ts'
import { at, testSite } from '../testing-site.ts'
import { CURSOR_FILE, EventExport } from './event-export.ts'
import { type Journal, openJournal } from './journal.ts'

/** A store by key, as InfluxDB is one; it can be away, and can lose its answer after it has taken the points. */
class Sink implements PointSink {
  readonly points = new Map<string, SeriesPoint>()
  writes = 0
  away = false
  answerLost = false
  refusing: (point: SeriesPoint) => boolean = () => false

  async write(points: readonly SeriesPoint[]) {
    this.writes++
    if (this.away) throw new Error('away')
    const refused = points.filter(this.refusing)
    for (const point of points)
      if (!refused.includes(point)) this.points.set(`${JSON.stringify(point.tags)} ${point.t_ns}`, point)
    if (this.answerLost) throw new Error('no answer')
    return refused.map((point) => ({ point, why: 'beyond retention' }))
  }
  async close() {}
  seqs = () => [...this.points.values()].map(({ fields }) => Number(fields['seq'])).sort((a, b) => a - b)
}

const note = (n: number, kind: NewEntry['kind'] = 'comment'): NewEntry => ({
  ...{ at_ns: String(at(0)), kind, alarm: 'north:creek-red', occurrence: 1, actor: 'Mei' },
  ...{ body: { text: `note ${n}` }, dedupe: null },
})
const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('the journal as events', () => {
  let folder: string
  let journal: Journal
  let sink: Sink
  const running: EventExport[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'export-'))
    journal = await openJournal(folder)
    sink = new Sink()
  })
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop()
    await journal.close()
    await rm(folder, { recursive: true })
  })
  const start = async (): Promise<EventExport> => {
    const site = testSite()
    const one = new EventExport({
      ...{ site: 'yard', folder, journal, sink, places: new Places(site), about: () => undefined },
      clock: new SystemClock(),
      log: silentLog,
    })
    running.push(one)
    await one.start()
    return one
  }
  const cursorFile = async () => JSON.parse(await readFile(join(folder, CURSOR_FILE), 'utf8')) as unknown

  test('every row is there once, in several requests, and the cursor is on disk', async () => {
    await journal.append(
      range(1234).map((n) => note(n)),
      [],
    )
    const exporting = await start()
    await expect.poll(() => exporting.cursor).toBe(1234)
    expect(sink.seqs()).toEqual(range(1234))
    expect(await cursorFile()).toEqual({ seq: 1234 })
  })

  test('rows that are written meanwhile follow at once', async () => {
    const exporting = await start()
    for (const n of range(5)) for (const { seq } of await journal.append([note(n)], [])) exporting.wrote(seq)
    await expect.poll(() => sink.seqs()).toEqual(range(5))
    // The cursor is on disk a moment after the store has the rows.
    await expect.poll(() => exporting.behind).toBe(0)
  })

  test('killed between the store and the cursor: rows go again, none is doubled and none left out', async () => {
    await journal.append(
      range(3).map((n) => note(n)),
      [],
    )
    sink.answerLost = true
    const killed = await start()
    await expect.poll(() => sink.writes).toBe(1)
    await killed.stop()
    expect(sink.seqs()).toEqual(range(3))
    expect(killed.cursor).toBe(0)
    sink.answerLost = false
    await journal.append([note(4)], [])
    const again = await start()
    await expect.poll(() => again.cursor).toBe(4)
    expect(sink.seqs()).toEqual(range(4))
  })

  test('while the store is away rows wait in the journal, and go when it is back', async () => {
    sink.away = true
    const exporting = await start()
    for (const { seq } of await journal.append([note(1), note(2)], [])) exporting.wrote(seq)
    await expect.poll(() => sink.writes).toBeGreaterThan(0)
    expect(exporting.behind).toBe(2)
    sink.away = false
    await expect.poll(() => sink.seqs(), { timeout: 10_000 }).toEqual(range(2))
  })

  test('a row that the store will never take is counted and holds up no other', async () => {
    sink.refusing = ({ fields }) => fields['seq'] === 2n
    await journal.append(
      range(3).map((n) => note(n)),
      [],
    )
    const exporting = await start()
    await expect.poll(() => exporting.cursor).toBe(3)
    expect(sink.seqs()).toEqual([1, 3])
    expect(exporting.refused).toBe(1)
  })

  test('sign-ins are passed over, and the cursor with them', async () => {
    await journal.append([note(1, 'session'), note(2, 'session')], [])
    const exporting = await start()
    await expect.poll(() => exporting.cursor).toBe(2)
    expect(sink.writes).toBe(0)
  })

  test('a cursor that cannot be read, or is ahead of a restored journal, begins anew', async () => {
    await journal.append([note(1), note(2)], [])
    for (const cursor of ['nonsense', '{"seq":99}']) {
      sink.points.clear()
      await writeFile(join(folder, CURSOR_FILE), cursor)
      const exporting = await start()
      await expect.poll(() => exporting.cursor).toBe(2)
      expect(sink.seqs()).toEqual([1, 2])
      await exporting.stop()
    }
  })
})
