/** Half a day of the whole line on the simulated clock, looked at every hour; `npm run rehearse -- thirty-days` takes the month. */
import { expect, test } from 'vitest'
import { thirtyDays } from './stories/thirty-days.ts'

test('what the line holds does not grow with the hours', async () => {
  const { promised, counted, holds } = await thirtyDays({ days: 0.5 })
  expect(holds, `${promised}: ${counted}`).toBe(true)
}, 600_000)
