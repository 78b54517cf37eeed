/**
 * `npm run fuzz [-- TARGET…] [-- --seconds N] [-- --attacks N] [-- --seed N]`: hostile input at every door, for ten seconds
 * each where nothing else is asked. What was found comes with its seed; `--seed S --attacks 1` does it again.
 */
import { parseArgs } from 'node:util'
import { TARGETS } from './index.ts'
import { fuzz, inWords, isWell } from './target.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, attacks: { type: 'string' }, seed: { type: 'string' } },
})
const number = (name: keyof typeof values): number | undefined => {
  const text = values[name]
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  process.stderr.write(`--${name}: expected a whole number, got ${JSON.stringify(text)}\n`)
  process.exit(2)
}
const unknown = positionals.filter((id) => !TARGETS.some((target) => target.id === id))
if (unknown.length > 0) {
  process.stderr.write(`expected targets of ${TARGETS.map(({ id }) => id).join(', ')}, got ${unknown.join(', ')}\n`)
  process.exit(2)
}
const attacks = number('attacks')
const for_ms = (number('seconds') ?? (attacks === undefined ? 10 : 3600)) * 1000
// A new seed each run finds new things; it is told, so that they can be found again.
const seed = number('seed') ?? Math.floor(Math.random() * 2 ** 31)
process.stdout.write(`seed ${seed}\n`)
let well = true
for (const target of TARGETS.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  const told = await fuzz(target, { for_ms, seed, ...(attacks !== undefined && { attacks }) })
  well &&= isWell(told)
  process.stdout.write(`${isWell(told) ? 'well ' : 'FOUND'}  ${target.id}: ${target.what}\n  ${inWords(told)}\n`)
}
process.exit(well ? 0 : 3)
