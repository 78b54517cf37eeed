/** How tests run: in forks, so that a suite may start brokers, browsers and processes of its own; the long ones first. */

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
