import { expect, test } from 'vitest'
import type { Limit } from '../domain/condition.ts'
import { AlarmBook } from './alarm-book.ts'
import { step } from './alarm-machine.ts'
import { stepUps } from './step-up.ts'
import { at, limitOf, OUTBOX, record, testSite } from './testing-site.ts'

const ID = 'north:creek-red'
const RULES = [
  { limit: 'creek-red', beyond: 2.5, priority: 'high' },
  { limit: 'creek-red', beyond: 3, priority: 'critical' },
] as const

/** A book whose alarm stands; the edge tells its limit with a birth. */
class Standing {
  readonly book = new AlarmBook(testSite())

  birth(more: Partial<Limit> = {}): this {
    this.book.define('north', { ...limitOf('creek-red'), ...more })
    return this
  }
  raised(value = 2.05): this {
    return this.take({
      ...{ kind: 'condition', source: 'record', outbox: OUTBOX },
      record: record(1, 60, undefined, { value, peak: value }),
    })
  }
  take(event: Parameters<typeof step>[1]): this {
    const { alarm } = step(this.book.get(ID)!, event, at(61), this.book.definition(ID)!)
    this.book.put(alarm)
    return this
  }
  due() {
    return stepUps(
      RULES,
      this.book.alarms(),
      (id) => this.book.definition(id),
      (id) => this.book.peak(id),
    )
  }
}
const stepTo = (priority: string) => [{ id: ID, event: expect.objectContaining({ kind: 'step-up', priority }) }]

test('an alarm that goes beyond a step becomes as severe as that says, the most severe that it has passed, once', () => {
  const standing = new Standing().birth({ priority: 'medium' })
  expect(standing.raised(2.05).due()).toEqual([])
  expect(new Standing().birth({ priority: 'medium' }).raised(2.6).due()).toEqual(stepTo('high'))
  const worst = new Standing().birth({ priority: 'medium' }).raised(3.2)
  const [change] = worst.due()
  expect(worst.due()).toEqual(stepTo('critical'))
  expect(worst.take(change!.event).due()).toEqual([])
})

test('a birth that tells another priority of the limit: the steps are judged by that one', () => {
  const standing = new Standing().birth({ priority: 'high' }).raised(2.6)
  expect(standing.due(), 'high already').toEqual([])
  // The edge runs on a site file in which the limit is less severe.
  expect(standing.birth({ priority: 'low' }).due()).toEqual(stepTo('high'))
  const [change] = standing.due()
  standing.take(change!.event)
  expect(standing.due()).toEqual([])
  // And on one in which it is the most severe: nothing is left to step up to.
  expect(new Standing().birth({ priority: 'critical' }).raised(3.2).due()).toEqual([])
})

test('what is over, or was never raised, does not step up', () => {
  const standing = new Standing().birth({ priority: 'medium' })
  expect(standing.due()).toEqual([])
  standing.raised(3.2).take({
    ...{ kind: 'condition', source: 'record', outbox: OUTBOX },
    record: record(1, 60, 61, { value: 1.8, peak: 3.2 }),
  })
  expect(standing.due()).toEqual([])
})
