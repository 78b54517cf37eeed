import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PumpGate, PumpGateStation } from './pump-gate.ts'

const pond: PumpGate['pond'] = { area_m2: 10_000, bottom_m: 0, start_m: 1 }
const pumps: PumpGate['pumps'] = [
  { capacity_m3_s: 2, on_m: 1.5, off_m: 1 },
  { capacity_m3_s: 2, on_m: 1.8, off_m: 1.2 },
]
const gate: PumpGate['gate'] = { width_m: 2, height_m: 1, sill_m: 0.5, open_at_m: 0.2, shut_at_m: 0.05 }
const HIGH_SEA_M = 9

describe('pumps', () => {
  test('start at on, run on below it, stop at off: hysteresis', () => {
    const station = new PumpGateStation({ pond, pumps: [pumps[0]!] }, 60)
    // 1 m³/s fills 0.006 m a step: from 1.0 to 1.5 m in 84 steps.
    let steps = 0
    while (!station.step(1, HIGH_SEA_M).running[0]) steps++
    expect(steps).toBe(84)
    expect(station.stage_m).toBeGreaterThan(1.49)
    while (station.step(0, HIGH_SEA_M).running[0]) expect(station.stage_m).toBeLessThan(1.52)
    expect(station.stage_m).toBeGreaterThan(0.98)
    expect(station.stage_m).toBeLessThanOrEqual(1)
    for (let k = 0; k < 50; k++) expect(station.step(0.5, HIGH_SEA_M).running[0]).toBe(false)
  })

  test('the second helps only when the first does not keep up', () => {
    const station = new PumpGateStation({ pond, pumps }, 60)
    for (let k = 0; k < 500; k++) station.step(1.5, HIGH_SEA_M)
    const alone = Array.from({ length: 300 }, () => station.step(1.5, HIGH_SEA_M).running[1])
    expect(alone).not.toContain(true)
    const both = Array.from({ length: 500 }, () => station.step(3.5, HIGH_SEA_M).running[1])
    expect(both).toContain(true)
  })

  test('one that failed stands still, and the pond rises', () => {
    const station = new PumpGateStation({ pond, pumps: [pumps[0]!] }, 60)
    station.setPumpFailed(0, true)
    for (let k = 0; k < 500; k++)
      expect(station.step(1, HIGH_SEA_M)).toMatchObject({ running: [false], pumped_m3_s: 0 })
    expect(station.stage_m).toBeCloseTo(1 + (500 * 60) / 10_000, 9)
    station.setPumpFailed(0, false)
    expect(station.step(1, HIGH_SEA_M).running).toEqual([true])
  })
})

describe('gate', () => {
  test('lets the pond out at ebb, shuts before the sea comes in: hysteresis', () => {
    const station = new PumpGateStation({ pond, pumps: [], gate }, 60)
    expect(station.step(0, 0.85)).toMatchObject({ gate_open: false })
    const first = station.step(0, 0.75)
    // Q = 0.6 · 2 m · 0.5 m · √(2 g · 0.25 m)
    expect(first.gate_open).toBe(true)
    expect(first.gate_m3_s).toBeCloseTo(0.6 * 2 * 0.5 * Math.sqrt(2 * 9.80665 * 0.25), 9)
    expect(station.step(0, station.stage_m - 0.1).gate_open).toBe(true)
    expect(station.step(0, station.stage_m - 0.04).gate_open).toBe(false)
    expect(station.step(0, station.stage_m + 1).gate_m3_s).toBe(0)
  })

  test('stuck shut it stays shut', () => {
    const station = new PumpGateStation({ pond, pumps: [], gate }, 60)
    station.setGateStuck(true)
    expect(station.step(1, -5)).toMatchObject({ gate_open: false, gate_m3_s: 0 })
  })

  test('never drains the pond below the sea or its sill, however long the step', () => {
    const station = new PumpGateStation({ pond, pumps: [], gate }, 86_400)
    expect(station.step(0, 0.7).stage_m).toBeCloseTo(0.7, 9)
    expect(station.step(0, -3).stage_m).toBeCloseTo(0.5, 9)
  })
})

test('water balance: what came in is in the pond or went out, at every step of any run', () => {
  const run = fc.record({
    inflow: fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 100 }),
    sea: fc.double({ min: -2, max: 3, noNaN: true }),
    step_s: fc.constantFrom(1, 60, 3600),
  })
  fc.assert(
    fc.property(run, ({ inflow, sea, step_s }) => {
      const station = new PumpGateStation({ pond, pumps, gate }, step_s)
      for (const q of inflow) {
        const before = station.stage_m
        const { stage_m, pumped_m3_s, gate_m3_s } = station.step(q, sea)
        const out = (pumped_m3_s + gate_m3_s) * step_s
        expect((stage_m - before) * pond.area_m2).toBeCloseTo(q * step_s - out, 5)
        expect(stage_m).toBeGreaterThanOrEqual(0)
        expect(gate_m3_s).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test.each([
  ['pond.area_m2', { pond: { ...pond, area_m2: 0 } }],
  ['pumps[0].on_m', { pumps: [{ capacity_m3_s: 1, on_m: 1, off_m: 1 }] }],
  ['gate.open_at_m', { gate: { ...gate, open_at_m: 0 } }],
])('%s that cannot be is named', (where, change) => {
  expect(() => new PumpGateStation({ pond, pumps, gate, ...change }, 60)).toThrow(`USAGE: ${where}`)
})
