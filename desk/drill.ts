/**
 * The drills of a site as their journal entries tell them, and which alarm belongs to which. Pure: starting, telling the
 * edge nodes and ending is `io/drill-desk.ts`'s; what people did in a drill is `drill-report.ts`'s.
 */
import type { JournalEntryJson } from '../domain/alarm.ts'
import type { DrillJson, DrillStatusName } from '../domain/api.ts'
import { devicesOf, type Site } from '../domain/channel.ts'
import { type EdgeDrill, splitShadow } from '../domain/drill.ts'
import type { ScenarioRequest, ShadowPlace } from '../domain/simulator-control.ts'
import { type Instant, NS_PER_S } from '../domain/time.ts'
import type { MarkedDrill } from './alarm-machine.ts'

/** Bodies of the journal's `drill` entries. */
export type DrillBody =
  /** Durable before anything is done. */
  | {
      readonly what: 'started'
      readonly drill: string
      readonly name: string
      readonly owner: string
      readonly recipients: readonly string[]
      readonly scenario: ScenarioRequest
      readonly shadows: readonly string[]
      readonly until_ns: string
    }
  /** The simulator plays; again where it had lost the drill. */
  | {
      readonly what: 'placed'
      readonly drill: string
      readonly places: readonly ShadowPlace[]
      readonly scenario: string | null
      readonly seed: number | null
    }
  /** Every edge node concerned takes part. */
  | { readonly what: 'running'; readonly drill: string }
  | {
      readonly what: 'failed' | 'ended'
      readonly drill: string
      readonly why: string
      readonly ended_ns: string
      /** Why the simulator could not be told, if it could not. */
      readonly simulator?: string
    }
  /** Asked for and not begun. */
  | { readonly what: 'refused'; readonly name: string; readonly why: string }

export type DrillEntry = Pick<JournalEntryJson, 'at_ns' | 'actor'> & { readonly seq?: number; readonly body: DrillBody }

export type Drill = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly recipients: readonly string[]
  /** Forgotten when it is over: it may be a long text, and stands in the journal. */
  readonly request: ScenarioRequest | undefined
  readonly scenario: string | null
  readonly seed: number | null
  readonly shadows: readonly string[]
  readonly status: DrillStatusName
  readonly started_by: string
  readonly started_ns: string
  readonly until_ns: string
  /** Where the shadows answer; `undefined` until the simulator has made them. */
  readonly places: readonly ShadowPlace[] | undefined
  readonly ended_ns: string | null
  readonly ended_by: string | null
  readonly why: string | null
  /** Rows of the journal between which it ran. */
  readonly first_seq: number
  readonly last_seq: number | null
}

export const isOver = ({ status }: Pick<Drill, 'status'>): boolean => status === 'ended' || status === 'failed'

/** All drills that there ever were. */
export class DrillBook {
  readonly #drills = new Map<string, Drill>()

  /** The one that starts or runs. */
  get current(): Drill | undefined {
    const last = [...this.#drills.values()].at(-1)
    return last !== undefined && !isOver(last) ? last : undefined
  }
  get(id: string): Drill | undefined {
    return this.#drills.get(id)
  }
  /** Oldest first. */
  list(): readonly Drill[] {
    return [...this.#drills.values()]
  }

  /** The same entry again changes nothing; once it is durable it brings its row number. */
  apply({ body, actor, at_ns, seq }: DrillEntry): void {
    if (body.what === 'refused') return
    if (body.what === 'started') {
      this.#drills.set(body.drill, begun(body, actor, at_ns, seq ?? 0))
      return
    }
    const drill = this.#drills.get(body.drill)
    if (drill === undefined) return
    // An entry that waited for the journal does not bring back what has ended meanwhile.
    const late = isOver(drill) && (body.what === 'placed' || body.what === 'running')
    if (!late) this.#drills.set(drill.id, next(drill, body, actor, seq))
  }

  /** By its shadow limit, or by a simulated device's onset while it ran. */
  markOf(limit_id: string, simulated: boolean, onset_ns: Instant): MarkedDrill | null {
    const shadow = splitShadow(limit_id)
    if (shadow !== undefined) {
      const { name, recipients } = this.#drills.get(shadow.drill) ?? { name: shadow.drill, recipients: [] }
      return { id: shadow.drill, name, recipients }
    }
    if (!simulated) return null
    for (const { id, name, recipients, started_ns, ended_ns } of [...this.#drills.values()].reverse()) {
      if (onset_ns >= BigInt(started_ns) && (ended_ns === null || onset_ns < BigInt(ended_ns)))
        return { id, name, recipients }
      if (onset_ns >= BigInt(started_ns)) return null
    }
    return null
  }

  /** A shadow limit whose drill is over or not of this desk: nothing answers behind it any more. */
  isGone(limit_id: string): boolean {
    const shadow = splitShadow(limit_id)
    return shadow !== undefined && shadow.drill !== this.current?.id
  }

  /** From the name where it can be written so, and never one that was used before. */
  newId(name: string): string {
    const slug = name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, SLUG_MAX)
      .replace(/-$/, '')
    if (slug !== '' && !this.#drills.has(slug)) return slug
    const base = slug === '' ? 'drill' : slug
    let n = slug === '' ? 1 : 2
    while (this.#drills.has(`${base}-${n}`)) n++
    return `${base}-${n}`
  }
}

/** Leaves room for a number within the 64 letters of an id. */
const SLUG_MAX = 40

function begun(
  body: DrillBody & { what: 'started' },
  started_by: string,
  started_ns: string,
  first_seq: number,
): Drill {
  const { drill: id, name, owner, recipients, shadows, until_ns, scenario } = body
  return {
    id,
    name,
    owner,
    recipients,
    request: scenario,
    scenario: scenario.name ?? null,
    seed: scenario.seed ?? null,
    shadows,
    status: 'starting',
    started_by,
    started_ns,
    until_ns,
    places: undefined,
    ended_ns: null,
    ended_by: null,
    why: null,
    first_seq,
    last_seq: null,
  }
}

function next(
  drill: Drill,
  body: Exclude<DrillBody, { what: 'started' | 'refused' }>,
  by: string,
  seq?: number,
): Drill {
  if (body.what === 'placed')
    return {
      ...drill,
      places: body.places,
      scenario: body.scenario ?? drill.scenario,
      seed: body.seed ?? drill.seed,
    }
  if (body.what === 'running') return { ...drill, status: 'running' }
  const { what: status, why, ended_ns } = body
  return { ...drill, status, why, ended_ns, ended_by: by, request: undefined, last_seq: seq ?? drill.last_seq }
}

/** What the edge nodes must know; `undefined` until the simulator has made the shadows. */
export const edgeDrillOf = ({ id, until_ns, places }: Drill): EdgeDrill | undefined =>
  places && { id, until_ns, shadows: places }

export const drillJson = (drill: Drill, trouble: string | null = null): DrillJson => ({
  id: drill.id,
  name: drill.name,
  owner: drill.owner,
  recipients: [...drill.recipients],
  scenario: { name: drill.scenario, seed: drill.seed },
  shadows: [...drill.shadows],
  status: drill.status,
  started_by: drill.started_by,
  started_ns: drill.started_ns,
  until_ns: drill.until_ns,
  ended_ns: drill.ended_ns,
  ended_by: drill.ended_by,
  why: drill.why ?? trouble,
})

/** An edge node that is away this long cannot take part: the drill is called off rather than left half begun. */
export const START_WITHIN_NS = 60n * NS_PER_S

/** Edge nodes that must know of the drill: those of the devices that get a shadow. */
export const nodesOf = (site: Site, { shadows }: Pick<Drill, 'shadows'>): string[] => [
  ...new Set(
    devicesOf(site)
      .filter(({ device }) => shadows.includes(device.id))
      .map(({ node }) => node.id),
  ),
]
