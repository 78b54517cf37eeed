/**
 * The cases beside a model, `models/<id>/cases/*.yaml`: what registers hold and what must be read from them. The edge runs
 * them against its decoder, firmware-sim against what it serves; neither is here.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { PlumblineError } from '../domain/errors.ts'
import { checkYaml, showMistake } from '../domain/yaml-check.ts'

const closed = { additionalProperties: false } as const
const Counter = Type.Integer({ minimum: 0, maximum: 0xffff_ffff })
const Micros = Type.Integer({ minimum: 0 })
const ReadingExpected = Type.Object(
  {
    value: Type.Optional(Type.Number()),
    flag: Type.Enum([1, 2, 3, 4, 9]),
    reason: Type.Optional(Type.String()),
  },
  closed,
)
const HeaderExpected = Type.Object(
  {
    boot_id: Counter,
    newest_counter: Counter,
    newest_us: Micros,
    now_us: Micros,
    sample_rate_hz: Type.Number(),
    depth: Type.Integer(),
    axes: Type.Integer(),
    status: Type.Integer(),
  },
  closed,
)
const SampleExpected = Type.Object({ counter: Counter, axis: Type.String(), value: Type.Number() }, closed)
const Registers = Type.Record(Type.String({ pattern: '^[0-9]{1,5}$' }), Type.Integer({ minimum: 0, maximum: 0xffff }))
const Case = Type.Object(
  {
    case: Type.String({ minLength: 1 }),
    registers: Registers,
    /** Readings by metric; or `header` and `samples` of a ring. */
    expect: Type.Object(
      { header: Type.Optional(HeaderExpected), samples: Type.Optional(Type.Array(SampleExpected)) },
      { additionalProperties: ReadingExpected },
    ),
  },
  closed,
)
const CaseFile = Type.Object({ cases: Type.Array(Case, { minItems: 1 }) }, closed)

export type PointCase = {
  readonly file: string
  readonly name: string
  /** Word by address. */
  readonly registers: ReadonlyMap<number, number>
  /** By metric; SI. */
  readonly readings: ReadonlyMap<string, Static<typeof ReadingExpected>>
}
export type RingCase = {
  readonly file: string
  readonly name: string
  readonly registers: ReadonlyMap<number, number>
  readonly header: Static<typeof HeaderExpected>
  readonly samples: ReadonlyArray<Static<typeof SampleExpected>>
}
export type ModelCases = { readonly points: readonly PointCase[]; readonly rings: readonly RingCase[] }

/** @throws PlumblineError MODEL_INVALID `file:line: path: expected ..., got ...` */
export async function loadCases(id: string): Promise<ModelCases> {
  const folder = join(import.meta.dirname, id, 'cases')
  const points: PointCase[] = []
  const rings: RingCase[] = []
  for (const name of (await readdir(folder)).sort()) {
    const file = `models/${id}/cases/${name}`
    for (const entry of readCases(await readFile(join(folder, name), 'utf8'), file)) {
      const { header, samples, ...readings } = entry.expect as Static<typeof Case>['expect']
      const registers = new Map(Object.entries(entry.registers).map(([address, word]) => [Number(address), word]))
      const common = { file, name: entry.case, registers }
      if (header !== undefined) rings.push({ ...common, header, samples: samples ?? [] })
      else points.push({ ...common, readings: new Map(Object.entries(readings)) as PointCase['readings'] })
    }
  }
  return { points, rings }
}

function readCases(text: string, file: string): Static<typeof CaseFile>['cases'] {
  const checked = checkYaml(text, file, CaseFile, () => undefined)
  if (checked.mistakes.length > 0)
    throw new PlumblineError('MODEL_INVALID', checked.mistakes.map(showMistake).join('\n'))
  return (checked.value as Static<typeof CaseFile>).cases
}
