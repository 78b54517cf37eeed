import { describe, expect, test } from 'vitest'
import { addNs, instant, secondsToNs } from '../../domain/time.ts'
import { CONSTITUENTS, type Tide, tide_m } from './tide.ts'

const epoch = instant(1_577_836_800_000_000_000n)
const hoursLater = (hours: number) => addNs(epoch, secondsToNs(hours * 3600))
const tide = (...constituents: Tide['constituents']): Tide => ({ mean_level_m: 0.2, epoch, constituents })

describe('tide', () => {
  test('periods of the constituents: M2 12.4206 h, S2 12 h, K1 23.9345 h, O1 25.8193 h (Schureman 1958)', () => {
    const hours = { M2: 12.4206, S2: 12, N2: 12.6583, K2: 11.9672, K1: 23.9345, O1: 25.8193, P1: 24.0659, Q1: 26.8684 }
    for (const [name, period] of Object.entries(hours))
      expect(360 / CONSTITUENTS[name as keyof typeof CONSTITUENTS]).toBeCloseTo(period, 4)
  })

  test('M2 alone: high water at its phase, low water half a period later, the same 12.4206 h on', () => {
    const m2 = tide({ name: 'M2', amplitude_m: 1.5, phase_deg: 90 })
    const high = 90 / CONSTITUENTS.M2
    expect(tide_m(m2, hoursLater(high))).toBeCloseTo(1.7, 9)
    expect(tide_m(m2, hoursLater(high + 180 / CONSTITUENTS.M2))).toBeCloseTo(-1.3, 9)
    expect(tide_m(m2, hoursLater(high + 1000 * (360 / CONSTITUENTS.M2)))).toBeCloseTo(1.7, 6)
    expect(tide_m(m2, epoch)).toBeCloseTo(0.2, 9)
  })

  test('M2 and S2 make springs and neaps 14.77 days apart', () => {
    const both = tide({ name: 'M2', amplitude_m: 1, phase_deg: 0 }, { name: 'S2', amplitude_m: 0.4, phase_deg: 0 })
    const range = (day: number) => {
      const levels = Array.from({ length: 150 }, (_, i) => tide_m(both, hoursLater(day * 24 + i / 6)))
      return Math.max(...levels) - Math.min(...levels)
    }
    const spring = 360 / (CONSTITUENTS.S2 - CONSTITUENTS.M2) / 24
    expect(spring).toBeCloseTo(14.765, 3)
    expect(range(0)).toBeGreaterThan(2.7)
    expect(range(spring / 2 - 0.5)).toBeLessThan(1.3)
    expect(range(spring - 0.5)).toBeGreaterThan(2.7)
  })

  test('a constituent that is not known is named', () => {
    const wrong = tide({ name: 'M9' as 'M2', amplitude_m: 1, phase_deg: 0 })
    expect(() => tide_m(wrong, epoch)).toThrow('USAGE: tide.constituents[0].name: expected M2')
  })
})
