// Readings go into the store channel by channel, the newest of a channel without a look-up; what comes of it must be what
// came of one after the other.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AppendOutcome } from '../domain/ports.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'

const T0_NS = 1_750_000_000_000_000_000n
const FAR = instant(T0_NS + 1_000_000n)

/** Few channels, instants and values, so that there is much that is older, the same or otherwise. */
const reading = fc.record({
  channel: fc.constantFrom('gauge/stage', 'gauge/flow', 'roof/tilt'),
  t_ns: fc.nat(40).map((n) => instant(T0_NS + BigInt(n))),
  value: fc.constantFrom(1, 2, null),
  flag: fc.constantFrom<Flag>(1, 3),
  half_width_ns: fc.constant(5n),
  reason: fc.constantFrom(undefined, 'spike' as const),
})
const record = fc.record({ readings: fc.array(reading, { maxLength: 60 }), exercise: fc.boolean() })
const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 })

const sayOf = ({ value, flag }: { value: number | null; flag: number }): string => `${value} ${flag}`

/** One after the other: the first word on an instant stands. */
class OneByOne {
  readonly said = new Map<string, string>()

  take(readings: readonly Reading[], exercise: boolean): AppendOutcome['kind'] {
    let [stored, same, other] = [0, 0, 0]
    for (const one of readings) {
      const key = `${exercise} ${one.channel} ${one.t_ns}`
      const before = this.said.get(key)
      if (before === undefined) {
        this.said.set(key, sayOf(one))
        stored++
      } else if (before === sayOf(one)) same++
      else other++
    }
    if (other > 0) return 'quarantined'
    return stored === 0 && same > 0 ? 'duplicate' : 'stored'
  }
}

test('outcomes and stored readings are those of one after the other, older, repeated and contradicting ones too', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (sent) => {
      const folder = await mkdtemp(join(tmpdir(), 'plumbline-batches-'))
      const writer = await openSeriesWriter(folder, silentLog)
      const reader = openSeriesReader(folder, silentLog)
      try {
        const model = new OneByOne()
        let offset = 0
        for (const batch of sent) {
          const outcomes = await writer.append(
            batch.map(({ readings, exercise }) => ({
              identity: { node: 'n1', outbox: 'box', stream: 'readings', offset: ++offset },
              device: 'gauge',
              exercise,
              historical: false,
              readings,
              blocks: [],
              gaps: [],
            })),
          )
          expect(outcomes.map(({ kind }) => kind)).toEqual(batch.map((r) => model.take(r.readings, r.exercise)))
        }
        const found = new Map<string, string>()
        for (const channel of ['gauge/stage', 'gauge/flow', 'roof/tilt'])
          for (const one of await reader.readings(channel, T0_NS as Instant, FAR, 1000))
            found.set(`${one.exercise} ${channel} ${one.t_ns}`, sayOf(one))
        expect([...found].sort()).toEqual([...model.said].sort())
      } finally {
        await reader.close()
        await writer.close()
        await rm(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 40 },
  )
}, 120_000)
