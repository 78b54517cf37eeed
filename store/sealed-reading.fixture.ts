/** Round `i` of the test of sealing after a kill: twenty minutes at 1 Hz, every fourth round late for an hour long past. */
import type { Reading } from '../domain/reading.ts'
import { at } from './records.fixture.ts'

export const SEALED_CHANNEL = 'dead-run/stage'
const SECONDS = 1200

export const sealedReading = (round: number): Reading[] =>
  Array.from({ length: SECONDS }, (_, i): Reading => {
    const late = round % 4 === 3
    const second = late ? (round - 3) * SECONDS + i + 0.5 : round * SECONDS + i
    return { channel: SEALED_CHANNEL, value: round + i / 1000, t_ns: at(second), half_width_ns: 5n, flag: 1 }
  })
