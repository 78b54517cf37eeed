/**
 * Rows `store-size` and `store-query`: what the embedded store needs on disk, and how fast it answers through its reader's
 * thread, as the desk asks it.
 */
import { DatabaseSync } from 'node:sqlite'
import { addNs, NS_PER_S } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from '../store/embedded.ts'
import { AXES, FilledStore, jitteredReading, type MakeReading, RATE_HZ, reading, T0, timed } from './filled-store.ts'
import { median, type Row } from './row.ts'

const RUNS = 21
const DAY_S = 86_400
const DEVICES = 20

const sizesOf = (
  fill: (store: FilledStore) => Promise<number>,
): Promise<{ readonly used: number; readonly file: number }> =>
  FilledStore.run(async (store) => {
    const samples = await fill(store)
    await store.close()
    const { used, file } = await store.bytes()
    return { used: used / samples, file: file / samples }
  })
const sizeOf = async (fill: (store: FilledStore) => Promise<number>): Promise<number> => (await sizesOf(fill)).file

/**
 * Scalars as they come, sealed hour by hour. Of the last hour, which stays open, nothing is counted: the difference of two
 * lengths is what each further hour needs, rollups included.
 */
async function sealedSize(reading: MakeReading): Promise<{ readonly used: number; readonly file: number }> {
  const after = (hours: number) =>
    sizesOf(async (store) => {
      for (let hour = 0; hour < hours; hour++) {
        await store.readings(SCALARS, 3600, hour * 3600, reading)
        await store.seal()
      }
      return 1
    })
  const [short, long] = [await after(3), await after(9)]
  const samples = SCALARS * 6 * 3600
  return { used: (long.used - short.used) / samples, file: long.file / (SCALARS * 9 * 3600) }
}

const SECONDS = 600
const SCALARS = 20
const SAMPLES = DEVICES * SECONDS * RATE_HZ * AXES.length

export const storeSize: Row = {
  id: 'store-size',
  what: `bytes on disk per sample: int16 blocks of ${DEVICES} three-axis ${RATE_HZ} Hz devices, bare and with rollups; 1 Hz scalars of millimetres, sealed, with their rollups`,
  unit: 'B/sample',
  target: '<= 2.5 blocks, <= 3.0 with rollups, <= 6 sealed scalars',
  measure: async () => {
    const bare = await sizeOf(async (store) => {
      await store.blocks(DEVICES, SECONDS)
      return SAMPLES
    })
    const rolled = await sizeOf(async (store) => {
      await store.blocks(DEVICES, SECONDS)
      await store.rollUp()
      return SAMPLES
    })
    const scalars = await sealedSize(reading)
    const jittered = await sealedSize(jitteredReading)
    return {
      runs: [bare],
      holds: (size) => size <= 2.5 && rolled <= 3 && scalars.used <= 6,
      beside: {
        'with rollups': rolled,
        'sealed scalars': scalars.used,
        'sealed float32 scalars, jitter to the ns': jittered.used,
        'whole file after 9 h of scalars, open hour and free room included': scalars.file,
      },
    }
  },
}

export const storeQuery: Row = {
  id: 'store-query',
  what: 'latest of 1,000 channels; beside it 24 h of 1 Hz to 1,000 columns, and 60 s of raw three-axis 200 Hz',
  unit: 'ms',
  target: '<= 5, <= 60, <= 5 ms',
  measure: () =>
    FilledStore.run(async (store) => {
      await store.readings(1, DAY_S)
      await store.readings(1000, 300)
      await store.blocks(2, 600)
      await store.seal()
      const reader = openSeriesReader(store.folder, silentLog)
      const [day, minute] = [BigInt(DAY_S), 60n].map((s) => addNs(T0, s * NS_PER_S)) as [typeof T0, typeof T0]
      const latest = await timed(RUNS, () => reader.latest())
      const plain = await timed(RUNS, plainTable(DAY_S, 1000))
      const columns = await timed(RUNS, () => reader.series('gauge-0/stage', T0, day, 1000))
      const raw = await timed(RUNS, () => reader.blocks('a1', 'acceleration', T0, minute))
      const year = await timed(RUNS, () => reader.series('gauge-0/stage', T0, day, 24))
      await reader.close()
      return {
        runs: latest,
        holds: (ms) => ms <= 5 && median(columns) <= 60 && median(raw) <= 5,
        beside: {
          '24 h to 1,000 columns': median(columns),
          'the same by SQL from a plain table': median(plain),
          '60 s raw': median(raw),
          '24 h to 24 columns, from rollups': median(year),
        },
      }
    }),
}

/** The naive store: one row a reading, grouped into columns by SQL in the asking thread. */
function plainTable(seconds: number, columns: number): () => Promise<readonly unknown[]> {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE reading (channel TEXT, t_ms INTEGER, value REAL, PRIMARY KEY (channel, t_ms)) WITHOUT ROWID')
  const insert = db.prepare('INSERT INTO reading VALUES (?, ?, ?)')
  const channel = 'gauge-0/stage'
  db.exec('BEGIN')
  for (let s = 0; s < seconds; s++) insert.run(channel, s * 1000, reading(channel, s).value)
  db.exec('COMMIT')
  const ask =
    db.prepare(`SELECT CAST(t_ms / ?2 AS INTEGER) AS c, min(value), avg(value), max(value), count(*) FROM reading
    WHERE channel = ?1 GROUP BY c`)
  return async () => ask.all(channel, (seconds * 1000) / columns)
}
