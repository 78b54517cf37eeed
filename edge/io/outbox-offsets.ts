/**
 * Offsets of the three streams, each used once and never again: reserved durably ahead, and after any start the next one
 * lies above the last reservation. What lies between is a hole that nobody needs to acknowledge.
 */
import type { Log } from '../../domain/ports.ts'
import { STREAMS, type Stream } from '../../domain/record.ts'
import { FixedFile } from './fixed-file.ts'

export const RESERVED_AHEAD = 4096
/** Above whatever can have been given out since a record that is still on disk, where the file of reservations is lost. */
const LEAP = 1_000_000_000

type PerStream = Record<Stream, number>

export class Offsets {
  readonly #file: FixedFile<PerStream>
  readonly #next: PerStream = { conditions: 1, readings: 1, blocks: 1 }
  /** Highest offset that may be given out before the file must be written again. */
  readonly #reserved: PerStream = { conditions: 0, readings: 0, blocks: 0 }

  constructor(folder: string) {
    this.#file = new FixedFile(folder, 'offsets.json')
  }

  /** `known`: the highest offset of each stream that is on disk or committed; none for a new outbox. */
  open(known: PerStream | undefined, log: Log): void {
    const saved = this.#file.read()
    const sound = saved !== 'missing' && isPerStream(saved)
    for (const stream of STREAMS) {
      if (sound) this.#reserved[stream] = Math.max(saved[stream], known?.[stream] ?? 0)
      else if (known !== undefined) this.#reserved[stream] = known[stream] + LEAP
      this.#next[stream] = this.#reserved[stream] + 1
    }
    if (!sound && known !== undefined) log.error('outbox: offsets.json is lost; offsets go on far above the last known')
    this.#file.write(this.#reserved)
  }

  /** The highest offset that may ever have been given out. */
  highest(stream: Stream): number {
    return this.#next[stream] - 1
  }

  /** @throws PlumblineError where a reservation cannot be made durable: then no offset may be used. */
  take(stream: Stream): number {
    const offset = this.#next[stream]
    if (offset > this.#reserved[stream]) {
      const reserved = { ...this.#reserved, [stream]: offset - 1 + RESERVED_AHEAD }
      this.#file.write(reserved)
      this.#reserved[stream] = reserved[stream]
    }
    this.#next[stream] = offset + 1
    return offset
  }

  close(): void {
    this.#file.close()
  }
}

const isPerStream = (value: unknown): value is PerStream =>
  typeof value === 'object' && value !== null && STREAMS.every((s) => Number.isSafeInteger((value as PerStream)[s]))
