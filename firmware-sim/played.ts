/**
 * Which sample of which program an evenly sampling device takes at a counter. Samples already taken keep theirs whatever is
 * played or steered later. What a program plays is `program.ts`; quantising is the device's.
 */
import type { Instant } from '../domain/time.ts'
import type { Program } from './program.ts'

/** From a counter on; `undefined` = the site's own play. */
type Part = {
  readonly first: number
  readonly program: Program | undefined
  readonly moving: boolean
  /** Samples of the record: where the first one is taken, and from each to the next. */
  readonly position: number
  readonly step: number
}

/** What a program gives for a sample: an acceleration, `undefined` where it stands still, or that it does not play. */
export type PlayedSample = { readonly motion_m_s2: number | undefined } | 'site'

/**
 * How long a play is remembered after the last sample of it left the ring [s], so that what was stored can be compared with
 * the truth; and how many, whoever starts more within that time.
 */
const REMEMBERED_S = 3600
const PLAYS_MAX = 1000

const SITE: PlayedSample = 'site'
const STILL: PlayedSample = { motion_m_s2: undefined }

export type Grid = {
  /** Samples per real second. */
  readonly rate_hz: number
  /** The boot that counters count from; what was played before it is not in them. */
  readonly bootAt: () => Instant
  /** The first counter whose sample is taken after an instant. */
  readonly firstAfter: (at: Instant) => number
}

export class PlayedSamples {
  #plays: Array<{ readonly from: Instant; readonly program: Program | undefined }> = []
  #parts: readonly Part[] = []
  #steers = -1

  /** @param oldest counter that a reader may still ask for */
  add(program: Program | undefined, from: Instant, oldest: number, grid: Grid): void {
    const kept = this.#plays.filter((_, i) => {
      const next = this.#plays[i + 1]
      return next === undefined || grid.firstAfter(next.from) > oldest - REMEMBERED_S * grid.rate_hz
    })
    this.#plays = [...kept.slice(1 - PLAYS_MAX), { from, program }]
    this.#steers = -1
  }

  /** The device booted: its counters are others now. */
  renumber(): void {
    this.#steers = -1
  }

  at(counter: number, axis: string, grid: Grid): PlayedSample {
    if (this.#plays.length === 0) return SITE
    const part = this.#partsOn(grid).findLast((p) => p.first <= counter)
    if (part?.program === undefined) return SITE
    if (!part.moving) return STILL
    const { program, position, step, first } = part
    return { motion_m_s2: program.motion_m_s2(axis, position + (counter - first) * step, step) }
  }

  /** Worked out anew when something was played or the last program was steered: one that was replaced changes nothing. */
  #partsOn(grid: Grid): readonly Part[] {
    const steers = this.#plays.at(-1)?.program?.steers ?? 0
    if (steers !== this.#steers) {
      this.#parts = this.#plays.flatMap(({ from, program }, i) => {
        const until = this.#plays[i + 1]?.from
        return program === undefined
          ? [{ first: grid.firstAfter(from), program, moving: false, position: 0, step: 1 }]
          : partsOf(program, from, until, grid)
      })
      this.#steers = steers
    }
    return this.#parts
  }
}

/** A part for every stretch of the program that meets [from, until). */
function partsOf(program: Program, from: Instant, until: Instant | undefined, grid: Grid): Part[] {
  const { recording, stretches, speed } = program
  if (recording.kind !== 'waveform') return []
  const step = (speed * recording.sample_rate_hz) / grid.rate_hz
  return stretches.flatMap((stretch, i) => {
    const next = stretches[i + 1]
    const start = later(stretch.from, from, grid.bootAt())
    const end = next === undefined ? until : until === undefined || next.from < until ? next.from : until
    if (end !== undefined && end <= start) return []
    const exact = program.positionIn_s(stretch, start) * recording.sample_rate_hz
    // At the record's own rate whole samples are taken; a millionth of one absorbs the rounding of instants.
    const position = step === 1 ? Math.ceil(exact - 1e-6) : exact
    // A program that was running at the boot has sample 0 too.
    const first = later(stretch.from, from) < grid.bootAt() ? 0 : grid.firstAfter(start)
    return [{ first, program, moving: stretch.moving, position, step }]
  })
}

const later = (...instants: [Instant, ...Instant[]]): Instant => instants.reduce((a, b) => (b > a ? b : a))
