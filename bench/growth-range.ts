/** Row `growth-range`: how the time of a question to the embedded store grows with its range, drawn in 1,000 columns. */
import { addNs, NS_PER_S } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from '../store/embedded.ts'
import { FilledStore, T0, timed } from './filled-store.ts'
import { measuredGrowth } from './growth.ts'
import type { Row } from './row.ts'

const COLUMNS = 1000
const RUNS = 5
const RANGES_S = { '1 min': 60, '1 h': 3600, '1 d': 86_400, '30 d': 30 * 86_400 }
const SECONDS = Math.max(...Object.values(RANGES_S))
const EXPONENT_MAX = 1.1
const [ROLLUPS, POINTS] = ['ms, with rollups', 'ms, points alone']

export const growthRange: Row = {
  id: 'growth-range',
  what: `${Object.keys(RANGES_S).join(', ')} of 1 Hz to ${COLUMNS.toLocaleString('en')} columns from the embedded store, sealed and with rollups: exponent over the range; judged too from the points as they came`,
  unit: 'exponent',
  target: `<= ${EXPONENT_MAX}, the last step too`,
  measure: () =>
    FilledStore.run(async (store) => {
      await store.readings(1, SECONDS)
      // Hours that were written to since their rollup was made are read from points.
      const points = await ask(store, 3)
      await store.seal()
      const costs = { [ROLLUPS]: await ask(store, RUNS), [POINTS]: points }
      const [sizes, names] = [Object.values(RANGES_S), Object.keys(RANGES_S)]
      return measuredGrowth({ of: 'range', sizes, names, costs, counts: ROLLUPS, alsoCount: [POINTS] }, EXPONENT_MAX)
    }),
}

/** Milliseconds of each run, for each range; each ends with the newest reading, as a page that was opened now. */
async function ask(store: FilledStore, runs: number): Promise<number[][]> {
  const reader = openSeriesReader(store.folder, silentLog)
  const to = addNs(T0, BigInt(SECONDS) * NS_PER_S)
  try {
    const out: number[][] = []
    for (const range_s of Object.values(RANGES_S)) {
      const from = addNs(to, -BigInt(range_s) * NS_PER_S)
      out.push(await timed(runs, () => reader.series('gauge-0/stage', from, to, COLUMNS)))
    }
    return out
  } finally {
    await reader.close()
  }
}
