import { describe, expect, test } from 'vitest'
import { monotonic, NS_PER_S } from '../domain/time.ts'
import { alarmRule, deviceRule, type FirstPath, GRACE_S, SecondPath, SILENT_S, type ToldAlert } from './second-path.ts'

const s = (seconds: number) => monotonic(BigInt(Math.round(seconds * 1000)) * (NS_PER_S / 1000n))
const OURS = { site: 'yard', path: 'second', alertname: 'x' }
const watchdog: ToldAlert = { status: 'firing', labels: { ...OURS, watchdog: 'true' } }
const told = (status: ToldAlert['status'], labels: object): ToldAlert => ({ status, labels: { ...OURS, ...labels } })
const RED = 'north:creek-red'
const COVERED = [alarmRule(RED), deviceRule('creek')]

const desk = (alarm: { active: boolean; beyond: boolean } | undefined, silent: boolean | null = false): FirstPath => ({
  alarm: (id) => (id === RED ? alarm : undefined),
  device: (id) => (id === 'creek' ? (silent ?? undefined) : undefined),
})
const QUIET = desk({ active: false, beyond: false })

/** Asked every 10 s with the watchdog in between, as it runs. */
function held(path: SecondPath, seconds: number, first: FirstPath): string[] | undefined {
  let last: string[] | undefined
  for (let at = 0; at <= seconds; at += 10) {
    path.hear([watchdog], s(at))
    last = path.disagreements(COVERED, first, s(at))
  }
  return last
}
const path = (...alerts: ToldAlert[]): SecondPath => {
  const one = new SecondPath('yard')
  one.hear(alerts, s(0))
  return one
}

describe('the second path', () => {
  test('one that was never heard is none, and nothing can be said', () => {
    expect(new SecondPath('yard').disagreements(COVERED, QUIET, s(999))).toBeUndefined()
    expect(path(told('firing', { alarm: RED })).disagreements(COVERED, QUIET, s(999))).toBeUndefined()
  })

  test('where both say the same there is nothing to say, however long', () => {
    expect(held(path(), 3600, QUIET)).toEqual([])
    expect(held(path(told('firing', { alarm: RED })), 3600, desk({ active: true, beyond: true }))).toEqual([])
    expect(held(path(told('firing', { device: 'creek' })), 3600, desk(undefined, true))).toEqual([])
  })

  test('an alarm that the desk missed is told once it lasts, not before', () => {
    const missed = path(told('firing', { alarm: RED }))
    expect(held(missed, GRACE_S, QUIET)).toEqual([])
    expect(held(missed, GRACE_S + 10, QUIET)).toEqual([
      `${RED}: beyond its limit in what is stored, no alarm at the desk`,
    ])
    missed.hear([told('resolved', { alarm: RED })], s(GRACE_S + 20))
    expect(missed.disagreements(COVERED, QUIET, s(GRACE_S + 20))).toEqual([])
  })

  test('an alarm of which nothing is stored is told; one that only waits for its deadband is none', () => {
    expect(held(path(), 300, desk({ active: true, beyond: true }))).toEqual([
      `${RED}: an alarm at the desk, within its limit in what is stored`,
    ])
    expect(held(path(), 300, desk({ active: true, beyond: false }))).toEqual([])
  })

  test('a device that one of them hears and the other does not', () => {
    expect(held(path(told('firing', { device: 'creek' })), 300, QUIET)).toEqual([
      'creek: nothing of it is stored, the desk hears it',
    ])
    expect(held(path(), 300, desk({ active: false, beyond: false }, true))).toEqual([
      'creek: silent to the desk, stored all the same',
    ])
  })

  test('what comes and goes faster than the second path can follow never adds up', () => {
    const flickering = path(told('firing', { alarm: RED }))
    for (let at = 0; at < 3600; at += 10) {
      flickering.hear([watchdog], s(at))
      const first = Math.floor(at / (GRACE_S / 2)) % 2 === 0 ? QUIET : desk({ active: true, beyond: true })
      expect(flickering.disagreements(COVERED, first, s(at))).toEqual([])
    }
  })

  test('what the desk has set aside, or does not know, is not compared', () => {
    expect(
      held(path(told('firing', { alarm: RED }), told('firing', { device: 'creek' })), 3600, desk(undefined, null)),
    ).toEqual([])
    expect(held(path(told('firing', { alarm: 'north:gone' })), 3600, QUIET)).toEqual([])
  })

  test('a rule that could not be evaluated says nothing about what it watches', () => {
    const broken = path(told('firing', { alarm: RED }))
    broken.hear([told('firing', { alarm: RED, alertname: 'DatasourceNoData' })], s(1))
    expect(held(broken, 3600, QUIET)).toEqual([])
  })

  test('a path that was there and fell silent is told, and what it last said is not believed any more', () => {
    const gone = path(watchdog, told('firing', { alarm: RED }))
    expect(gone.disagreements(COVERED, desk({ active: true, beyond: true }), s(SILENT_S))).toEqual([])
    expect(gone.disagreements(COVERED, QUIET, s(SILENT_S + 60))).toEqual(['the second path has said nothing for 6 min'])
    // A watchdog that cannot reach the database is no sign of life.
    gone.hear([{ ...watchdog, labels: { ...watchdog.labels, alertname: 'DatasourceError' } }], s(400))
    expect(gone.disagreements(COVERED, QUIET, s(420))).toHaveLength(1)
    gone.hear([watchdog], s(430))
    expect(gone.disagreements(COVERED, QUIET, s(430))).toEqual([])
  })

  test('alerts of other sites, other paths and other people are not taken', () => {
    const strangers = [
      told('firing', { site: 'other', alarm: RED }),
      told('firing', { path: 'first', alarm: RED }),
      told('firing', { disk: 'full' }),
    ]
    expect(path().hear(strangers, s(0))).toBe(0)
    expect(path().hear([watchdog, told('firing', { alarm: RED })], s(0))).toBe(2)
  })
})
