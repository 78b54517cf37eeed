import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ORDERS, type Ring } from '../domain/model.ts'
import { judgeHeader, oldestHeld, planSampleReads, type RingHeader, sampleRegister, samplesFrom } from './ring.ts'

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

test('a sample of two registers is read in each byte order, whatever its value', () => {
  const bytes = { ABCD: [0, 1, 2, 3], CDAB: [2, 3, 0, 1], BADC: [1, 0, 3, 2], DCBA: [3, 2, 1, 0] } as const
  for (const order of ORDERS[2])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 20 }), (values) => {
        const wire = new DataView(new ArrayBuffer(values.length * 4))
        values.forEach((value, i) => {
          const own = new DataView(new ArrayBuffer(4))
          own.setInt32(0, value)
          bytes[order].forEach((from, to) => {
            wire.setUint8(i * 4 + to, own.getUint8(from))
          })
        })
        const registers = Uint16Array.from({ length: values.length * 2 }, (_, i) => wire.getUint16(i * 2))
        expect([...samplesFrom(registers, { bits: 32, order })]).toEqual(values)
      }),
    )
})
