import { describe, expect, test } from 'vitest'
import { instant, NS_PER_S } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { BrokerFixture } from './broker.fixture.ts'
import { connectPacket, RawMqtt } from './raw-mqtt.fixture.ts'
import { Refusals } from './refusals.ts'

function make() {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ pretty: false, write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) })
  return { refusals: new Refusals(log), lines }
}

describe('refusals', () => {
  test('are counted each, said once, and summed up where they came again', () => {
    const { refusals, lines } = make()
    for (let n = 0; n < 5; n++) refusals.count('password', 'north', 'no such name and password')
    refusals.count('publish', 'north', 'spBv1.0/yard/NCMD/north')
    expect(lines.map(({ reason }) => reason)).toEqual(['password', 'publish'])
    refusals.sumUp()
    expect(lines[2]).toMatchObject({ message: 'refused again', password: 4 })
    expect(lines[2]).not.toHaveProperty('publish')
    refusals.sumUp()
    expect(lines).toHaveLength(3)
    expect(Object.fromEntries(refusals.counts)).toEqual({ password: 5, publish: 1 })
  })

  test('beyond a thousand different ones are counted and summed up only', () => {
    const { refusals, lines } = make()
    for (let n = 0; n < 1200; n++) refusals.count('malformed', `client ${n}`, 'garbage')
    expect(lines).toHaveLength(1000)
    refusals.sumUp()
    expect(lines[1000]).toMatchObject({ malformed: 200 })
    expect(refusals.counts.get('malformed')).toBe(1200)
  })

  test('keep little of a name, however long it was', () => {
    const { refusals, lines } = make()
    refusals.count('client-id', 'x'.repeat(60_000), 'y'.repeat(60_000))
    expect(JSON.stringify(lines).length).toBeLessThan(1000)
  })

  test('of a running broker are summed up once a minute, and when it stops', async () => {
    const lines: string[] = []
    const log = createLog({ pretty: false, write: (line) => lines.push(line) })
    const clock = new SimulatedClock(instant(1_700_000_000n * NS_PER_S))
    const fixture = await BrokerFixture.start({ log, clock })
    const guess = async () => {
      const raw = await RawMqtt.open(fixture.port)
      raw.send(connectPacket({ clientId: 'north', user: 'north', password: 'guess' }))
      expect((await raw.next()).body[1]).toBe(4)
      await raw.closes()
    }
    const sums = () => lines.filter((line) => line.includes('refused again')).map((line) => JSON.parse(line) as object)
    try {
      for (let n = 0; n < 4; n++) await guess()
      await clock.advance(59n * NS_PER_S)
      expect(sums()).toEqual([])
      await clock.advance(2n * NS_PER_S)
      expect(sums()).toEqual([expect.objectContaining({ level: 'warn', password: 3 })])
      await clock.advance(120n * NS_PER_S)
      expect(sums()).toHaveLength(1)
      await guess()
    } finally {
      await fixture.stop()
    }
    expect(sums()[1]).toMatchObject({ password: 1 })
  })
})
