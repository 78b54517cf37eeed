/** Spectral density of a stretch of waveform, small enough to be drawn. Pure. */
import type { SpectrumJson } from '../domain/api.ts'
import { welch } from '../measures/signal/spectrum.ts'
import type { FloorRecord } from './floor-record.ts'

/** Bins answered at most: half of the longest segment. */
const SEGMENT_MAX = 4096

type Spectrum = Pick<
  SpectrumJson,
  'unit' | 'frequencies_hz' | 'density' | 'peak_hz' | 'samples' | 'complete' | 'method'
>

export function spectrumOf(record: FloorRecord | undefined, axis: string): Spectrum {
  const x = record?.axes.get(axis)
  if (record === undefined || x === undefined || x.length < 8)
    return {
      unit: '',
      frequencies_hz: [],
      density: [],
      peak_hz: null,
      samples: 0,
      complete: 0,
      method: 'nothing is stored',
    }
  // At least eight segments that overlap by half, where there are samples for them.
  const nperseg = Math.min(SEGMENT_MAX, 2 ** Math.floor(Math.log2(Math.max(8, x.length / 4.5))))
  const { frequency_hz, psd, segments } = welch(x, record.sample_rate_hz, { nperseg })
  let top = 0
  for (let k = 1; k < psd.length; k++) if (psd[k]! > (psd[top] ?? 0) || top === 0) top = k
  return {
    unit: `(${record.unit})²/Hz`,
    frequencies_hz: [...frequency_hz],
    density: [...psd],
    peak_hz: psd[top]! > 0 ? frequency_hz[top]! : null,
    samples: Math.round(record.complete * x.length),
    complete: record.complete,
    method: `Welch, Hann, ${nperseg} samples a segment, half overlapping, ${segments} segments, each less its mean`,
  }
}
