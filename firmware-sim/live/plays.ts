/**
 * What plays in which device: a scenario's programs below, somebody's play above, the site's own where there is neither.
 * The last play wins; when it is stopped its devices go back to what lies below, where that stands by then.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayState, PlayStatus, Steer } from '../../domain/simulator-control.ts'
import type { Instant } from '../../domain/time.ts'
import type { PlayableDevice } from '../device.ts'
import type { Program } from '../program.ts'
import type { PreparedPlay } from './play-request.ts'
import type { PlayPart } from './player.ts'

type Play = PreparedPlay & { readonly id: string }

export class Plays {
  readonly #newId: () => string
  readonly #plays = new Map<string, Play>()
  readonly #below = new Map<PlayableDevice, Program>()

  /** @param newId of a play: never the same twice, also over restarts, so that nobody steers what he did not start */
  constructor(newId: () => string) {
    this.#newId = newId
  }

  /** In place of every play that has one of these devices. @throws PlumblineError PLAY_REFUSED, and nothing has changed */
  start(prepared: PreparedPlay, at: Instant): PlayStatus {
    const play = { ...prepared, id: this.#newId() }
    this.#show(play.parts, at)
    const devices = new Set(play.parts.map((part) => part.device))
    for (const old of [...this.#plays.values()])
      if (old.parts.some((part) => devices.has(part.device))) this.#end(old, at, devices)
    this.#plays.set(play.id, play)
    return statusOf(play, at)
  }

  /** @throws PlumblineError PLAY_REFUSED */
  steer(id: string, steer: Steer, at: Instant): PlayStatus {
    const play = this.#plays.get(id)
    if (play === undefined) refuse(`play: expected one that runs (${[...this.#plays.keys()].join(', ') || 'none'})`, id)
    const { action } = steer
    const length_s = lengthOf_s(play)
    if (action === 'seek') {
      const { position_s } = steer
      if (!(typeof position_s === 'number' && position_s >= 0 && position_s <= length_s))
        refuse(`position_s: expected 0 to ${length_s} s`, position_s)
      for (const { program, time_scale } of play.parts)
        program.seek(Math.min(position_s / time_scale, program.length_s), at)
    } else if (action === 'pause') for (const { program } of play.parts) program.pause(at)
    else if (action === 'resume') for (const { program } of play.parts) program.resume(at)
    else if (action === 'stop') {
      const status = statusOf(play, at)
      this.#end(play, at)
      return { ...status, state: 'ended' }
    } else refuse('action: expected pause, resume, stop or seek', action)
    return statusOf(play, at)
  }

  status(at: Instant): PlayStatus[] {
    return [...this.#plays.values()].map((play) => statusOf(play, at))
  }

  /** A scenario's, in place of every play on its devices. @throws PlumblineError PLAY_REFUSED, and nothing has changed */
  layBelow(parts: readonly PlayPart[], at: Instant): void {
    this.#show(parts, at)
    const devices = new Set(parts.map((part) => part.device))
    for (const play of [...this.#plays.values()])
      if (play.parts.some((part) => devices.has(part.device))) this.#end(play, at, devices)
    for (const { device, program } of parts) this.#below.set(device, program)
  }

  /** The scenario is over: devices without a play show what the site says. */
  clearBelow(at: Instant): void {
    const devices = [...this.#below.keys()]
    this.#below.clear()
    for (const device of devices) if (this.#above(device) === undefined) device.play(undefined, at)
  }

  /** A device goes away: so does every play that it has a part in. */
  forget(device: PlayableDevice, at: Instant): void {
    this.#below.delete(device)
    const play = this.#above(device)
    if (play !== undefined) this.#end(play, at)
  }

  /** All of them or none. */
  #show(parts: readonly PlayPart[], at: Instant): void {
    const shown: PlayableDevice[] = []
    try {
      for (const { device, program } of parts) {
        device.play(program, at)
        shown.push(device)
      }
    } catch (error) {
      for (const device of shown) this.#restore(device, at)
      throw error
    }
  }

  #end(play: Play, at: Instant, taken: ReadonlySet<PlayableDevice> = new Set()): void {
    this.#plays.delete(play.id)
    for (const { device } of play.parts) if (!taken.has(device)) this.#restore(device, at)
  }

  #restore(device: PlayableDevice, at: Instant): void {
    const above = this.#above(device)?.parts.find((part) => part.device === device)?.program
    device.play(above ?? this.#below.get(device), at)
  }

  #above(device: PlayableDevice): Play | undefined {
    return [...this.#plays.values()].find((play) => play.parts.some((part) => part.device === device))
  }
}

/** An array is as long as its longest recording. */
const lengthOf_s = ({ parts }: Pick<Play, 'parts'>): number => Math.max(...parts.map(partLength_s))
const partLength_s = ({ program, time_scale }: PlayPart): number => rounded_s(program.length_s * time_scale)
/** To a microsecond: less than a row of any record, more than the rounding of times that were scaled. */
const rounded_s = (s: number): number => Math.round(s * 1e6) / 1e6

function statusOf(play: Play, at: Instant): PlayStatus {
  const longest = play.parts.reduce((a, b) => (partLength_s(b) > partLength_s(a) ? b : a))
  const { program, time_scale } = longest
  const state: PlayState = program.state(at)
  return {
    id: play.id,
    name: play.name,
    devices: play.parts.map((part) => part.device.id),
    state,
    position_s: rounded_s(program.position_s(at) * time_scale),
    length_s: partLength_s(longest),
    speed: program.speed,
    loop: program.loop,
    ...(play.leftOut.length > 0 && { left_out: play.leftOut }),
    ...(play.notes.length > 0 && { notes: play.notes }),
  }
}

function refuse(detail: string, got: unknown): never {
  throw new PlumblineError('PLAY_REFUSED', `${detail}, got ${JSON.stringify(got) ?? 'nothing'}`)
}
