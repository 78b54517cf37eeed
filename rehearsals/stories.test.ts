/** Stories on the simulated clock: a night or a month of the whole line, each told by its own ledger. */
import { expect, test } from 'vitest'
import { STORIES } from './stories/index.ts'

test.each(STORIES.map((story) => [story.id, story] as const))(
  '%s',
  async (_, story) => {
    const { promised, counted, holds } = await story.run()
    expect(`${promised}: ${counted}`, counted).toSatisfy(() => holds)
  },
  600_000,
)
