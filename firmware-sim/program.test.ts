import { describe, expect, test } from 'vitest'
import { addNs, type Instant, instant } from '../domain/time.ts'
import type { Waveform } from '../recordings/recording.ts'
import { shortWaveform, stageSeries } from './fixture.ts'
import { Program, type ProgramOptions } from './program.ts'

const START = instant(1_700_000_000_000_000_000n)
const at = (s: number): Instant => addNs(START, BigInt(Math.round(s * 1e9)))
/** 10 s at 100 Hz. */
const wave = shortWaveform(1000, 0.001)
const program = (options: Partial<ProgramOptions> = {}) => new Program({ recording: wave, ...options }, START)

describe('a program', () => {
  test('runs from its start, at its speed, to its end', () => {
    const p = program({ speed: 2, start_s: 1 })
    expect(p.length_s).toBe(10)
    expect([0, 1, 4.5, 5].map((s) => p.position_s(at(s)))).toEqual([1, 3, 10, 10])
    expect([0, 4.4, 4.5, 60].map((s) => p.state(at(s)))).toEqual(['playing', 'playing', 'ended', 'ended'])
  })

  test('in a loop begins again and never ends', () => {
    const p = program({ loop: true })
    expect(p.position_s(at(23))).toBeCloseTo(3, 9)
    expect(p.state(at(1e6))).toBe('playing')
  })

  test('paused stands, resumed goes on from there, and the past stays what it was', () => {
    const p = program()
    p.pause(at(2))
    expect([p.state(at(3)), p.position_s(at(3))]).toEqual(['paused', 2])
    p.resume(at(5))
    expect([p.state(at(6)), p.position_s(at(6))]).toEqual(['playing', 3])
    expect([1, 2.5].map((s) => p.position_s(at(s)))).toEqual([1, 2])
    expect([p.state(at(1)), p.state(at(4))]).toEqual(['playing', 'paused'])
  })

  test('is wound while it plays, while it is paused and after its end', () => {
    const p = program()
    p.seek(7, at(1))
    expect(p.position_s(at(2))).toBe(8)
    p.pause(at(2))
    p.seek(3, at(3))
    expect([p.state(at(4)), p.position_s(at(4))]).toEqual(['paused', 3])
    p.resume(at(5))
    expect(p.state(at(12))).toBe('ended')
    p.resume(at(12))
    expect(p.state(at(12))).toBe('ended')
    p.seek(0, at(20))
    expect([p.state(at(21)), p.position_s(at(21))]).toEqual(['playing', 1])
  })

  test('of a series holds each value until the next, and the last one when it has ended', () => {
    // Length: two steps of 5 min and the last value as long again.
    const p = program({ recording: stageSeries([0, 1], [5, 2], [10, 3]), speed: 100, scale: 2 })
    expect(p.length_s).toBe(900)
    expect([0, 2.9, 3, 6, 9, 1000].map((s) => p.valueAt(at(s)))).toEqual([2, 2, 4, 6, 6, 6])
    p.seek(0, at(1000))
    p.pause(at(1003.5))
    expect(p.valueAt(at(2000))).toBe(4)
  })

  test.each([
    [{ speed: 0.05 }, 'speed: expected 0.1 to 100, got 0.05'],
    [{ speed: 101 }, 'speed: expected 0.1 to 100, got 101'],
    [{ scale: Number.NaN }, 'scale: expected a finite number, got null'],
    [{ start_s: 10 }, 'start_s: expected 0 or more and less than 10 s, the length of short, got 10'],
    [{ start_s: -1 }, 'start_s: expected 0 or more and less than 10 s, the length of short, got -1'],
  ])('%j is refused', (options, text) => {
    expect(() => program(options)).toThrow(`PLAY_REFUSED: ${text}`)
  })

  test('a recording without a sample is refused', () => {
    const empty: Waveform = { ...wave, axes: [] }
    expect(() => program({ recording: empty })).toThrow('recording: expected one with values, got "short"')
  })

  test('winding beyond the recording is refused and changes nothing', () => {
    const p = program()
    expect(() => p.seek(11, at(1))).toThrow('PLAY_REFUSED: position_s: expected 0 to 10 s, the length of short, got 11')
    expect(p.position_s(at(2))).toBe(2)
  })
})
