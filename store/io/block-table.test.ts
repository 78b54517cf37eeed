import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleInstant } from '../../domain/reading.ts'
import { pack } from '../packed.ts'
import { record, sampleAt, shaking } from '../records.fixture.ts'
import { BlockQueries } from './read-blocks.ts'
import { open } from './write-program.ts'

const [LOW, HIGH] = [-(10n ** 15n), 10n ** 18n * 4n]

test('however a ring is cut, and in whatever order and batches, each sample is stored once, at its instant', () => {
  const cuts = fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 1, max: 60 }), fc.boolean()), {
    minLength: 1,
    maxLength: 25,
  })
  fc.assert(
    fc.property(cuts, (pieces) => {
      const db = new DatabaseSync(':memory:')
      db.exec(`ATTACH ':memory:' AS exercise`)
      const program = open(db)
      let batch = []
      for (const [first, n, together] of pieces) {
        batch.push(record({ blocks: [shaking(first, n)] }))
        if (together) continue
        program['append']!(pack(batch))
        batch = []
      }
      program['append']!(pack(batch))

      const sent = new Set(pieces.flatMap(([first, n]) => Array.from({ length: n }, (_, i) => first + i)))
      const stored: number[] = []
      for (const block of new BlockQueries(db, 'main', false).blocks('yonago', 'acceleration', LOW, HIGH)) {
        for (let i = 0; i < block.n; i++) {
          const counter = block.first_counter + i
          stored.push(counter)
          expect([0, 1, 2].map((axis) => block.samples[axis * block.n + i])).toEqual(
            [0, 1, 2].map((axis) => sampleAt(axis, counter)),
          )
        }
        expect(block.t0_ns).toBe(sampleInstant(shaking(0, 1), block.first_counter))
      }
      expect(stored.toSorted((a, b) => a - b)).toEqual([...sent].toSorted((a, b) => a - b))
      db.close()
    }),
    { numRuns: 60 },
  )
})
