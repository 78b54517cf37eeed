/** `npm run rehearse [-- ID…] [-- --json]`: stories with real processes; what was promised and what was counted. */
import { killEach } from './kill-each.ts'

type Told = { id: string; promised: string; counted: string; holds: boolean }
type Story = { id: string; run(): Promise<Told> }

const stories: readonly Story[] = [
  {
    id: 'kill-each',
    run: async () => {
      const told = await killEach()
      const { missing, doubled, altered, outOfOrder, expected } = told
      return {
        id: 'kill-each',
        promised: 'kill -9 of broker, ingest, desk and edge in turn: 0 samples missing, doubled, altered, out of order',
        counted: `${expected} samples per axis: ${missing} missing, ${doubled} doubled, ${altered} altered, ${outOfOrder} out of order; gauge gaps told: ${told.gaugeGaps.map((g) => `${g.missing} readings (${g.reason})`).join(', ') || 'none'}`,
        holds: missing + doubled + altered + outOfOrder === 0,
      }
    },
  },
]

const words = process.argv.slice(2)
const wanted = words.filter((word) => !word.startsWith('--'))
const told: Told[] = []
for (const story of stories.filter((s) => wanted.length === 0 || wanted.includes(s.id))) {
  const result = await story.run()
  told.push(result)
  if (!words.includes('--json'))
    process.stdout.write(
      `${result.holds ? 'holds' : 'BROKEN'}  ${result.id}\n  promised  ${result.promised}\n  counted   ${result.counted}\n`,
    )
}
if (words.includes('--json')) process.stdout.write(`${JSON.stringify(told)}\n`)
process.exit(told.every((t) => t.holds) ? 0 : 3)
