import { describe, expect, test } from 'vitest'
import { instant } from '../domain/time.ts'
import { loadShippedModels } from '../models/load.ts'
import type { Recording } from '../recordings/recording.ts'
import type { Accelerometer } from './accelerometer.ts'
import { shortWaveform, simulatedDevice, stageSeries } from './fixture.ts'
import { makeDevice } from './make-device.ts'

const models = await loadShippedModels()
const wave = shortWaveform(100, 1)
const series = stageSeries([0, 1], [5, 2], [10, 3])
const make = (model: string, recording: Recording, play: { from?: string; to?: string } = {}) =>
  makeDevice(
    { device: simulatedDevice('d', model, 1, { recording: recording.name, ...play }), model: models.get(model)! },
    recording,
    { id: 1, at: instant(0n) },
    'nodes[0].links[1].devices[2]',
  )
const AT = 'SITE_INVALID: nodes[0].links[1].devices[2].simulated.play'

describe('a recording that does not fit its device is one clear site error', () => {
  test('a stage series for an accelerometer, a waveform for a gauge', () => {
    expect(() => make('sim-accelerometer-3axis', series)).toThrow(
      `${AT}.recording: expected a waveform for sim-accelerometer-3axis, which holds a ring of samples, got "stage"`,
    )
    expect(() => make('sim-stage-gauge', wave)).toThrow(
      `${AT}.recording: expected a series of values for sim-stage-gauge, got "short"`,
    )
  })

  test('a missing axis', () => {
    expect(() => make('sim-accelerometer-3axis', { ...wave, axes: wave.axes.slice(0, 2) })).toThrow(
      `${AT}.recording: expected a record with an axis for z, got "x, y"`,
    )
  })

  test.each([
    ['from', 'yesterday', '2020-01-01T00:00:00.000Z to 2020-01-01T00:15:00.000Z'],
    ['from', '2019-12-31T23:59:59Z', '2020-01-01T00:00:00.000Z to 2020-01-01T00:15:00.000Z'],
    ['to', '2020-01-01T00:15:01Z', '2020-01-01T00:00:00.000Z to 2020-01-01T00:15:00.000Z'],
  ])('%s %s, outside the record', (key, text, span) => {
    expect(() => make('sim-stage-gauge', series, { [key]: text })).toThrow(
      `${AT}.${key}: expected an instant of the record, ${span}, got "${text}"`,
    )
  })

  test('a cut that ends before it begins, or holds no sample', () => {
    expect(() => make('sim-stage-gauge', series, { from: '2020-01-01T00:05:00Z', to: '2020-01-01T00:05:00Z' })).toThrow(
      `${AT}.to: expected an instant after 2020-01-01T00:05:00.000Z, got "2020-01-01T00:05:00Z"`,
    )
    expect(() =>
      make('sim-accelerometer-3axis', wave, { from: '1970-01-01T00:00:00.001Z', to: '1970-01-01T00:00:00.009Z' }),
    ).toThrow(`${AT}.to: expected an instant at least one sample after from`)
  })
})

describe('a record at another rate than the device', () => {
  const at = (rate: number) => {
    const samples = Float64Array.from({ length: 40 * rate }, (_, k) => Math.sin((2 * Math.PI * 3 * k) / rate))
    const sine: Recording = { ...wave, sample_rate_hz: rate, axes: ['x', 'y', 'z'].map((axis) => ({ axis, samples })) }
    return make('sim-accelerometer-3axis', sine) as Accelerometer
  }

  test.each([50, 128, 200, 500])('of %d Hz is resampled: 3 Hz stay 3 Hz', (rate) => {
    const [own, other] = [at(100), at(rate)]
    // Away from the ends; a step is 0.0006 m/s².
    for (let counter = 500; counter < 3500; counter++)
      expect(Math.abs(other.rawSample(counter, 0) - own.rawSample(counter, 0))).toBeLessThanOrEqual(2)
  })
})
