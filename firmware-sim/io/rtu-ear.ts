/** RTU requests out of the characters of a line, by length and silence. Who sent them and who answers is the caller's. */
import type { Clock } from '../../domain/ports.ts'
import { type RtuFrame, RtuReader } from '../rtu-frame.ts'
import { afterSilence } from './silence.ts'

export type RtuEarOptions = {
  readonly clock: Clock
  /** A pause of this length ends a frame. */
  readonly silence_ms: number
  readonly frame: (frame: RtuFrame) => void
  readonly dropped: (why: string) => void
}

export class RtuEar {
  readonly #options: RtuEarOptions
  readonly #reader = new RtuReader()
  #cancelSilence = () => {}
  #open = true

  constructor(options: RtuEarOptions) {
    this.#options = options
  }

  /** A frame has begun and is not complete. */
  get waiting(): boolean {
    return this.#reader.waiting
  }

  data(chunk: Uint8Array): void {
    if (!this.#open) return
    const { clock, silence_ms, frame } = this.#options
    this.#cancelSilence()
    for (const heard of this.#reader.push(chunk)) frame(heard)
    if (this.#open && this.#reader.waiting) this.#cancelSilence = afterSilence(clock, silence_ms, () => this.#silent())
  }

  close(): void {
    this.#open = false
    this.#cancelSilence()
  }

  #silent(): void {
    const end = this.#reader.silence()
    if (end === undefined) return
    if ('dropped' in end) this.#options.dropped(end.dropped)
    else this.#options.frame(end)
  }
}
