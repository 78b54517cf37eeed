/**
 * Velocity from acceleration on a stream: causal Butterworth high-pass of order 4 at 0.075 Hz and trapezoid in one filter.
 * The integrator's pole at z = 1 meets a zero of the high-pass there:
 *   (z − 1)²/(…) · (dt/2)(z + 1)/(z − 1) = (dt/2)(z² − 1)/(…)
 * so an offset of the sensor integrates to nothing and no rounding can pile up, however long it runs. Corner and order are
 * those of Taiwan's PGV of 2020 (`cwa.ts`); taking peaks of it is left to `running-cwa.ts` and `measures/pgv.ts`.
 */
import { butterworth, type Section, type Sos } from '../signal/butterworth.ts'

export const VELOCITY_HIGHPASS_HZ = 0.075
export const VELOCITY_ORDER = 4
/** After a start or gap the velocity carries the high-pass's transient for about two periods of its corner. */
export const SETTLING_S = 30

/** @throws RangeError unless the corner lies below Nyquist */
export function velocityFilter(sample_rate_hz: number): Sos {
  const high = butterworth({
    kind: 'highpass',
    order: VELOCITY_ORDER,
    corner_hz: VELOCITY_HIGHPASS_HZ,
    sample_rate_hz,
  })
  const [first, ...rest] = high as [Section, ...Section[]]
  const b0 = first.b0 / sample_rate_hz / 2
  return [{ ...first, b0, b1: 0, b2: -b0 }, ...rest]
}
