/** How tests run: in forks, so that a suite may start brokers, browsers and processes of its own; the long ones first. */

import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Rehearsals run for long and mostly wait: started first, they leave nobody alone at the end with one of them. */
class RehearsalsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isRehearsal = ({ moduleId }: TestSpecification) => moduleId.includes('/rehearsals/')
    return [...sorted.filter(isRehearsal), ...sorted.filter((file) => !isRehearsal(file))]
  }
}

// Compiled code of an earlier thread or process, where the launcher keeps it too: each database of a test opens threads that
// would otherwise strip and compile the same files again, half of the work of the store's tests.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'node')

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dashboards/console/dist/**'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default'],
    sequence: { sequencer: RehearsalsFirst },
  },
})
