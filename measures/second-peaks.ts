/**
 * The largest of a value in every whole UTC second, and whether all samples of the second were there.
 * What the value is (`pga.ts`, `pgv.ts`) and how a second is told are left to others.
 */

export type SecondPeak = {
  /** Whole UTC second, since 1970, at which it begins. */
  readonly second: number
  readonly peak: number
  readonly samples: number
  /** False where samples of the second are missing: the peak is then a lower bound. */
  readonly whole: boolean
}

type Open = { second: number; peak: number; samples: number; whole: boolean }

/** Plain JSON, as of one sample. */
export type SecondPeaksState = {
  readonly open: SecondPeak | null
  readonly follows: boolean
  readonly done: readonly SecondPeak[]
}

export class SecondPeaks {
  #open: Open | undefined
  /** Whether the sample before the next one was there and evaluated. */
  #follows = false
  #done: SecondPeak[] = []

  /** @param value of the next sample; undefined where it has none and time goes on without it */
  push(second: number, value: number | undefined): void {
    const open = this.#open
    if (open !== undefined && open.second !== second) {
      this.#done.push({ ...open, whole: open.whole && this.#follows })
      this.#open = undefined
    }
    if (value !== undefined) {
      // Whole only where the sample before it was evaluated and lies in the second before.
      if (this.#open === undefined) {
        const whole = this.#follows && open !== undefined && open.second === second - 1
        this.#open = { second, peak: value, samples: 1, whole }
      } else {
        if (value > this.#open.peak) this.#open.peak = value
        this.#open.samples++
      }
    }
    this.#follows = value !== undefined
  }

  /** Samples are missing here. */
  gap(): void {
    this.#follows = false
    if (this.#open !== undefined) this.#open.whole = false
  }

  /** Seconds completed since the last call: a second is complete when a later sample has come. */
  take(): SecondPeak[] {
    return this.#done.splice(0)
  }

  state(): SecondPeaksState {
    return { open: this.#open === undefined ? null : { ...this.#open }, follows: this.#follows, done: [...this.#done] }
  }

  restore({ open, follows, done }: SecondPeaksState): void {
    this.#open = open === null ? undefined : { ...open }
    this.#follows = follows
    this.#done = [...done]
  }
}
