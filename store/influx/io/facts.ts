/** Gathers what InfluxDB and the state database hold near a batch. Live data lie beyond all that is stored and cost no query. */
import { addRange, inRanges } from '../../../domain/ranges.ts'
import type { Block } from '../../../domain/reading.ts'
import type { KeptRecord, Ranges } from '../../../domain/record.ts'
import { FIELD, influxDatabase, type SeriesKind } from '../../../domain/series.ts'
import type { SqliteClient } from '../../../runtime/sqlite-worker.ts'
import { blockRefusal, gapRefusal, readingRefusal } from '../../check.ts'
import { axesOf } from '../../packed.ts'
import { type Facts, formatOf, identityKey, type KnownBlock, kindOf, readingKey } from '../plan.ts'
import { sampleAt_ns, samplesOf } from '../points.ts'
import { type BootKey, Queries } from '../queries.ts'
import { type Answer, bigintOf, type Row } from '../results.ts'
import { bootOwner, channelOwner, gapOwner, type Known, type Question } from '../state.ts'
import type { Http } from './http.ts'

/** Of one request to `/query`. */
const STATEMENTS_MAX = 50
/** Stored readings are asked for together where they lie closer than this. */
const CLUSTER_NS = 600_000_000_000n
/** A block that comes again carries nearly the t0 it had. */
const NEARBY_NS = 3_600_000_000_000n

type Ask = { readonly kind: SeriesKind; readonly query: string; readonly take: (rows: Answer) => void }
type Boot = { newest_ns: bigint | undefined; ranges: Ranges }

export class FactFinder {
  readonly #http: Http
  readonly #database: string
  readonly #queries: Queries
  /** By owner; they follow the state database. */
  readonly #marks = new Map<string, bigint | undefined>()
  readonly #boots = new Map<string, Boot>()

  constructor(http: Http, database: string, site: string) {
    this.#http = http
    this.#database = database
    this.#queries = new Queries(site)
  }

  async find(state: SqliteClient, records: readonly KeptRecord[]): Promise<Facts> {
    const committed = await this.#committed(state, records)
    const fresh = records.filter((record) => !committed.has(identityKey(record)))
    const facts: Facts = { committed, readings: new Map(), gaps: new Map(), ranges: new Map(), blocks: new Map() }
    await this.#owners(state, fresh, facts)
    const asks = [...this.#readingAsks(fresh, facts), ...this.#blockAsks(fresh, facts)]
    await this.#ask(asks)
    await this.#ask(this.#farBlockAsks(fresh, facts))
    return facts
  }

  /** After the state database has it: the same is remembered here. */
  learn(marks: ReadonlyArray<readonly [string, bigint]>, ranges: ReadonlyArray<readonly [string, Ranges]>): void {
    for (const [owner, newest_ns] of marks) {
      const boot = this.#boots.get(owner)
      const known = boot === undefined ? this.#marks.get(owner) : boot.newest_ns
      if (known !== undefined && known >= newest_ns) continue
      if (boot === undefined) this.#marks.set(owner, newest_ns)
      else boot.newest_ns = newest_ns
    }
    for (const [owner, added] of ranges) {
      const boot = this.#boots.get(owner)
      if (boot !== undefined) boot.ranges = added.reduce((all, [low, high]) => addRange(all, low, high), boot.ranges)
    }
  }

  async #committed(state: SqliteClient, records: readonly KeptRecord[]): Promise<Set<string>> {
    const question: Question = { identities: records.map((r) => r.identity), marks: [], ranges: [], gaps: [] }
    const { committed } = await state.call<Known>('look', question)
    return new Set(records.filter((_, i) => committed[i]).map(identityKey))
  }

  /** How far channels and boots reach: remembered, else from the state database, else (it was lost) from InfluxDB. */
  async #owners(state: SqliteClient, records: readonly KeptRecord[], facts: Facts): Promise<void> {
    const channels = new Map<string, { kind: SeriesKind; channel: string }>()
    const boots = new Map<string, { kind: SeriesKind; boot: BootKey }>()
    const gaps: Array<readonly [string, bigint]> = []
    for (const record of records) {
      const kind = kindOf(record)
      for (const r of storable([...record.readings], readingRefusal)) {
        const owner = channelOwner(kind, r.channel)
        if (!this.#marks.has(owner)) channels.set(owner, { kind, channel: r.channel })
      }
      for (const b of storable(record.blocks, blockRefusal)) {
        const owner = bootOwner(kind, b)
        if (!this.#boots.has(owner)) boots.set(owner, { kind, boot: b })
      }
      for (const g of storable(record.gaps, gapRefusal)) gaps.push([gapOwner(kind, g), g.from_ns])
    }
    const owners = [...boots.keys()]
    const marks = [...channels.keys(), ...owners]
    const known = await state.call<Known>('look', { identities: [], marks, ranges: owners, gaps })
    for (const [i, [owner]] of gaps.entries()) {
      const rows = [...(facts.gaps.get(owner) ?? []), ...known.gaps[i]!]
      facts.gaps.set(owner, [...new Map(rows.map((row) => [`${row.from_ns} ${row.shift_ns}`, row])).values()])
    }
    const asks: Ask[] = []
    let i = 0
    const found: Array<() => void> = []
    for (const [owner, { kind, channel }] of channels) {
      const mark = known.marks[i++]
      found.push(() => this.#marks.set(owner, this.#marks.get(owner) ?? mark))
      if (mark !== undefined) continue
      const take = (rows: Answer) => this.#marks.set(owner, rows[0]?.t_ns)
      asks.push({ kind, query: this.#queries.newestReading(channel), take })
    }
    for (const [at, [owner, { kind, boot }]] of [...boots].entries()) {
      const newest_ns = known.marks[i++]
      if (newest_ns !== undefined) found.push(() => this.#boots.set(owner, { newest_ns, ranges: known.ranges[at]! }))
      else
        asks.push({
          kind,
          query: this.#queries.blocksOfBoot(boot),
          take: (rows) => this.#boots.set(owner, bootOf(rows)),
        })
    }
    await this.#ask(asks)
    for (const remember of found) remember()
  }

  #readingAsks(records: readonly KeptRecord[], facts: Facts): Ask[] {
    const wanted = new Map<string, { kind: SeriesKind; channel: string; instants: bigint[] }>()
    for (const record of records)
      for (const { channel, t_ns } of storable([...record.readings], readingRefusal)) {
        const kind = kindOf(record)
        const owner = channelOwner(kind, channel)
        const newest_ns = this.#marks.get(owner)
        if (newest_ns === undefined || t_ns > newest_ns) continue
        const entry = wanted.get(owner) ?? { kind, channel, instants: [] }
        entry.instants.push(t_ns)
        wanted.set(owner, entry)
      }
    return [...wanted].flatMap(([owner, { kind, channel, instants }]) => {
      const all = new Set(instants)
      const take = (rows: Answer): void => {
        for (const row of rows)
          if (all.has(row.t_ns))
            facts.readings.set(readingKey(owner, row.t_ns), {
              value: row.get(FIELD.reading.value) as number | null,
              flag: row.get(FIELD.reading.flag) as number,
            })
      }
      return clusters(instants).map(([from, to]) => ({
        kind,
        query: this.#queries.readings(channel, from, to + 1n, 1_000_000),
        take,
      }))
    })
  }

  /** Blocks whose counters are stored already, and those that lie where others of their boot do. */
  #blockAsks(records: readonly KeptRecord[], facts: Facts): Ask[] {
    const asks: Ask[] = []
    for (const [kind, owner, block] of blocksOf(records)) {
      const { newest_ns, ranges } = this.#boots.get(owner)!
      facts.ranges.set(owner, ranges)
      const { t0_ns, first_counter: first } = block
      const n = block.axes[0]!.samples.length
      const end_ns = sampleAt_ns(t0_ns, n, block.sample_rate_hz)
      const take = (rows: Answer) => addBlocks(facts, owner, rows)
      if (newest_ns !== undefined && t0_ns <= newest_ns)
        asks.push({ kind, query: this.#queries.blocksBetween(block, t0_ns - 2_000n, end_ns + 2_000n), take })
      if (!touches(ranges, first, first + n - 1)) continue
      const near = [t0_ns - NEARBY_NS, end_ns + NEARBY_NS] as const
      asks.push({ kind, query: this.#queries.blocksWithCounters(block, first, first + n - 1, near), take })
    }
    return asks
  }

  /** The same counters with a t0 of another day: the clock was set in between. */
  #farBlockAsks(records: readonly KeptRecord[], facts: Facts): Ask[] {
    const asks: Ask[] = []
    for (const [kind, owner, block] of blocksOf(records)) {
      const first = block.first_counter
      const last = first + block.axes[0]!.samples.length - 1
      let found: Ranges = []
      for (const row of facts.blocks.get(owner) ?? [])
        if (row.samples !== undefined) found = addRange(found, row.first, row.first + row.n - 1)
      const missing = this.#boots.get(owner)!.ranges.some(([low, high]) => {
        const [from, to] = [Math.max(low, first), Math.min(high, last)]
        return from <= to && !found.some(([a, b]) => a <= from && to <= b)
      })
      if (missing)
        asks.push({
          kind,
          query: this.#queries.blocksWithCounters(block, first, last),
          take: (rows) => addBlocks(facts, owner, rows),
        })
    }
    return asks
  }

  async #ask(asks: readonly Ask[]): Promise<void> {
    for (const kind of ['real', 'exercise'] as const) {
      const own = asks.filter((ask) => ask.kind === kind)
      for (let at = 0; at < own.length; at += STATEMENTS_MAX) {
        const some = own.slice(at, at + STATEMENTS_MAX)
        const answers = await this.#http.query(
          influxDatabase(this.#database, kind),
          some.map((ask) => ask.query),
        )
        for (const [i, ask] of some.entries()) ask.take(answers[i] ?? [])
      }
    }
  }
}

function* blocksOf(records: readonly KeptRecord[]): Generator<[SeriesKind, string, Block]> {
  for (const record of records) {
    const kind = kindOf(record)
    for (const block of storable(record.blocks, blockRefusal)) yield [kind, bootOwner(kind, block), block]
  }
}

const storable = <T>(parts: readonly T[], refusal: (part: T) => string | undefined): readonly T[] =>
  parts.filter((part) => refusal(part) === undefined)

const touches = (ranges: Ranges, first: number, last: number): boolean =>
  inRanges(ranges, first) || inRanges(ranges, last) || ranges.some(([low, high]) => low <= last && high >= first)

/** [first, last] of instants that lie close together. */
function clusters(instants: readonly bigint[]): Array<[bigint, bigint]> {
  const out: Array<[bigint, bigint]> = []
  for (const at of instants.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = out.at(-1)
    if (last !== undefined && at - last[1] < CLUSTER_NS) last[1] = at
    else out.push([at, at])
  }
  return out
}

function bootOf(rows: Answer): Boot {
  let ranges: Ranges = []
  let newest_ns: bigint | undefined
  for (const row of rows) {
    const { first_counter, last_counter, last_ns } = FIELD.block
    ranges = addRange(ranges, Number(row.get(first_counter)), Number(row.get(last_counter)))
    const end_ns = bigintOf(row.get(last_ns)) + 1_000n
    if (newest_ns === undefined || end_ns > newest_ns) newest_ns = end_ns
  }
  return { newest_ns, ranges }
}

function addBlocks(facts: Facts, owner: string, rows: Answer): void {
  const all = new Map((facts.blocks.get(owner) ?? []).map((row) => [row.first, row]))
  for (const row of rows.map(knownBlock)) if (all.get(row.first)?.samples === undefined) all.set(row.first, row)
  facts.blocks.set(owner, [...all.values()])
}

function knownBlock(row: Row): KnownBlock {
  const B = FIELD.block
  const first = Number(row.get(B.first_counter))
  const n = Number(row.get(B.last_counter)) - first + 1
  const shift_ns = Number(row.get(B.shift_ns))
  const place = {
    first,
    n,
    t0_ns: row.t_ns - BigInt(shift_ns),
    shift_ns,
    sample_rate_hz: Number(row.get(B.sample_rate_hz)),
  }
  const text = row.get(B.samples)
  if (typeof text !== 'string') return place
  const axes = String(row.get(B.axes))
  const count = axesOf(axes).length
  const samples = { data: samplesOf(text, n * count), axes: count, first, n }
  return { ...place, samples, format: formatOf(axes, String(row.get(B.unit) ?? ''), Number(row.get(B.scale))) }
}
