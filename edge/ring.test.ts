import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ring } from '../domain/model.ts'
import { judgeHeader, oldestHeld, planSampleReads, type RingHeader, sampleRegister } from './ring.ts'

const ring: Ring = {
  group: 'acceleration',
  table: 'holding',
  header_address: 0,
  samples_address: 32,
  axes: ['x', 'y', 'z'],
  sample_rate_hz: 100,
  depth: 6000,
  block_samples: 100,
  unit: 'g',
  full_scale: 2,
}
const header: RingHeader = {
  boot_id: 1,
  newest: 10_000,
  newest_us: 100_000_000n,
  now_us: 100_004_000n,
  sample_rate_hz: 100,
  depth: 6000,
  axes: 3,
  status: 0,
}

describe('a ring of samples', () => {
  test('is read in whole samples, within the device limit, each once, never across its end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 5999 }),
        fc.integer({ min: 3, max: 125 }),
        (first0, more, max) => {
          let next = first0
          for (const { first, count, address, quantity } of planSampleReads(ring, first0, first0 + more, max)) {
            if (first !== next || address !== sampleRegister(ring, first)) return false
            if (quantity !== count * 3 || quantity > max || address + quantity > 32 + 18_000) return false
            next += count
          }
          return next === first0 + more + 1
        },
      ),
    )
  })

  test('25 new samples of three axes are one request', () => {
    expect(planSampleReads(ring, 200, 224)).toHaveLength(1)
    expect(planSampleReads(ring, 5990, 6014)).toHaveLength(2)
    expect(planSampleReads(ring, 200, 199)).toHaveLength(0)
  })

  test('holds its depth, and less just after its start', () => {
    expect(oldestHeld(header)).toBe(4001)
    expect(oldestHeld({ ...header, newest: 50 })).toBe(0)
  })

  test('is not read by a model that does not fit it', () => {
    expect(judgeHeader(header, ring)).toBeUndefined()
    expect(judgeHeader({ ...header, axes: 2 }, ring)).toBe('ring header: expected axes 3, got 2')
    expect(judgeHeader({ ...header, depth: 3000 }, ring)).toBe('ring header: expected depth 6000, got 3000')
    expect(judgeHeader({ ...header, sample_rate_hz: 200 }, ring)).toContain('expected sample rate [Hz] 100, got 200')
    expect(judgeHeader({ ...header, now_us: 1n }, ring)).toContain('lies after')
  })
})
