/**
 * A strong-motion accelerometer with a sample ring: what each register holds at an instant. The recording is played sample
 * for sample at its own rate, quantised as the sensor's converter does (`sampler.ts`); links and faults on the wire are left
 * to others.
 *
 * Device time counts from the device's boot (0 at boot). All registers of one request are latched at one instant.
 */
import { RING_HEADER_REGISTERS, type Ring, sampleWords } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import type { ModbusException, Table } from './device.ts'
import { COUNTERS, Sampler, type SamplerOptions, sampleWordsOf } from './sampler.ts'

export { headerWords, quantise } from './sampler.ts'

export type AccelerometerOptions = Omit<SamplerOptions, 'sampled'> & { readonly ring: Ring }

export class Accelerometer extends Sampler {
  readonly ring: Ring

  /** @throws PlumblineError USAGE for a sensor that cannot be */
  constructor(options: AccelerometerOptions) {
    super({ ...options, sampled: options.ring })
    this.ring = options.ring
  }

  override readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException {
    const { ring } = this
    if (table !== ring.table) return super.readRegisters(table, address, quantity, at)
    const end = address + quantity
    if (address >= ring.header_address && end <= ring.header_address + RING_HEADER_REGISTERS)
      return this.header(address - ring.header_address, quantity, at)
    if (
      address >= ring.samples_address &&
      end <= ring.samples_address + ring.depth * ring.axes.length * sampleWords(ring)
    )
      return this.#samples(address - ring.samples_address, quantity, this.newestCounter(at))
    return this.beside(table, address, quantity, at)
  }

  #samples(offset: number, quantity: number, newest: number): Uint16Array {
    const axes = this.ring.axes.length
    const each = sampleWords(this.ring)
    const out = new Uint16Array(quantity)
    for (let i = 0; i < quantity; i++) {
      const value = Math.floor((offset + i) / each)
      const counter = counterInSlot(Math.floor(value / axes), newest, this.ring.depth)
      if (counter === undefined) continue
      out[i] = sampleWordsOf(this.rawSample(counter, value % axes), this.ring)[(offset + i) % each]!
    }
    return out
  }
}

/** The newest counter not above `newest` that stands in a slot; `undefined` where nothing was ever written. */
export function counterInSlot(slot: number, newest: number, depth: number): number | undefined {
  const shown = newest % COUNTERS
  const back = (from: number): number => from - ((((from - slot) % depth) + depth) % depth)
  const here = back(shown)
  if (here >= 0) return newest - shown + here
  return newest < COUNTERS ? undefined : newest - shown - COUNTERS + back(COUNTERS - 1)
}
