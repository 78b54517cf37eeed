import { expect, test } from 'vitest'
import { Losses } from './losses.ts'
import { at } from './testing-site.ts'

const loss = (messages: number, minute: number, node = 'plant') => ({
  ...{ node, messages, gaps: messages, since_ns: at(1), last_ns: at(minute) },
})
const nodes = (losses: Losses, boot: string, ...foreign_lost: Array<ReturnType<typeof loss>>) =>
  losses.news({ boot, foreign_lost }).map(({ node }) => node)

test('each loss is news once, by node; also one while a clock was set back', () => {
  const losses = new Losses()
  expect(nodes(losses, 'a', loss(1, 5))).toEqual(['plant'])
  expect(nodes(losses, 'a', loss(1, 5))).toEqual([])
  expect(nodes(losses, 'a', loss(1, 5), loss(1, 6, 'pump'))).toEqual(['pump'])
  expect(nodes(losses, 'a', loss(2, 3), loss(1, 6, 'pump'))).toEqual(['plant'])
})

test('what a new process of ingest tells is news: it counts from its own start', () => {
  const losses = new Losses()
  expect(nodes(losses, 'a', loss(1, 5))).toEqual(['plant'])
  expect(nodes(losses, 'b')).toEqual([])
  expect(nodes(losses, 'b', loss(1, 9))).toEqual(['plant'])
})

test('after a restart of the desk only what its alarm does not tell yet', () => {
  const losses = new Losses()
  losses.told('plant', at(5))
  losses.told(undefined, at(7))
  expect(nodes(losses, 'a', loss(1, 5), loss(1, 7, 'pump'), loss(1, 8, 'weather'))).toEqual(['weather'])
  expect(nodes(losses, 'a', loss(2, 5), loss(1, 7, 'pump'), loss(1, 8, 'weather'))).toEqual(['plant'])
  const later = new Losses()
  later.told('plant', at(5))
  expect(nodes(later, 'a', loss(1, 6)), 'lost while the desk was away').toEqual(['plant'])
})
