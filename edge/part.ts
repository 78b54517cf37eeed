/**
 * A part of a device that is read for itself: its points (`scalar-part.ts`) or its ring (`ring-part.ts`). What both need,
 * and how a request becomes an instant, stands here.
 */
import { type PlacedDevice, timeScaleOf } from '../domain/channel.ts'
import type { Clock, Log, ModbusError, ModbusLink } from '../domain/ports.ts'
import { slowEvery_s } from '../domain/slow-measures.ts'
import { type Instant, instant } from '../domain/time.ts'
import type { ClockState } from './counter-clock.ts'
import type { Limits } from './node-limits.ts'
import type { EdgeState, Recorder } from './ports.ts'

/** Nothing to wait for where the device was online already. */
export type Alive = () => Promise<void> | undefined

export interface Part {
  /** Read this often, where that is more rarely than the device is polled. */
  readonly period_ms?: number
  /**
   * One poll: reads, then records. `alive` is called once the device has given something, and what it gives awaited, before
   * that is recorded.
   * @throws ModbusError where it gave nothing, or less than was asked
   */
  poll(alive: Alive): Promise<void>
  /** The poll at `t_ns` failed; `first` = the one before had not. */
  failed(error: ModbusError, t_ns: Instant, first: boolean): void
  /** Points left out because the device refuses them. */
  readonly refusedPoints?: number
  /** When the sample of a counter was, where the device has not started anew since. */
  sampleTime?(boot_id: number, counter: number): SampleTime | undefined
  /** How the counter of samples is mapped to the node's clock. */
  clockState?(): ClockState | undefined
}

export type SampleTime = { readonly t_ns: Instant; readonly half_width_ns: bigint }

export type PartContext = {
  readonly placed: PlacedDevice
  readonly link: ModbusLink
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Recorder
  readonly state: EdgeState
  readonly limits: Limits
}

/** Shortest period at which a queue is read. */
const QUEUE_PERIOD_MIN_MS = 5

type Polled = Pick<PlacedDevice, 'device' | 'model'>

/** How often the points of a device are read. */
export const pointPeriod_ms = ({ device, model }: Polled): number => device.poll_ms ?? model.poll_ms

/** How often a device is asked: a queue is read twice in the time that it holds, however rarely the points may be. */
export function pollPeriod_ms({ device, model }: Polled): number {
  const period_ms = pointPeriod_ms({ device, model })
  if (model.fifo === undefined) return period_ms
  const held_ms = (model.fifo.depth / model.fifo.sample_rate_hz / timeScaleOf(device)) * 1000
  return Math.min(period_ms, Math.max(QUEUE_PERIOD_MIN_MS, Math.floor(held_ms / 2)))
}

/** How often a channel of the device has a new value: samples and what is made of them come with each poll. */
export function channelPeriod_ms(polled: Polled, metric: string): number {
  const measure = polled.model.measures?.find((one) => one === metric)
  if (measure === 'natural_frequency') return slowEvery_s(metric)! * 1000
  return measure === 'pga' || measure === 'pgv' ? pollPeriod_ms(polled) : pointPeriod_ms(polled)
}

export const timeScale = (context: PartContext): number => timeScaleOf(context.placed.device)

/** Mid-point of a request by the wall clock, and half its duration: how uncertain the instant is. */
export function midpoint(
  clock: Clock,
  { sent, received }: { sent: bigint; received: bigint },
): { readonly t_ns: Instant; readonly half_width_ns: bigint } {
  const half_width_ns = (received - sent + 1n) / 2n
  const ago_ns = clock.monotonic() - sent - half_width_ns
  return { t_ns: instant(clock.now() - ago_ns), half_width_ns }
}
