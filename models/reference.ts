/** The page of the models that ship, `docs/reference/models.md`, made from the models themselves. */
import type { Model, ScalarPoint } from '../domain/model.ts'
import { sampledOf } from '../domain/model.ts'
import { loadShippedModels } from './load.ts'

/** Path from the top of the project -> content. @throws PlumblineError MODEL_INVALID */
export const modelPages = async (): Promise<ReadonlyMap<string, string>> =>
  new Map([['docs/reference/models.md', modelReference((await loadShippedModels()).values())]])

const HEAD = `# Models

Made from \`models/*/model.yaml\` by \`./plumbline generate\`. Addresses are as on the wire, from 0, whatever the manual counts
from. What lies outside the range is flagged out-of-range. What was read in which manual, and what is
only inferred, stands in the comments of each file. How a model is made: [docs/guides/add-a-model.md](../guides/add-a-model.md).

Not shipped: OTT PLS 500. Of its manual the registers of units and of minimum, maximum and median could be read at second hand, not the page that says where the
measured value stands; a map that nobody could verify is none.
`

/** Pure. */
export const modelReference = (models: Iterable<Model>): string => [HEAD, ...[...models].map(modelSection)].join('\n')

function modelSection(model: Model): string {
  const points = model.points ?? []
  const facts = [
    `${model.name}. Source: ${model.source.trim().replaceAll('\n', ' ')}.`,
    ...sampledFacts(model),
    ...(model.measures ?? []).map((measure) => `The edge derives \`${measure}\`.`),
    ...(model.info ?? []).map(
      (info) => `Says of itself \`${info.name}\` (${info.table} ${info.address}, ${info.type}).`,
    ),
    `Polled every ${model.poll_ms} ms${limits(model)}.`,
  ]
  const table =
    points.length === 0
      ? []
      : [
          '',
          '| metric | table | address | type | unit | range | no value where |',
          '|---|---|---|---|---|---|---|',
          ...points.map(pointRow),
        ]
  return [`## ${model.id}`, '', ...facts, ...table, ''].join('\n')
}

function sampledFacts(model: Model): string[] {
  const sampled = sampledOf(model)
  if (sampled === undefined) return []
  const { group, axes, sample_rate_hz, depth, block_samples, unit, full_scale, bits } = sampled
  const how = model.ring === undefined ? 'Queue read by function 24' : `Ring in ${model.ring.table} registers`
  return [
    `${how}: \`${group}\` of ${axes.join(', ')} at ${sample_rate_hz} Hz, ±${full_scale} ${unit}${bits === undefined ? '' : ` in ${bits} bits`}, ${depth} samples held, blocks of ${block_samples}.`,
  ]
}

function limits({ max_registers, max_gap, holes }: Model): string {
  const said = [
    ...(max_registers === undefined ? [] : [`at most ${max_registers} registers a request`]),
    ...(max_gap === undefined ? [] : [max_gap === 0 ? 'no unasked register read' : `gaps up to ${max_gap} read over`]),
    ...(holes ?? []).map(({ table, from, to }) => `never ${table} ${from}${from === to ? '' : ` to ${to}`}`),
  ]
  return said.length === 0 ? '' : `; ${said.join('; ')}`
}

function pointRow(point: ScalarPoint): string {
  const { metric, table, address, range } = point
  const cells = [
    `\`${metric}\`${point.writable ? ' (writable)' : ''}`,
    table,
    address,
    typeOf(point),
    unitOf(point),
    `${range.low} to ${range.high} ${point.unit}`,
    noValue(point),
  ]
  return `| ${cells.join(' | ')} |`
}

function typeOf({ type, order, bit, bits, byte }: ScalarPoint): string {
  const place = type === 'bits' ? `bits ${bit} to ${bit! + bits! - 1}` : bit === undefined ? type : `bit ${bit}`
  return [place, order, byte === undefined ? undefined : `${byte} byte`].filter((part) => part !== undefined).join(' ')
}

function unitOf({ unit, unit_register, scale, offset }: ScalarPoint): string {
  const scaled = `${scale === undefined ? '' : `${scale} × `}${unit}${offset === undefined ? '' : ` + ${offset}`}`
  if (unit_register === undefined) return scaled
  const codes = Object.entries(unit_register.codes).map(([code, name]) => `${code} ${name}`)
  return `by register ${unit_register.address}: ${codes.join(', ')}${scale === undefined ? '' : `; × ${scale}`}`
}

function noValue({ type, status, invalid_codes, unit_register }: ScalarPoint): string {
  const ways = [
    ...(type.startsWith('float') ? ['NaN'] : []),
    ...(type.startsWith('bcd') ? ['a digit above 9'] : []),
    ...(invalid_codes === undefined ? [] : [`raw ${invalid_codes.join(', ')}`]),
    ...(status?.bit === undefined ? [] : [`bit ${status.bit} of ${status.address}`]),
    ...(status?.mask === undefined ? [] : [`bits 0x${status.mask.toString(16)} of ${status.address}`]),
    ...(status?.codes === undefined ? [] : [`register ${status.address} is ${status.codes.join(', ')}`]),
    ...(unit_register === undefined ? [] : ['another unit code']),
  ]
  return ways.join('; ')
}
