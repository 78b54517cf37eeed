import { expect, test } from 'vitest'
import { ReadGate } from './read-gate.ts'

const never = new AbortController().signal
/** A question that is answered when it is told to. */
function question(gate: ReadGate, signal = never) {
  const answer = Promise.withResolvers<string>()
  let begun = false
  const asked = gate.pass(signal, () => {
    begun = true
    return answer.promise
  })
  asked.catch(() => {})
  return { asked, answer: () => answer.resolve('done'), fail: () => answer.reject(new Error('no')), begun: () => begun }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('four are in the store at once; the others follow in order, whatever became of those before', async () => {
  const gate = new ReadGate()
  const all = Array.from({ length: 7 }, () => question(gate))
  await settled()
  expect(all.map((one) => one.begun())).toEqual([true, true, true, true, false, false, false])
  all[2]!.answer()
  all[0]!.fail()
  await expect(all[0]!.asked).rejects.toThrow('no')
  await settled()
  expect(all.map((one) => one.begun())).toEqual([true, true, true, true, true, true, false])
  for (const one of all) one.answer()
  await Promise.allSettled(all.map((one) => one.asked))
  expect([gate.inside, gate.waiting]).toEqual([0, 0])
})

test('who leaves while waiting loses the place and is never begun; beyond 256 nobody may wait', async () => {
  const gate = new ReadGate()
  const inside = Array.from({ length: 4 }, () => question(gate))
  const leaving = new AbortController()
  const left = Array.from({ length: 256 }, () => question(gate, leaving.signal))
  await expect(question(gate).asked).rejects.toMatchObject({ status: 429, code: 'TOO_MANY', retryAfter_s: 5 })
  leaving.abort(new Error('left'))
  for (const one of left) await expect(one.asked).rejects.toThrow('left')
  expect(gate.waiting).toBe(0)
  const next = question(gate)
  inside[1]!.answer()
  await settled()
  expect(next.begun()).toBe(true)
  expect(left.some((one) => one.begun())).toBe(false)
  await expect(question(gate, AbortSignal.abort(new Error('gone'))).asked).rejects.toThrow('gone')
})
