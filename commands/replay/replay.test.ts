import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayStatus, SimulatorControl, Steer } from '../../domain/simulator-control.ts'
import { asOf, filesOf, requestFiles } from './files.ts'
import { follow } from './follow.ts'
import { clock, keysOf, plainLine, playLine } from './show.ts'

const play = (change: Partial<PlayStatus> = {}): PlayStatus => ({
  id: 'p',
  name: 'own.csv',
  devices: ['roof'],
  state: 'playing',
  position_s: 30,
  length_s: 120,
  speed: 1,
  loop: false,
  ...change,
})

describe('what a person sees', () => {
  test.each([
    [0, '0:00.0'],
    [9.96, '0:10.0'],
    [59.4, '0:59.4'],
    [75.25, '1:15.3'],
    [3723.9, '1:02:03'],
  ])('%s s is %s', (s, text) => expect(clock(s)).toBe(text))
  test('a bar, where it is, how, and the keys; never wider than the terminal', () => {
    expect(playLine(play({ speed: 2, loop: true }), 200)).toBe(
      '[######..................] 0:30.0 / 2:00.0  playing x2 again and again  roof  (space pauses, arrows wind 10 s, q stops)',
    )
    expect(playLine(play(), 60).length).toBe(59)
    expect(plainLine(play())).toBe('playing own.csv as roof: 0:30.0 of 2:00.0')
  })
  test('keys in what a raw terminal sends', () => {
    expect(keysOf(' \x1b[D\x1b[C\x1b[Axq\x03')).toEqual(['pause', 'back', 'on', 'stop', 'stop'])
  })
})

describe('which file is for whom', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-replay-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'records', 'deeper'), { recursive: true })
  mkdirSync(join(folder, 'none'))
  for (const name of ['b.csv', 'a.csv', '.hidden', 'README.md']) writeFileSync(join(folder, 'records', name), name)

  test('a folder is its files, without hidden ones, notes and folders', async () => {
    const paths = await filesOf([join(folder, 'records')])
    expect(paths).toEqual(['a.csv', 'b.csv'].map((name) => join(folder, 'records', name)))
    expect(await requestFiles(paths)).toEqual([
      { name: 'a.csv', base64: Buffer.from('a.csv').toString('base64') },
      { name: 'b.csv', base64: Buffer.from('b.csv').toString('base64') },
    ])
  })
  test.each([
    ['an empty folder', ['none'], 'RECORDING_INVALID'],
    ['a folder among files', ['records', 'records/a.csv'], 'USAGE: expected files, or one folder alone'],
  ])('%s is refused', (_, names, message) =>
    expect(filesOf(names.map((name) => join(folder, name)))).rejects.toThrow(message),
  )
  test('one device, or a device for each file', () => {
    expect(asOf(['dead-run/stage'])).toBe('dead-run/stage')
    expect(asOf(['base=STA1', 'roof=records/STA2.csv'])).toEqual({ STA1: 'base', 'STA2.csv': 'roof' })
  })
  test.each([
    [['a', 'b'], '--as: expected one CHANNEL or DEVICE, or DEVICE=FILE|STATION for each, got "a"'],
    [['a=x', 'b='], 'got "b="'],
    [['a=x', 'b=x'], '--as: expected one device for x, got two'],
  ])('%j is refused', (given, message) => expect(() => asOf(given)).toThrow(message))
})

describe('following a play', () => {
  class Terminal extends EventEmitter {
    readonly isTTY: boolean
    readonly columns = 200
    raw: boolean[] = []
    text = ''
    constructor(isTTY: boolean) {
      super()
      this.isTTY = isTTY
    }
    write(text: string): boolean {
      this.text += text
      return true
    }
    setRawMode(raw: boolean): void {
      this.raw.push(raw)
    }
    pause(): void {}
  }
  /** A simulator with one play that does what it is told. */
  function bench(tty: boolean) {
    const asked: Steer[] = []
    let now: PlayStatus | undefined = play()
    const control = {
      status: async () => ({ plays: now === undefined ? [] : [now] }),
      steer: async (_: string, steer: Steer) => {
        asked.push(steer)
        const was = now!
        if (steer.action === 'pause') now = { ...was, state: 'paused' }
        if (steer.action === 'resume') now = { ...was, state: 'playing' }
        if (steer.action === 'seek') now = { ...was, position_s: steer.position_s }
        if (steer.action === 'stop') now = undefined
        return now ?? was
      },
    } as unknown as SimulatorControl
    const [input, output] = [new Terminal(tty), new Terminal(tty)]
    const done = follow(control, play(), { input, output } as unknown as Parameters<typeof follow>[2])
    const set = (status: PlayStatus | undefined) => {
      now = status
    }
    return { asked, input, output, done, control, set }
  }

  test('space, arrows and q of a terminal, whose mode is put back', async () => {
    const { asked, input, output, done } = bench(true)
    input.emit('data', Buffer.from('  \x1b[C\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Dq'))
    expect(await done).toBe(0)
    expect(asked.map((s) => ('position_s' in s ? s.position_s : s.action))).toEqual([
      'pause',
      'resume',
      ...[40, 30, 20, 10, 0, 0],
      'stop',
    ])
    expect(input.raw).toEqual([true, false])
    expect(output.text).toContain('stopped at 0.0 s; roof plays again what the site says')
  })
  test('its end stops it; where nobody looks only changes are told', async () => {
    const { asked, output, done, set } = bench(false)
    await new Promise((resolve) => setTimeout(resolve, 600))
    set(play({ state: 'ended', position_s: 120 }))
    expect(await done).toBe(0)
    expect(asked).toEqual([{ action: 'stop' }])
    expect(output.text.split('\n')).toEqual([
      'playing own.csv as roof: 0:30.0 of 2:00.0',
      'ended own.csv as roof: 2:00.0 of 2:00.0',
      'ended at 120.0 s; roof plays again what the site says',
      '',
    ])
  })
  test('replaced by another, it says so and fails; a simulator that is gone is an error', async () => {
    const replaced = bench(false)
    replaced.set(undefined)
    expect(await replaced.done).toBe(3)
    expect(replaced.output.text).toContain('no longer playing')
    const gone = bench(true)
    gone.control.status = () => Promise.reject(new PlumblineError('SIMULATOR_UNAVAILABLE', 'gone'))
    await expect(gone.done).rejects.toThrow('SIMULATOR_UNAVAILABLE: gone')
    expect(gone.input.raw).toEqual([true, false])
  })
})
