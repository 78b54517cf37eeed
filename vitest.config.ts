/**
 * How tests run: in forks, so that a suite may start brokers, browsers and processes of its own; the long ones first. What holds
 * a real clock to milliseconds runs before all others, with fewer neighbours. Files of the rooms share their forks: starting one
 * for each and loading the same code anew was a third of what they took.
 */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take more than a minute on two slow cores, longest first: begun early, none is waited for alone at the end. */
const LONGEST = [
  'stories',
  'dockerfile',
  'commands',
  'late-alarms',
  'replay-live',
  'compose',
  'certificate-ended',
  'outputs',
  'grafana',
  'influx',
  'ingest-killed',
  'dead-run',
].map((name) => `/rehearsals/${name}.test.ts`)

/** Rehearsals run for long and mostly wait: started first, they leave nobody alone at the end with one of them. */
class RehearsalsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name))
      return at < 0 ? LONGEST.length : at
    }
    const isRehearsal = ({ moduleId }: TestSpecification) => moduleId.includes('/rehearsals/')
    const rehearsals = sorted.filter(isRehearsal).sort((a, b) => rank(a) - rank(b))
    return [...rehearsals, ...sorted.filter((file) => !isRehearsal(file))]
  }
}

// Compiled code of an earlier thread or process, where the launcher keeps it too: each database of a test opens threads that
// would otherwise strip and compile the same files again, half of the work of the store's tests.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'node')

const EXCLUDE = ['node_modules/**', 'dashboards/console/dist/**']
/** What starts processes and kills them, and what looks at the memory of its own: a fork for each file. */
const ALONE = [
  'rehearsals/**/*.test.ts',
  ...['broker/fuzz', 'desk/contract', 'desk/slow-senders', 'edge/resend'].map((name) => `${name}.test.ts`),
]
const PUNCTUAL = ['edge/io/*.test.ts', 'rehearsals/serial/*.test.ts', 'rehearsals/yonago.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default'],
    sequence: { sequencer: RehearsalsFirst },
    projects: [
      {
        extends: true,
        test: { name: 'punctual', include: PUNCTUAL, exclude: EXCLUDE, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          exclude: [...EXCLUDE, ...PUNCTUAL],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['**/*.test.ts'],
          exclude: [...EXCLUDE, ...PUNCTUAL, ...ALONE],
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
