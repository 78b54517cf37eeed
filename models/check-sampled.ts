/**
 * What the rings and queues of a register map must hold: header and samples fit, nothing overlaps, and the device holds
 * samples longer than the edge takes to come back for them.
 */
import {
  FIFO_COUNTER_REGISTERS,
  FIFO_REGISTERS_MAX,
  type Fifo,
  type Model,
  RING_HEADER_REGISTERS,
  type Ring,
  type Sampled,
  sampleWords,
} from '../domain/model.ts'
import { qualityMistakes } from '../domain/quality-tests.ts'
import { quantityOf } from '../domain/units.ts'
import type { Checked, Mistake } from '../domain/yaml-check.ts'
import type { Addresses } from './check-address.ts'

/** The edge reads a queue twice in the time that it holds, whatever `poll_ms` is, and not more often than every 5 ms. */
const QUEUE_HELD_MS = 10

type Told = (key: string, expected: string, got: unknown) => Mistake

export function sampledMistakes(model: Model, addresses: Addresses, say: Checked['mistakeAt']): Mistake[] {
  const { ring, fifo, max_registers } = model
  const out: Mistake[] = []
  if (ring !== undefined && fifo !== undefined) out.push(say(['fifo'], 'a ring or a queue, not both', fifo))
  for (const [key, sampled] of [['ring', ring] as const, ['fifo', fifo] as const]) {
    if (sampled === undefined) continue
    const told: Told = (name, expected, got) => say([key, name], expected, got)
    out.push(...headerMistakes(key, sampled, addresses), ...commonMistakes(sampled, told))
  }
  const ringTold: Told = (key, expected, got) => say(['ring', key], expected, got)
  const fifoTold: Told = (key, expected, got) => say(['fifo', key], expected, got)
  if (ring !== undefined)
    out.push(...ringMistakes(ring, addresses, ringTold), ...heldMistakes(ring, model.poll_ms, 'poll_ms', ringTold))
  if (fifo !== undefined)
    out.push(
      ...fifoMistakes(fifo, addresses, fifoTold),
      ...heldMistakes(fifo, QUEUE_HELD_MS, 'what the edge needs to read it twice', fifoTold),
    )
  const least = Math.max(
    ring === undefined && fifo === undefined ? 0 : RING_HEADER_REGISTERS,
    (ring?.axes.length ?? 0) * (ring ? sampleWords(ring) : 1),
  )
  if (max_registers !== undefined && max_registers < least)
    out.push(say(['max_registers'], `at least ${least}, so that the header comes in one read`, max_registers))
  return out
}

const headerMistakes = (key: 'ring' | 'fifo', sampled: Ring | Fifo, addresses: Addresses): Mistake[] =>
  addresses.mistakes(
    [key, 'header_address'],
    'table' in sampled ? sampled.table : 'holding',
    sampled.header_address,
    RING_HEADER_REGISTERS,
  )

function commonMistakes(sampled: Sampled, told: Told): Mistake[] {
  const out: Mistake[] = []
  if (new Set(sampled.axes).size !== sampled.axes.length) out.push(told('axes', 'each axis once', sampled.axes))
  for (const { path, expected, got } of qualityMistakes(sampled.quality ?? {}))
    out.push(told(['quality', ...path].join('.'), expected, got))
  if (sampled.order !== undefined && sampleWords(sampled) === 1)
    out.push(told('order', 'bits above 16, for an order of two registers', sampled.order))
  if (quantityOf(sampled.unit) !== 'acceleration') out.push(told('unit', 'a unit of acceleration', sampled.unit))
  if (!Number.isInteger(Math.round(sampled.sample_rate_hz * 1e6) / 1e3))
    out.push(told('sample_rate_hz', 'whole millihertz, as the header holds them', sampled.sample_rate_hz))
  return out
}

/** What a device holds is overwritten after depth / rate: read more slowly than that, samples are lost every time. */
function heldMistakes({ depth, sample_rate_hz }: Sampled, held_ms: number, why: string, told: Told): Mistake[] {
  const least = Math.ceil((sample_rate_hz * held_ms) / 1000)
  return depth >= least ? [] : [told('depth', `at least ${least} samples, which come in ${held_ms} ms (${why})`, depth)]
}

function ringMistakes(ring: Ring, addresses: Addresses, told: Told): Mistake[] {
  const out: Mistake[] = []
  const each = ring.axes.length * sampleWords(ring)
  const samples = ring.depth * each
  const headerEnd = ring.header_address + RING_HEADER_REGISTERS
  const room = addresses.roomFrom(ring.samples_address)
  if (samples > room) {
    const most = Math.floor(room / each)
    out.push(told('depth', `at most ${most} samples per axis from register ${ring.samples_address}`, ring.depth))
  } else out.push(...addresses.mistakes(['ring', 'samples_address'], ring.table, ring.samples_address, samples))
  if (ring.samples_address < headerEnd && ring.samples_address + samples > ring.header_address)
    out.push(
      told(
        'samples_address',
        `samples outside the header (${ring.header_address} to ${headerEnd - 1})`,
        ring.samples_address,
      ),
    )
  // The edge reads complete blocks behind the writer: fewer than two leave no time to read one.
  if (ring.block_samples * 2 > ring.depth)
    out.push(told('block_samples', `at most half the depth (${ring.depth})`, ring.block_samples))
  return out
}

/** A block of a queue may be longer than the queue: the edge collects it over several reads. */
function fifoMistakes(fifo: Fifo, addresses: Addresses, told: Told): Mistake[] {
  const out = addresses.mistakes(['fifo', 'pointer_address'], 'holding', fifo.pointer_address, 1)
  const most = Math.floor((FIFO_REGISTERS_MAX - FIFO_COUNTER_REGISTERS) / (fifo.axes.length * sampleWords(fifo)))
  if (fifo.depth > most)
    out.push(
      told(
        'depth',
        `at most ${most} samples of ${fifo.axes.length} axes: with the counter a reply has at most ${FIFO_REGISTERS_MAX} registers`,
        fifo.depth,
      ),
    )
  const headerEnd = fifo.header_address + RING_HEADER_REGISTERS
  if (fifo.pointer_address >= fifo.header_address && fifo.pointer_address < headerEnd)
    out.push(
      told(
        'pointer_address',
        `a queue outside the header (${fifo.header_address} to ${headerEnd - 1})`,
        fifo.pointer_address,
      ),
    )
  return out
}
