import { expect, test } from 'vitest'
import { Serving } from './serving.ts'

const story = (looks: Array<[now_s: number, oldest_s: number, overflowed?: boolean]>) => {
  const serving = new Serving()
  return looks.map(([now_s, oldest_s, overflowed = false]) => {
    serving.look({ oldest_s, overflowed }, now_s)
    return serving.serving
  })
}

test('ends when a record waits for more than 10 s, begins again below 3 s', () => {
  const looks: Array<[number, number]> = [
    [0, 0],
    [5, 10],
    [6, 11],
    [20, 9],
    [21, 3],
    [22, 2.9],
  ]
  expect(story(looks)).toEqual([true, true, false, false, false, true])
})

test('ends at once when memory is full, but does not change twice in 10 s', () => {
  const looks: Array<[number, number, boolean]> = [
    [0, 1, true],
    [5, 0, false],
    [9.9, 0, false],
    [10, 0, false],
    [15, 1, true],
    [20, 1, true],
  ]
  expect(story(looks)).toEqual([false, false, false, true, true, false])
})
