/** Lines that an expression with two neighbouring repetitions would go over for hours: each is read or refused at once. */
import { expect, test } from 'vitest'
import { readCwb } from './cwb.ts'
import { readRecording } from './detect.ts'
import { decimal } from './recording.ts'
import { cellsOf } from './text.ts'

const BLANKS = ' '.repeat(200_000)
const bytes = (...lines: string[]) => new TextEncoder().encode(lines.join('\n'))

test('a descriptor, a number', () => {
  expect(cellsOf(`(${BLANKS}x`)).toBeUndefined()
  expect(cellsOf(`(${BLANKS}8${BLANKS}f10.3)`)).toEqual({ columns: 8, width: 10 })
  expect(decimal(`${'1'.repeat(200_000)}x`)).toBeUndefined()
})

test.each([
  ['AT2', ['PEER', 'a, b, c', 'ACCELERATION TIME SERIES IN UNITS OF G', `NPTS${BLANKS}1${BLANKS}x`]],
  ['AT2 with the number first', ['PEER', 'a, b, c', 'ACCELERATION TIME SERIES IN UNITS OF G', `1${BLANKS}2${BLANKS}x`]],
  ['CSV', [`time,a${'('.repeat(20_000)}${BLANKS}]`, '0,1', '0.01,2']],
])('a header line of %s', (_, lines) => {
  expect(() => readRecording([{ name: 'hostile', bytes: bytes(...lines) }])).toThrow(/^RECORDING_/)
})

test('a header line of CWA text', () => {
  const lines = ['#StationCode: HWA', `#${BLANKS}x`, '#DataSequence: Time U(+); N(+); E(+)']
  expect(() => readCwb({ name: 'hostile', bytes: bytes(...lines) })).toThrow(/^RECORDING_/)
})
