/**
 * The device's own clock: 0 at boot, running `time_scale` times as fast as real time. Exact in integers, so that the
 * instant of a sample and the sample of an instant always agree.
 */
import { type Instant, instant } from '../domain/time.ts'

/** Scales are taken to 9 digits after the point. */
const UNIT = 1_000_000_000n

const scaled = (time_scale: number): bigint => {
  const scale = BigInt(Math.round(time_scale * 1e9))
  return scale > 0n ? scale : 1n
}

/** Device time [ns since boot] at `at`; 0 for instants before the boot. */
export function deviceTime_ns(boot_at: Instant, at: Instant, time_scale: number): bigint {
  return at <= boot_at ? 0n : ((at - boot_at) * scaled(time_scale)) / UNIT
}

/** First instant at which the device time is at least `device_ns`. */
export function instantOfDeviceTime(boot_at: Instant, device_ns: bigint, time_scale: number): Instant {
  const scale = scaled(time_scale)
  return instant(boot_at + (device_ns * UNIT + scale - 1n) / scale)
}

/** Counter of the newest sample at a device time; sample 0 is taken at boot. */
export const newestCounter = (device_ns: bigint, rate_mhz: bigint): bigint =>
  (device_ns * rate_mhz) / 1_000_000_000_000n

/** First device time [ns] at which the sample of this counter has been taken. */
export const counterTime_ns = (counter: bigint, rate_mhz: bigint): bigint =>
  (counter * 1_000_000_000_000n + rate_mhz - 1n) / rate_mhz
