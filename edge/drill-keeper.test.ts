import { expect, test } from 'vitest'
import { DRILL_MAX_H } from '../domain/drill.ts'
import { addNs, instant, NS_PER_S } from '../domain/time.ts'
import { parseDrill } from './drill-keeper.ts'
import { testSite } from './testing-site.ts'

const NOW = instant(1_528_005_600n * NS_PER_S)
const asked = (seconds: bigint) => {
  const { site, node } = testSite()
  const until_ns = String(addNs(NOW, seconds * NS_PER_S))
  return () => parseDrill(JSON.stringify({ id: 'd', until_ns, shadows: [] }), site, node.id, NOW)
}

test('a drill of the full length is taken by a node whose clock is a minute behind the desk, a longer one is not', () => {
  const full_s = BigInt(DRILL_MAX_H * 3600)
  expect(asked(full_s + 60n)()).toMatchObject({ id: 'd' })
  expect(asked(full_s + 61n)).toThrow('DRILL_REFUSED: until_ns: expected an instant in the next 12 h')
  expect(asked(0n)).toThrow('DRILL_REFUSED')
})
