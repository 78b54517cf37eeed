/** Follows a play until it has ended or is stopped: shows where it is and takes the keys of a terminal. */
import { clearInterval, setInterval } from 'node:timers'
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayStatus, SimulatorControl } from '../../domain/simulator-control.ts'
import { untilSignal } from '../../runtime/signals.ts'
import { type Key, keysOf, plainLine, playLine } from './show.ts'

const LOOK_MS = 250
const WIND_S = 10
const CLEAR = '\r\x1b[K'

export type Terminal = {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** Resolves with the exit code; the play is stopped then. */
export async function follow(
  control: SimulatorControl,
  begun: PlayStatus,
  { input, output }: Terminal,
): Promise<number> {
  const follower = new Follower(control, begun, output)
  const terminal = input.isTTY === true && output.isTTY === true
  const keys = (chunk: Buffer) => {
    for (const key of keysOf(chunk.toString('latin1'))) follower.key(key)
  }
  void untilSignal().then(() => follower.key('stop'))
  if (terminal) {
    input.setRawMode(true)
    input.on('data', keys)
  }
  try {
    return await follower.run()
  } finally {
    if (terminal) {
      input.off('data', keys)
      input.setRawMode(false)
      input.pause()
    }
  }
}

class Follower {
  readonly #control: SimulatorControl
  readonly #output: NodeJS.WriteStream
  #play: PlayStatus
  #told = ''
  /** Calls go one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  #done: (code: number | Error) => void = () => {}

  constructor(control: SimulatorControl, play: PlayStatus, output: NodeJS.WriteStream) {
    this.#control = control
    this.#play = play
    this.#output = output
  }

  async run(): Promise<number> {
    this.#show()
    const timer = setInterval(() => this.#ask(() => this.#look()), LOOK_MS)
    const ended = await new Promise<number | Error>((resolve) => {
      this.#done = resolve
    })
    clearInterval(timer)
    if (this.#output.isTTY) this.#output.write('\n')
    if (ended instanceof Error) throw ended
    return ended
  }

  key(key: Key): void {
    this.#ask(async () => {
      const { id, state, position_s, length_s } = this.#play
      if (key === 'stop') return this.#stop('stopped')
      if (key === 'pause')
        this.#play = await this.#control.steer(id, { action: state === 'paused' ? 'resume' : 'pause' })
      else {
        const { plays } = await this.#control.status()
        const now_s = plays.find((play) => play.id === id)?.position_s ?? position_s
        const to = Math.min(length_s, Math.max(0, now_s + (key === 'on' ? WIND_S : -WIND_S)))
        this.#play = await this.#control.steer(id, { action: 'seek', position_s: to })
      }
      this.#show()
    })
  }

  async #look(): Promise<void> {
    const { plays } = await this.#control.status()
    const play = plays.find(({ id }) => id === this.#play.id)
    if (play === undefined) {
      this.#say(`no longer playing: somebody stopped ${this.#play.name} or played something else`)
      this.#done(3)
      return
    }
    this.#play = play
    this.#show()
    if (play.state === 'ended') await this.#stop('ended')
  }

  async #stop(word: string): Promise<void> {
    const { position_s } = await this.#control.steer(this.#play.id, { action: 'stop' })
    this.#say(`${word} at ${position_s.toFixed(1)} s; ${this.#play.devices.join(', ')} plays again what the site says`)
    this.#done(0)
  }

  #ask(act: () => Promise<void>): void {
    this.#last = this.#last.then(act).catch((error: unknown) => {
      this.#done(error instanceof Error ? error : new PlumblineError('BUG', String(error)))
    })
  }

  #show(): void {
    if (this.#output.isTTY) {
      this.#output.write(CLEAR + playLine(this.#play, this.#output.columns))
      return
    }
    // Where nobody looks: a line for a change of state, not for every second.
    const { state } = this.#play
    if (state !== this.#told) this.#output.write(`${plainLine(this.#play)}\n`)
    this.#told = state
  }

  #say(line: string): void {
    this.#output.write(`${this.#output.isTTY ? CLEAR : ''}${line}${this.#output.isTTY ? '' : '\n'}`)
  }
}
