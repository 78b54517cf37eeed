/**
 * Points of one database (bucket) of the fakes: kept once per series and instant, with a field's type fixed per week (2.x:
 * per shard) or for ever (3.x: per table). Questions about them are `fake-influxql.fixture.ts`.
 */
import type { Field, FieldType, Point } from './fake-lines.fixture.ts'

export type Series = {
  readonly tags: ReadonlyMap<string, string>
  readonly points: Map<bigint, Map<string, Field>>
}

const SHARD_NS = 7n * 86_400_000_000_000n

export class FakeDatabase {
  readonly typesPer: 'shard' | 'table'
  /** Points older than this are refused (2.x) or hidden (3.x); 0 keeps for ever. */
  readonly keep_s: number
  readonly measurements = new Map<string, Map<string, Series>>()
  readonly #types = new Map<string, FieldType | 'tag'>()

  constructor(typesPer: 'shard' | 'table', keep_s: number) {
    this.typesPer = typesPer
    this.keep_s = keep_s
  }

  /** The first name of another type, or `undefined`. */
  conflict({ measurement, tags, fields, t_ns }: Point): { field: string; is: string; was: string } | undefined {
    const own = this.#place(measurement, t_ns)
    const columns = [...fields].map(([field, { type }]) => [field, type as string] as const)
    // A table of 3.x has one column per name, whether tag or field.
    if (this.typesPer === 'table') for (const tag of tags.keys()) columns.push([tag, 'tag'])
    for (const [field, is] of columns) {
      const was = this.#types.get(`${own} ${field}`)
      if (was !== undefined && was !== is) return { field, is, was }
    }
    return undefined
  }

  /** The same series and instant: fields are merged, the last one wins. */
  write({ measurement, tags, fields, t_ns }: Point): void {
    const own = this.#place(measurement, t_ns)
    for (const [field, { type }] of fields) this.#types.set(`${own} ${field}`, type)
    if (this.typesPer === 'table') for (const tag of tags.keys()) this.#types.set(`${own} ${tag}`, 'tag')
    const all = this.measurements.get(measurement) ?? new Map<string, Series>()
    this.measurements.set(measurement, all)
    const key = JSON.stringify([...tags])
    const series = all.get(key) ?? { tags, points: new Map() }
    all.set(key, series)
    series.points.set(t_ns, new Map([...(series.points.get(t_ns) ?? []), ...fields]))
  }

  #place(measurement: string, t_ns: bigint): string {
    return this.typesPer === 'shard' ? `${measurement} ${t_ns / SHARD_NS}` : measurement
  }
}
