/**
 * What a register map must hold beyond its schema, told all at once. Points are judged by `check-points.ts`, rings and queues
 * by `check-sampled.ts`, what every address obeys by `check-address.ts`; here is what concerns the map as a whole.
 */
import { type Info, MEASURES, type Measure, type Model, ORDERS, sampledOf } from '../domain/model.ts'
import type { Checked, Mistake, Path } from '../domain/yaml-check.ts'
import { Addresses } from './check-address.ts'
import { pointMistakes } from './check-points.ts'
import { sampledMistakes } from './check-sampled.ts'

type Say = Checked['mistakeAt']

/** Addresses are judged as the file counts them, before `address_base` is subtracted, so that a mistake shows what stands there. */
export function modelMistakes(model: Model, id: string, say: Say): Mistake[] {
  const addresses = new Addresses(model, say)
  return [
    ...(model.id === id ? [] : [say(['id'], `the name of its folder, ${id}`, model.id)]),
    ...(sampledOf(model) === undefined && (model.points ?? []).length === 0
      ? [say([], 'points, a ring or a queue', undefined)]
      : []),
    ...addresses.holeMistakes(),
    ...pointMistakes(model, addresses, say),
    ...sampledMistakes(model, addresses, say),
    ...infoMistakes(model, addresses, say),
    ...measureMistakes(model, say),
  ]
}

/** Registers of a value that a device says of itself. */
const infoRegisters = (info: Pick<Info, 'type' | 'registers'>): number =>
  info.type === 'string' ? (info.registers ?? 0) : info.type === 'uint16' ? 1 : 2

function infoMistakes(model: Model, addresses: Addresses, say: Say): Mistake[] {
  const infos = model.info ?? []
  return infos.flatMap((info, i) => {
    const path: Path = ['info', i]
    const out: Mistake[] = []
    if (infos.findIndex((other) => other.name === info.name) !== i)
      out.push(say([...path, 'name'], 'a name that no other entry has', info.name))
    if (info.type === 'string' && info.registers === undefined)
      return [...out, say([...path, 'registers'], 'the length of a string', undefined)]
    if (info.type !== 'string' && info.registers !== undefined)
      out.push(say([...path, 'registers'], 'a length only of strings', info.registers))
    const orders: readonly string[] = ORDERS[info.type === 'string' || info.type === 'uint16' ? 1 : 2]
    if (info.order !== undefined && !orders.includes(info.order))
      out.push(say([...path, 'order'], `one of ${orders.join(', ')} for ${info.type}`, info.order))
    const least = infoRegisters(info)
    if (model.max_registers !== undefined && least > model.max_registers)
      out.push(say(['max_registers'], `at least ${least}, so that ${info.name} comes in one read`, model.max_registers))
    return [...out, ...addresses.mistakes([...path, 'address'], info.table, info.address, least)]
  })
}

/** Measures that are made of samples alone, and the rate that they need to mean something. */
const OF_SAMPLES: readonly Measure[] = ['pgv', 'natural_frequency']
const MEASURED_RATE_MIN_HZ = 10

function measureMistakes(model: Model, say: Say): Mistake[] {
  const measures = model.measures ?? []
  return measures.flatMap((measure, i) => {
    if (measures.indexOf(measure) !== i) return [say(['measures', i], 'each measure once', measure)]
    const { from } = MEASURES[measure]
    const sampled = sampledOf(model)
    const there =
      sampled?.group === from || (!OF_SAMPLES.includes(measure) && (model.points ?? []).some((p) => p.metric === from))
    if (sampled !== undefined && OF_SAMPLES.includes(measure) && sampled.sample_rate_hz < MEASURED_RATE_MIN_HZ)
      return [say(['measures', i], `at least ${MEASURED_RATE_MIN_HZ} samples per second for it`, measure)]
    return there ? [] : [say(['measures', i], `a measure of what the device gives (${measure} needs ${from})`, measure)]
  })
}
