import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Model, ScalarPoint } from '../../domain/model.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { decodePoint } from '../decode.ts'
import { siteOf } from '../testing.ts'
import { judgeCommand } from './command.ts'
import { writePlan } from './write-plan.ts'

const NOW = instant(1_700_000_000_000_000_000n)
const relay: Model = {
  id: 'relay',
  name: 'Relay box',
  source: 'test',
  points: [
    {
      metric: 'gate',
      table: 'holding',
      address: 4,
      type: 'int16',
      unit: 'm',
      scale: 0.01,
      range: { low: 0, high: 2 },
      writable: true,
    },
    { metric: 'siren', table: 'coil', address: 5, type: 'bit', unit: '1', range: { low: 0, high: 1 }, writable: true },
    { metric: 'level', table: 'holding', address: 6, type: 'int16', unit: 'm', range: { low: 0, high: 2 } },
  ],
  poll_ms: 1000,
}
const { site, node } = siteOf([{ id: 'relay', model: relay }])
const output = { id: 'siren', drives: { device: 'relay', point: 'siren' } }
const withOutput = { ...node, outputs: [output] } as unknown as typeof node
const good = {
  id: 'c1',
  device: 'relay',
  metric: 'gate',
  value: 1.5,
  expires_ns: String(NOW + 10_000_000_000n),
  by: 'anna',
}
const judge = (change: object, now: Instant = NOW, seen: readonly string[] = [], trusted = true) => {
  const verdict = judgeCommand(site, withOutput, { ...good, ...change }, now, (id) => seen.includes(id), trusted)
  return verdict.allowed ? verdict.plan : verdict.refusal
}

describe('a command to write a point', () => {
  test('is allowed as the model says, and gives what to write', () => {
    expect(judge({})).toEqual({ kind: 'registers', address: 4, values: [150] })
  })
  test.each([
    [{ value: 2.01 }, 'out-of-range'],
    [{ value: -0.01 }, 'out-of-range'],
    [{ value: '1' }, 'malformed'],
    [{ value: Number.NaN }, 'malformed'],
    [{ by: '' }, 'malformed'],
    [{ expires_ns: 12 }, 'malformed'],
    [{ device: 'gone' }, 'no-device'],
    [{ metric: 'flow' }, 'no-point'],
    [{ metric: 'level', value: 1 }, 'not-writable'],
    [{ metric: 'siren', value: 1 }, 'driven-by-output'],
    [{ expires_ns: String(NOW) }, 'expired'],
    [{ expires_ns: String(NOW + 301_000_000_000n) }, 'too-far-ahead'],
  ])('%j is refused: %s', (change, refusal) => {
    expect(judge(change)).toBe(refusal)
  })
  test('once only, and not while the node has no trusted time', () => {
    expect(judge({}, NOW, ['c1'])).toBe('seen')
    expect(judge({}, NOW, [], false)).toBe('expired')
  })
  test('whatever comes is judged, never thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(judgeCommand(site, node, body, NOW, () => false)).toMatchObject({ allowed: false, refusal: 'malformed' })
      }),
    )
  })
})

test('what is written is read back as the same value, for every type and order', () => {
  const types = fc.constantFrom<[ScalarPoint['type'], readonly (ScalarPoint['order'] & string)[]]>(
    ['int16', ['AB', 'BA']],
    ['uint16', ['AB', 'BA']],
    ['int32', ['ABCD', 'CDAB', 'BADC', 'DCBA']],
    ['uint32', ['ABCD', 'CDAB', 'BADC', 'DCBA']],
    ['float32', ['ABCD', 'CDAB', 'BADC', 'DCBA']],
  )
  const point = types.chain(([type, orders]) =>
    fc.record({ type: fc.constant(type), order: fc.constantFrom(...orders) }),
  )
  fc.assert(
    fc.property(point, fc.integer({ min: 0, max: 30_000 }), ({ type, order }, raw) => {
      const scaled = {
        metric: 'x',
        table: 'holding',
        address: 7,
        type,
        order,
        unit: 'm',
        scale: 0.5,
        range: { low: 0, high: 1e5 },
      } as const
      const plan = writePlan(scaled, raw * 0.5)!
      if (plan.kind !== 'registers') throw new Error('expected registers')
      expect(decodePoint(scaled, (address) => plan.values[address - 7]!).value).toBe(raw * 0.5)
    }),
  )
})

test('a value that the type cannot hold is not written', () => {
  const at = (type: ScalarPoint['type'], value: number) =>
    writePlan({ metric: 'x', table: 'holding', address: 0, type, unit: 'm', range: { low: -1e9, high: 1e12 } }, value)
  expect([at('int16', 32_768), at('uint16', -1), at('uint32', 2 ** 32), at('float32', 1e39), at('float64', 1)]).toEqual(
    Array(5).fill(undefined),
  )
})
