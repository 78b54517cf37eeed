import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBlockFrame, encodeBlockFrame } from './api.ts'

const header = {
  device: 'röof',
  group: 'acceleration',
  t0_ns: '1700000000000000000',
  sample_rate_hz: 100,
  scale: 0.0006,
  unit: 'm/s²',
  first_counter: 100,
  exercise: false,
}
test.each([
  [16, Int16Array],
  [32, Int32Array],
] as const)('any samples of %i bits go through a frame unchanged', (bits, Counts) => {
  const full = 2 ** (bits - 1)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -full, max: full - 1 }), { minLength: 1, maxLength: 300 }), (counts) => {
      const axes = ['x', 'y', 'z'].map((axis, i) => ({
        axis,
        samples: Counts.from(counts.map((c) => (i === 1 ? 0 : c))),
      }))
      const got = decodeBlockFrame(encodeBlockFrame(header, axes).buffer as ArrayBuffer)
      expect(got.header).toEqual({ ...header, axes: ['x', 'y', 'z'], samples: counts.length, sample_bytes: bits / 8 })
      expect(got.axes).toEqual(axes.map(({ samples }) => samples))
    }),
  )
})
