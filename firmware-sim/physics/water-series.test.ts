import { describe, expect, test } from 'vitest'
import type { Model } from '../../domain/model.ts'
import { addNs, instant, secondsToNs } from '../../domain/time.ts'
import { simulatedDevice } from '../fixture.ts'
import { Gauge } from '../gauge.ts'
import { makeDevice } from '../make-device.ts'
import type { Catchment } from './catchment.ts'
import { designStorm } from './storm.ts'
import { type Tide, tide_m } from './tide.ts'
import { catchmentSeries, pondSeries, tideSeries } from './water-series.ts'

const start = instant(1_577_836_800_000_000_000n)
const catchment: Catchment = {
  area_km2: 14,
  curve_number: 85,
  transform: { tc_h: 1.2 },
  baseflow_m3_s: 0.3,
  reaches: [{ k_s: 3600, x: 0.2 }],
  gauges: [
    { id: 'upper', reach: 0, rating: [{ from_m: 0.1, C: 20, h0_m: 0.1, b: 1.7 }] },
    { id: 'lower', reach: 1, rating: [{ from_m: 0.2, C: 25, h0_m: 0.2, b: 1.7 }] },
  ],
}
const storm = designStorm({ total_mm: 100, duration_h: 4, step_s: 300 })
const options = { name: 'creek', start, catchment, storm, duration_h: 12, period_s: 60, lead_s: 600 }

describe('a flood as recordings', () => {
  const { series, run } = catchmentSeries(options)

  test('one per gauge, every minute, the steady creek before the rain', () => {
    expect(series.map((s) => s.name)).toEqual(['creek-upper', 'creek-lower'])
    const [upper] = series
    expect(upper!.t[1]! - upper!.t[0]!).toBe(60_000_000_000n)
    expect(upper!.t.length).toBe(10 + 12 * 60 + 1)
    expect(new Set(upper!.values.subarray(0, 11))).toEqual(new Set([upper!.values[0]]))
    // Every fifth value after the lead is one of the run's own steps.
    for (let k = 0; k <= 144; k++) expect(upper!.values[10 + 5 * k]).toBe(run.gauges[0]!.stage_m[k])
  })

  test('the lower gauge peaks later than the upper', () => {
    const peakAt = (values: Float64Array) => values.indexOf(Math.max(...values))
    expect(peakAt(series[1]!.values) - peakAt(series[0]!.values)).toBeGreaterThan(40)
  })

  test('a simulated gauge plays it', () => {
    const model: Model = {
      id: 'gauge',
      name: 'gauge',
      source: 'test',
      points: [
        { metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 10 } },
      ],
      poll_ms: 1000,
    }
    const device = simulatedDevice('lower', 'gauge', 1, { recording: series[1]!.name })
    const gauge = makeDevice({ device, model }, series[1]!, { id: 1, at: start }, 'devices[0]')
    if (!(gauge instanceof Gauge)) throw new Error('expected a gauge')
    for (const minute of [0, 100, 400])
      expect(gauge.valueAt(addNs(start, secondsToNs(minute * 60 + 30)))).toBe(series[1]!.values[minute])
  })

  test('a period longer than the step of the storm is refused', () => {
    expect(() => catchmentSeries({ ...options, period_s: 900 })).toThrow('USAGE: period_s: expected at most')
  })
})

describe('sea and pond as recordings', () => {
  const tide: Tide = { mean_level_m: 0, epoch: start, constituents: [{ name: 'M2', amplitude_m: 1.2, phase_deg: 0 }] }

  test('the sea, to the millimetre', () => {
    const { values, t } = tideSeries({ name: 'sea', start, tide, duration_h: 25, period_s: 360 })
    expect(values.length).toBe(251)
    for (const [k, level] of values.entries())
      expect(Math.abs(level - tide_m(tide, instant(t[k]!)))).toBeLessThanOrEqual(0.0005 + 1e-12)
  })

  test('the pond falls through its gate at ebb and stays below where its pump starts', () => {
    const { values } = pondSeries({
      name: 'pond',
      start,
      station: {
        pond: { area_m2: 20_000, bottom_m: -1, start_m: 0.5 },
        pumps: [{ capacity_m3_s: 3, on_m: 1, off_m: 0.6 }],
        gate: { width_m: 3, height_m: 1, sill_m: -0.5, open_at_m: 0.1, shut_at_m: 0.02 },
      },
      inflow_m3_s: new Float64Array(1500).fill(1.5),
      outside_m: (at) => tide_m(tide, at),
      step_s: 60,
    })
    expect(values.length).toBe(1501)
    expect(Math.max(...values)).toBeLessThan(1.01)
    expect(Math.max(...values)).toBeGreaterThan(0.99)
    expect(Math.min(...values)).toBeLessThan(-0.1)
  })
})
