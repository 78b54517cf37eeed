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
const InfoExpected = Type.Record(Type.String({ pattern: '^[a-z0-9_]{1,32}$' }), Type.String())
const Word = Type.Integer({ minimum: 0, maximum: 0xffff })
const Registers = Type.Record(Type.String({ pattern: '^[0-9]{1,5}$' }), Word)
const Case = Type.Object(
  {
    case: Type.String({ minLength: 1 }),
    /** Registers of a register table; bits (0 or 1) of a bit table. */
    registers: Registers,
    /** What function 24 answers after the count, oldest first: the counter of the newest sample, then samples. */
    fifo: Type.Optional(Type.Array(Word, { maxItems: 31 })),
    /** Readings by metric; or `header` and `samples` of a ring or queue; or `info`, texts by name. */
    expect: Type.Object(
      {
        header: Type.Optional(HeaderExpected),
        samples: Type.Optional(Type.Array(SampleExpected)),
        info: Type.Optional(InfoExpected),
      },
      { additionalProperties: ReadingExpected },
    ),
  },
  closed,
)
const CaseFile = Type.Object({ cases: Type.Array(Case, { minItems: 1 }) }, closed)

type Common = {
  readonly file: string
  readonly name: string
  /** Word by address, from 0 as on the wire, whatever the model's `address_base`. */
  readonly registers: ReadonlyMap<number, number>
}
export type PointCase = Common & {
  /** By metric; SI. */
  readonly readings: ReadonlyMap<string, Static<typeof ReadingExpected>>
}
export type RingCase = Common & {
  readonly header: Static<typeof HeaderExpected>
  readonly samples: ReadonlyArray<Static<typeof SampleExpected>>
}
/** As a ring's, and what function 24 answers: the samples stand there and not in `registers`. */
export type QueueCase = RingCase & { readonly fifo: readonly number[] }
export type InfoCase = Common & {
  /** Text by name. */
  readonly info: ReadonlyMap<string, string>
}
export type ModelCases = {
  readonly points: readonly PointCase[]
  readonly rings: readonly RingCase[]
  readonly queues: readonly QueueCase[]
  readonly infos: readonly InfoCase[]
}

/** @throws PlumblineError MODEL_INVALID `file:line: path: expected ..., got ...` */
export async function loadCases(id: string): Promise<ModelCases> {
  const folder = join(import.meta.dirname, id, 'cases')
  const points: PointCase[] = []
  const rings: RingCase[] = []
  const queues: QueueCase[] = []
  const infos: InfoCase[] = []
  for (const name of (await readdir(folder)).sort()) {
    const file = `models/${id}/cases/${name}`
    for (const entry of readCases(await readFile(join(folder, name), 'utf8'), file)) {
      const { header, samples, info, ...readings } = entry.expect as Static<typeof Case>['expect']
      const registers = new Map(Object.entries(entry.registers).map(([address, word]) => [Number(address), word]))
      const common = { file, name: entry.case, registers }
      if (info !== undefined) infos.push({ ...common, info: new Map(Object.entries(info)) })
      if (header !== undefined && entry.fifo !== undefined)
        queues.push({ ...common, header, samples: samples ?? [], fifo: entry.fifo })
      else if (header !== undefined) rings.push({ ...common, header, samples: samples ?? [] })
      if (Object.keys(readings).length > 0)
        points.push({ ...common, readings: new Map(Object.entries(readings)) as PointCase['readings'] })
    }
  }
  return { points, rings, queues, infos }
}

/** Pure. @throws as `loadCases` */
export function readCases(text: string, file: string): Static<typeof CaseFile>['cases'] {
  const checked = checkYaml(text, file, CaseFile, () => undefined)
  if (checked.mistakes.length > 0)
    throw new PlumblineError('MODEL_INVALID', checked.mistakes.map(showMistake).join('\n'))
  return (checked.value as Static<typeof CaseFile>).cases
}
