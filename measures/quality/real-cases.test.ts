/**
 * Two false readings from the field. Excerpts: DEFRA flood-app test data (Environment Agency telemetry, Open Government Licence
 * v3.0, © Defra) and ioos_qc's example of Kotzebue, Alaska (Apache-2.0). Whole files are used where they lie beside the project.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { instant } from '../../domain/time.ts'
import { ChannelQuality, judgeSeries } from './channel-quality.ts'
import { combineSeries, countFlags } from './combine.ts'
import { grossRange } from './gross-range.ts'
import { rateOfChange } from './rate-of-change.ts'
import { spike } from './spike.ts'

const DATA = join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const seconds = (time: string) => Date.parse(time) / 1000

describe('flood-ea-spike-2020: a tidal level that ends in 1000 m', () => {
  // 2020-10-13, every 15 min from 13:00Z to 16:00Z; the last one was 1.213 m in truth.
  const t = Array.from({ length: 13 }, (_, i) => seconds('2020-10-13T13:00:00Z') + 900 * i)
  const real = [0.547, 0.652, 0.754, 0.839, 0.94, 1.045, 1.13, 1.215, 1.287, 1.2, 1.346, 1.327, 1.213]
  const told = [...real.slice(0, 12), 1000]
  /** The Environment Agency drops readings above 300 m. */
  const range = { fail: [-50, 300] } as const

  test('the gross range fails it at once; the spike test cannot yet, it is the newest', () => {
    expect(grossRange(told, range).indexOf(4)).toBe(12)
    expect(spike(t, told, { suspect: 0.5, fail: 2 })[12]).toBe(2)
    expect(spike(t, told, { suspect: 0.5, fail: 2 }).slice(1, 12)).toEqual(new Array(11).fill(1))
  })
  test('as a stream it is failed as it arrives, and the good level after it is not blamed', () => {
    const channel = new ChannelQuality({
      grossRange: range,
      spike: { suspect: 0.5, fail: 2 },
      rateOfChange: { suspect: 1 / 900 },
    })
    const push = (i: number, value: number) =>
      channel.push({ t_ns: instant(BigInt(t[0]! + 900 * i) * 1_000_000_000n), value }).now
    for (let i = 0; i < 12; i++) expect(push(i, told[i]!).flag).toBe(1)
    expect(push(12, 1000)).toMatchObject({ flag: 4, test: 'grossRange' })
    expect(push(13, 1.1)).toMatchObject({ flag: 1 })
  })

  test.skipIf(!existsSync(join(DATA, 'flood-ea-spike-2020')))(
    'whole files: 479 readings remain of the spike file, 480 of the clean one; second highest 1.346 m, lowest −0.933 m',
    () => {
      const load = (file: string) => {
        const rows = JSON.parse(readFileSync(join(DATA, 'flood-ea-spike-2020', file), 'utf8')) as Array<{
          ts: string
          _: number
        }>
        return rows.reverse().map((row) => [seconds(row.ts), row._] as const)
      }
      for (const [file, kept] of [
        ['spikeTelem.json', 479],
        ['nonSpikeTelem.json', 480],
      ] as const) {
        const rows = load(file)
        const flags = judgeSeries(
          rows.map(([at]) => at),
          rows.map(([, x]) => x),
          { grossRange: range, spike: { suspect: 0.5, fail: 2 } },
        )
        const good = rows.filter((_, i) => flags[i]!.flag === 1).map(([, x]) => x)
        expect(good).toHaveLength(kept)
        expect([Math.max(...good), Math.min(...good)]).toEqual([1.346, -0.933])
        expect(flags.filter(({ flag }) => flag !== 1).map(({ flag, test }) => [flag, test])).toEqual(
          file === 'spikeTelem.json' ? [[4, 'grossRange']] : [],
        )
      }
    },
  )
})

describe('qartod-kotzebue: three false levels in a row', () => {
  const t = Array.from({ length: 8 }, (_, i) => seconds('2019-06-10T19:00:00Z') + 900 * i)
  const x = [0.12192, 0.12192, -2.84988, 3.938016, 4.163568, 0.12192, 0.118872, 0.128016]

  test('"average", suspect 0.8, fail 3.0 fails 19:30 and 19:45', () => {
    const flags = spike(t, x, { method: 'average', suspect: 0.8, fail: 3 })
    expect(flags.flatMap((flag, i) => (flag === 4 ? [i] : []))).toEqual([2, 3])
  })
  test('no spike test sees a false plateau of two; the rate of change does', () => {
    const spikes = spike(t, x, { suspect: 0.8, fail: 3 })
    expect(spikes).toEqual([2, 1, 3, 1, 1, 1, 1, 2])
    const rates = rateOfChange(t, x, { suspect: 2 / 900 })
    expect(rates).toEqual([1, 1, 3, 3, 1, 3, 1, 1])
    expect(combineSeries([spikes, rates])).toEqual([1, 1, 3, 3, 1, 3, 1, 1])
  })

  const file = join(DATA, 'qartod-kotzebue', 'water_level_example.csv')
  test.skipIf(!existsSync(file))(
    'whole record, "average" with 0.8 and 3.0: flags 1: 7188, 2: 2, 3: 48, 4: 3, the fails at the published instants',
    () => {
      const rows = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
      const level = rows.map((row) => Number(row[5]))
      const flags = spike(
        rows.map((row) => Number(row[1])),
        level,
        { method: 'average', suspect: 0.8, fail: 3 },
      )
      expect(rows).toHaveLength(7241)
      expect([Math.min(...level), Math.max(...level)]).toEqual([-2.84988, 4.163568])
      expect(countFlags(flags)).toEqual({ 1: 7188, 2: 2, 3: 48, 4: 3 })
      expect(rows.filter((_, i) => flags[i] === 4).map((row) => row[0])).toEqual([
        '2018-11-26T15:00:00Z',
        '2019-06-10T19:30:00Z',
        '2019-06-10T19:45:00Z',
      ])
    },
  )
})
