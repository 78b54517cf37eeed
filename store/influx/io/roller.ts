/**
 * Makes rollups in InfluxDB of hours that have come to rest. An hour is marked in InfluxDB before points go there and in the
 * state database with the identities; the marks go when its rollups are written, and no batch is under way meanwhile.
 */
import { channelId } from '../../../domain/ids.ts'
import { NOT_EVALUATED } from '../../../domain/reading.ts'
import { FIELD, influxDatabase, type SeriesKind } from '../../../domain/series.ts'
import type { SqliteClient } from '../../../runtime/sqlite-worker.ts'
import { HOUR_NS, hourStart, MINUTE_NS } from '../../rollup.ts'
import type { TouchedHour } from '../plan.ts'
import { RANKED } from '../points.ts'
import { Queries } from '../queries.ts'
import type { Answer, Row } from '../results.ts'
import { type Mark, type Missing, rollupLines, staleLine, type Window } from '../rollups.ts'
import { type InfluxSettings, type Target, writePath } from '../settings.ts'
import { ownedBy } from '../state.ts'
import { type Http, Refused } from './http.ts'
import { BYTES_MAX, LINES_MAX } from './line-sender.ts'

/** So many hours of series in one turn: a batch waits for it, some tens of milliseconds. */
const AT_ONCE = 10
const SECOND_NS = 1_000_000_000n
const AXIS_RANK = RANKED.indexOf(NOT_EVALUATED)

const keyOf = ({ owner, hour }: Mark): string => `${hour} ${owner}`

export class Roller {
  readonly #http: Http
  readonly #settings: InfluxSettings
  readonly #queries: Queries
  /** Every mark that the state database holds, with the round in which it was last made. */
  readonly #marks = new Map<string, Mark & { readonly round: number }>()
  #loaded = false
  /** Channels and hours that InfluxDB was told are stale. */
  readonly #stale = new Set<string>()
  #round = 0

  constructor(http: Http, settings: InfluxSettings) {
    this.#http = http
    this.#settings = settings
    this.#queries = new Queries(settings.site)
  }

  /** Before the points of these hours are written: whoever asks then takes them, not rollups that do not know them. */
  async announce(hours: readonly TouchedHour[]): Promise<void> {
    const lines = { real: [] as string[], exercise: [] as string[] }
    const told: string[] = []
    for (const { kind, channels, hour } of hours)
      for (const channel of channels) {
        const key = `${hour} ${kind} ${channel}`
        if (this.#stale.has(key)) continue
        told.push(key)
        lines[kind].push(staleLine(this.#settings.site, channel, hour))
      }
    for (const kind of ['real', 'exercise'] as const) await this.#send({ kind, policy: 'lasting' }, lines[kind])
    for (const key of told) this.#stale.add(key)
  }

  /** After the state database has them. */
  learn(marks: readonly Mark[]): void {
    for (const mark of marks) this.#marks.set(keyOf(mark), { ...mark, round: this.#round })
  }

  /** Begins a round; whether hours have been at rest for `rounds` of them. */
  async due(state: SqliteClient, rounds: number): Promise<boolean> {
    this.#round++
    return (await this.#quiet(state, rounds)).length > 0
  }

  /** Some of the hours that have been at rest, the oldest first. @returns how many are left */
  async roll(state: SqliteClient, rounds: number): Promise<number> {
    const quiet = await this.#quiet(state, rounds)
    const now = quiet.slice(0, AT_ONCE)
    for (const kind of ['real', 'exercise'] as const) await this.#rollUp(state, kind, now)
    await state.call('rolled', now)
    for (const mark of now) this.#marks.delete(keyOf(mark))
    return quiet.length - now.length
  }

  async #rollUp(state: SqliteClient, kind: SeriesKind, marks: readonly Mark[]): Promise<void> {
    const raw: string[] = []
    const lasting: string[] = []
    for (const mark of marks) {
      const owner = ownedBy(mark.owner)
      if (owner.kind !== kind) continue
      const gaps = await state.call<ReadonlyArray<Missing & { channels: string }>>('gapsIn', kind, ...spanOf(mark.hour))
      const channels = owner.group === undefined ? [owner.channel] : await this.#axes(kind, owner, mark.hour)
      for (const channel of channels) {
        const missing = gaps.filter(({ channels: names }) => (JSON.parse(names) as string[]).includes(channel))
        const finest =
          owner.group === undefined
            ? await this.#minutes(kind, channel, mark.hour)
            : await this.#seconds(kind, owner, channel, mark.hour)
        const grain = owner.group === undefined ? '1m' : '1s'
        const lines = rollupLines(this.#settings.site, channel, mark.hour, grain, finest, missing)
        raw.push(...lines.raw)
        lasting.push(...lines.lasting)
        this.#stale.delete(`${mark.hour} ${kind} ${channel}`)
      }
    }
    await this.#send({ kind, policy: 'raw' }, raw)
    await this.#send({ kind, policy: 'lasting' }, lasting)
  }

  async #axes(kind: SeriesKind, { device, group }: Group, hour: number): Promise<string[]> {
    const [from, to] = spanOf(hour)
    const [rows] = await this.#ask(kind, [this.#queries.axesBetween({ device, group }, { from, to })])
    const texts = new Set(rows!.map((row) => String(row.get(FIELD.block.axes))))
    const axes = new Set([...texts].flatMap((text) => text.split(',')))
    return [...axes].map((axis) => channelId(device, `${group}/${axis}`))
  }

  async #minutes(kind: SeriesKind, channel: string, hour: number): Promise<Window[]> {
    const [from, to] = spanOf(hour)
    const span = { from, to }
    const [figures, ranks, counts] = await this.#ask(kind, [
      ...this.#queries.readingColumns(channel, span, from, MINUTE_NS),
      this.#queries.readingCounts(channel, span, MINUTE_NS),
    ])
    const usable = new Map(figures!.map((row) => [row.t_ns, row]))
    const worst = new Map(ranks!.map((row) => [row.t_ns, Number(row.get('rank'))]))
    return counts!.map((row) => {
      const found = usable.get(row.t_ns)
      const rank = worst.get(row.t_ns) ?? 0
      return { at_ns: row.t_ns, figures: figuresOf(found, rank), all: Number(row.get('all')) }
    })
  }

  async #seconds(kind: SeriesKind, group: Group, channel: string, hour: number): Promise<Window[]> {
    const [from, to] = spanOf(hour)
    const axis = channel.slice(channelId(group.device, `${group.group}/`).length)
    const [rows] = await this.#ask(kind, [this.#queries.axisColumns(group, axis, { from, to }, from, SECOND_NS)])
    return rows!.map((row) => {
      const figures = figuresOf(row, AXIS_RANK)
      return { at_ns: row.t_ns, figures, all: figures.count }
    })
  }

  #ask(kind: SeriesKind, statements: readonly string[]): Promise<Answer[]> {
    return this.#http.query(influxDatabase(this.#settings.database, kind), statements)
  }

  /** Lines beyond what the server keeps are refused, and with them goes nothing that anybody could ask for. */
  async #send(target: Target, lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; ) {
      let [end, bytes] = [at, 0]
      while (end < lines.length && end - at < LINES_MAX && bytes + lines[end]!.length < BYTES_MAX)
        bytes += lines[end++]!.length + 1
      const text = lines.slice(at, end).join('\n')
      await this.#http.write(writePath(this.#settings.database, target), text).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error
      })
      at = end
    }
  }

  async #quiet(state: SqliteClient, rounds: number): Promise<Mark[]> {
    if (!this.#loaded)
      // Of an earlier process: nobody has touched it since the start.
      for (const mark of await state.call<readonly Mark[]>('touched'))
        if (!this.#marks.has(keyOf(mark))) this.#marks.set(keyOf(mark), { ...mark, round: Number.NEGATIVE_INFINITY })
    this.#loaded = true
    const quiet = [...this.#marks.values()].filter(({ round }) => this.#round - round >= rounds)
    return quiet.map(({ owner, hour }) => ({ owner, hour })).sort((a, b) => a.hour - b.hour)
  }
}

type Group = { readonly device: string; readonly group: string }

const spanOf = (hour: number): [from: bigint, to: bigint] => [hourStart(hour), hourStart(hour) + HOUR_NS]

function figuresOf(row: Row | undefined, rank: number) {
  if (row === undefined) return { min: 0, max: 0, sum: 0, count: 0, rank }
  const [min, mean, max, count] = (['min', 'mean', 'max', 'count'] as const).map((what) => Number(row.get(what)))
  return { min: min!, max: max!, sum: mean! * count!, count: count!, rank }
}
