/** Stories on the simulated clock: a night of the whole line, each told by its own ledger. */
import { expect, test } from 'vitest'
import { STORIES } from './stories/index.ts'
import { quietMonth } from './stories/quiet-month.ts'

/** `npm run rehearse -- quiet-month` takes the month. */
const QUIET_DAY = { id: 'quiet-day', run: () => quietMonth({ days: 1, building_s: 600 }) }
/** What looks at its own process has it alone: `thirty-days.test.ts`. */
const told = STORIES.filter(({ id }) => id !== 'thirty-days').map((story) =>
  story.id === 'quiet-month' ? QUIET_DAY : story,
)

// Each waits for its disk a third of its time.
test.concurrent.each(told.map((story) => [story.id, story] as const))(
  '%s',
  async (_, story) => {
    const { promised, counted, holds } = await story.run()
    expect(holds, `${promised}: ${counted}`).toBe(true)
  },
  600_000,
)
