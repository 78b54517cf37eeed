/**
 * `npm run rehearse [-- ID…] [-- --json] [-- --rounds N --seed N --seconds N] [-- --soak 2h]`: stories on the simulated clock, and faults of real processes; what was promised and
 * what was counted.
 */
import { parseArgs } from 'node:util'
import { processStories } from './process-stories.ts'
import { STORIES } from './stories/index.ts'
import type { Row, Story } from './stories/row.ts'

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '16' },
    soak: { type: 'string' },
  },
})
/** `--soak 2h` is the row `soak` for that long, alone unless others are named. */
function minutesOf(duration: string): number {
  const [, count, unit] = /^(\d+)(h|m)$/.exec(duration) ?? []
  if (count === undefined) {
    process.stderr.write(`rehearse: --soak: expected hours or minutes like 2h or 20m, got ${duration}\n`)
    process.exit(2)
  }
  return Number(count) * (unit === 'h' ? 60 : 1)
}
if (values.soak !== undefined && wanted.length === 0) wanted.push('soak')

const stories: readonly Story[] = [
  ...STORIES,
  ...processStories({
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    minutes: minutesOf(values.soak ?? '3m'),
  }),
]
const unknown = wanted.filter((id) => !stories.some((story) => story.id === id))
if (unknown.length > 0) {
  process.stderr.write(
    `rehearse: expected rows among ${stories.map(({ id }) => id).join(', ')}, got ${unknown.join(', ')}\n`,
  )
  process.exit(2)
}

const told: (Row & { id: string })[] = []
for (const story of stories.filter((s) => wanted.length === 0 || wanted.includes(s.id))) {
  const result = { id: story.id, ...(await story.run()) }
  told.push(result)
  if (!values.json)
    process.stdout.write(
      `${result.holds === null ? 'SKIPPED' : result.holds ? 'holds' : 'BROKEN'}  ${result.id}\n  promised  ${result.promised}\n  counted   ${result.counted}\n`,
    )
}
if (values.json) process.stdout.write(`${JSON.stringify(told)}\n`)
process.exit(told.some((t) => t.holds === false) ? 3 : 0)
