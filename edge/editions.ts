/**
 * Under which birth a record is sent. A birth says how the records after it are to be read (scale, unit, exercise), so one
 * that was recorded before the site file changed goes under the birth of its own time: the edition. Pure; an edition that
 * the site no longer has is kept until its owner has committed what belongs to it.
 */
import { canonicalJson } from '../domain/canonical-json.ts'
import type { PlacedDevice } from '../domain/channel.ts'
import type { Limit } from '../domain/condition.ts'
import type { Model } from '../domain/model.ts'
import type { Stream } from '../domain/record.ts'
import type { SiteDevice } from '../domain/site.ts'

export type Offsets = Readonly<Record<Stream, number>>
/** A device as it was when its records were made. `key` is empty for the edition of the present site. */
export type Edition = { readonly key: string; readonly device: SiteDevice; readonly model: Model }
type Retired = Edition & { upTo: Offsets }
type RetiredLimit = { readonly limit: Limit; readonly exercise: boolean; readonly upTo: number }

/** What is kept over a restart: plain JSON. */
export type SavedEditions = {
  readonly outbox: string
  readonly next: number
  readonly current: ReadonlyArray<{ readonly device: SiteDevice; readonly model: string }>
  readonly limits: readonly Limit[]
  readonly models: Readonly<Record<string, Model>>
  readonly retired: readonly Retired[]
  readonly retiredLimits: readonly RetiredLimit[]
}

/** What a birth takes from the site: where it differs, old records need the old birth. */
const birthOf = ({ device, model }: Pick<Edition, 'device' | 'model'>): string =>
  canonicalJson([device.simulated === undefined ? null : device.simulated.time_scale, model])

export class Editions {
  #next = 1
  #current = new Map<string, Edition>()
  #limits: readonly Limit[] = []
  #retired: Retired[] = []
  #retiredLimits: RetiredLimit[] = []

  /** @param saved of the run before; another outbox has none of its records */
  constructor(saved: SavedEditions | undefined, outbox: string) {
    if (saved === undefined || saved.outbox !== outbox) return
    this.#next = saved.next
    this.#retired = [...saved.retired]
    this.#retiredLimits = [...saved.retiredLimits]
    this.#limits = saved.limits
    for (const { device, model } of saved.current)
      this.#current.set(device.id, { key: '', device, model: saved.models[model]! })
  }

  /** The site is now this; `highest` are the offsets given out so far. */
  apply(placed: readonly Pick<PlacedDevice, 'device' | 'model'>[], limits: readonly Limit[], highest: Offsets): void {
    const now = new Map(placed.map(({ device, model }) => [device.id, { key: '', device, model } satisfies Edition]))
    for (const [id, edition] of this.#current) {
      const next = now.get(id)
      if (next !== undefined && birthOf(next) === birthOf(edition)) continue
      this.#retired.push({ ...edition, key: String(this.#next++), upTo: highest })
    }
    const stays = new Set(limits.map(({ id }) => id))
    const gone = this.#limits.filter(({ id }) => !stays.has(id))
    this.#retiredLimits = [
      ...this.#retiredLimits.filter(({ limit }) => !stays.has(limit.id)),
      ...gone.map((limit) => ({ limit, exercise: this.#isExercise(limit), upTo: highest.conditions })),
    ]
    this.#current = now
    this.#limits = limits
  }

  #isExercise({ channel }: Limit): boolean {
    return this.#current.get(channel.slice(0, channel.indexOf('/')))?.device.simulated !== undefined
  }

  /** Devices of the present site. */
  get devices(): readonly string[] {
    return [...this.#current.keys()]
  }
  get all(): readonly Edition[] {
    return [...this.#current.values(), ...this.#retired]
  }
  /** Limits that the site no longer has, whose records are not all committed yet. */
  get retiredLimits(): readonly Pick<RetiredLimit, 'limit' | 'exercise'>[] {
    return this.#retiredLimits
  }

  /** The edition that a record of a device belongs to: the oldest one that reaches so far. */
  of(device: string, stream: Stream, offset: number): Edition | undefined {
    const own = this.#retired.filter((edition) => edition.device.id === device)
    // What is recorded of a device after it left the site (what the outbox had to drop of it) belongs to its last edition.
    return own.find(({ upTo }) => offset <= upTo[stream]) ?? this.#current.get(device) ?? own.at(-1)
  }
  byKey(device: string, key: string): Edition | undefined {
    return key === '' ? this.#current.get(device) : this.#retired.find((edition) => edition.key === key)
  }

  /** A record of `device` got this offset: one of a device that has left is waited for, too. */
  recorded(device: string, stream: Stream, offset: number): void {
    if (this.#retired.length === 0 || this.#current.has(device)) return
    const last = this.#retired.findLast((edition) => edition.device.id === device)
    if (last !== undefined && last.upTo[stream] < offset) last.upTo = { ...last.upTo, [stream]: offset }
  }

  /** Forgets what is drained. `waits`: whether anything up to an offset is still uncommitted. True where that is news. */
  settle(waits: (stream: Stream, upTo: number) => boolean): boolean {
    const before = this.#retired.length + this.#retiredLimits.length
    if (before === 0) return false
    this.#retired = this.#retired.filter(({ upTo }) => waits('readings', upTo.readings) || waits('blocks', upTo.blocks))
    this.#retiredLimits = this.#retiredLimits.filter(({ upTo }) => waits('conditions', upTo))
    return this.#retired.length + this.#retiredLimits.length < before
  }

  save(outbox: string): SavedEditions {
    const models = Object.fromEntries([...this.#current.values()].map(({ model }) => [model.id, model]))
    return {
      outbox,
      next: this.#next,
      current: [...this.#current.values()].map(({ device, model }) => ({ device, model: model.id })),
      limits: this.#limits,
      models,
      retired: this.#retired,
      retiredLimits: this.#retiredLimits,
    }
  }
}
