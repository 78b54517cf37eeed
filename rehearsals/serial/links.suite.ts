/** A kind of link, from the site file over a real wire: what the sensors hold arrives unchanged, and nothing else. */
import { describe, expect, test } from 'vitest'
import { blockLength } from '../../domain/reading.ts'
import { addNs } from '../../domain/time.ts'
import { openModbus } from '../../edge/io/modbus-link.ts'
import type { MemoryRecorder } from '../../edge/testing.ts'
import { silentLog } from '../../runtime/log.ts'
import { until } from '../until.ts'
import { cleanups, clock, type Kind, type Rig, start, startDevices, TIMEOUT_MS } from './rig.fixture.ts'

/** No time-out is expected here but those of the wire: a machine that runs a whole test suite is not held up for so long. */
const PATIENT_MS = 450
/** A silent unit holds its line for the time-out and for the drain after it. */
const HELD_MS = 2 * TIMEOUT_MS + 100

/** Every sample and reading that was recorded against what the device held. */
function expectTruth({ simulator, recorder }: Rig): void {
  const tower = simulator.accelerometer('tower')
  const wrong = recorder.blocks.flatMap((block) =>
    block.axes.flatMap(({ samples }, axis) =>
      [...samples].flatMap((raw, i) => (raw === tower.rawSample(block.first_counter + i, axis) ? [] : [{ axis, i }])),
    ),
  )
  expect(wrong).toEqual([])
  for (const id of ['river', 'creek'])
    for (const { value, t_ns, half_width_ns } of recorder.of(`${id}/stage`).filter((r) => r.value !== null)) {
      const around = [-1n, 1n].map((side) => addNs(t_ns, side * (half_width_ns + 5_000_000n)))
      expect(around.map((at) => Math.fround(simulator.gauge(id).valueAt(at)))).toContain(value)
    }
}

/** First and last counter recorded; no sample twice, none left out. */
function expectUnbroken({ recorder }: Rig): void {
  const { blocks } = recorder
  const next = blocks.map((block) => block.first_counter + blockLength(block))
  expect(blocks.slice(1).map((block) => block.first_counter)).toEqual(next.slice(0, -1))
  expect(recorder.blockGaps).toEqual([])
}

const samplesOf = (recorder: MemoryRecorder) => recorder.blocks.reduce((sum, block) => sum + blockLength(block), 0)
const goodOf = (recorder: MemoryRecorder, id: string) => recorder.of(`${id}/stage`).filter((r) => r.flag === 1)
const badOf = (recorder: MemoryRecorder, id: string) => recorder.of(`${id}/stage`).filter((r) => r.value === null)

export function linkSuite(kind: Kind): void {
  describe(`a link of the kind ${kind}`, () => cases(kind))
}

function cases(kind: Kind): void {
  test('gives ring and gauges unchanged, every unit its own', async () => {
    const rig = await start(kind, PATIENT_MS)
    await until('3 s of samples and 3 readings a gauge', () => {
      const { recorder } = rig
      return samplesOf(recorder) >= 300 && ['river', 'creek'].every((id) => goodOf(recorder, id).length >= 3)
    })
    expectTruth(rig)
    expectUnbroken(rig)
    expect(rig.recorder.of('river/stage')[0]!.value).not.toBe(rig.recorder.of('creek/stage')[0]!.value)
    expect(new Set(rig.life.events)).toEqual(new Set(['tower online', 'river online', 'creek online']))
  })

  test('one dead unit of three leaves the others on schedule', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.simulator.setFault('creek', 'hang')
    await until('the dead one is offline', () => rig.life.events.includes('creek offline timeout'))
    const rivers = goodOf(rig.recorder, 'river')
    // Against the grid of whole seconds: on a busy machine a unit may itself overrun the short time-out, and is then told bad.
    const after_s = rivers.map((r) => Number(r.t_ns - rivers[0]!.t_ns) / 1e9)
    const late_ms = after_s.map((s) => Math.abs(s - Math.round(s)) * 1000)
    expect(rivers.length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...late_ms)).toBeLessThan(HELD_MS)
    // A tick without a good reading is there only where the device itself was told bad: none is missing silently.
    expect(Math.round(after_s.at(-1)!) + 1 - rivers.length).toBeLessThanOrEqual(badOf(rig.recorder, 'river').length)
    expectTruth(rig)
    expectUnbroken(rig)
    rig.simulator.setFault('creek', 'none')
    await until('it comes back', () => rig.life.events.at(-1) === 'creek online')
  })

  test('a late reply never becomes the data of another request', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.wire.setFaults({ way: 'replies', delay: { chance: 0.3, ms: TIMEOUT_MS + 20, jitter_ms: TIMEOUT_MS - 60 } })
    await until('8 replies came late', () => rig.wire.counts.replies.delay >= 8, 40_000)
    rig.wire.setFaults({})
    const before = samplesOf(rig.recorder)
    const stages = goodOf(rig.recorder, 'river').length
    await until(
      'data flow again',
      () => samplesOf(rig.recorder) > before && goodOf(rig.recorder, 'river').length > stages,
    )
    expectTruth(rig)
    expectUnbroken(rig)
  }, 60_000)

  test('asked on and on, one unit never answers with what it was asked before', async () => {
    const { site, simulator, wire } = await startDevices(kind, PATIENT_MS)
    const tower = simulator.accelerometer('tower')
    await until('the ring holds 4 s', () => tower.newestCounter(clock.now()) >= 400)
    const link = openModbus(clock, silentLog)(site.file.nodes[0]!.links[0]!)
    cleanups.push(() => link.close())
    wire.setFaults({ way: 'replies', delay: { chance: 0.4, ms: PATIENT_MS + 5, jitter_ms: 40 } })
    const asked = Array.from({ length: 40 }, (_, i) => i * 10)
    const answers = await Promise.all(
      asked.map((counter) =>
        link.readRegisters(1, 'holding', 32 + counter * 3, 30).then(
          ({ registers }) => Array.from(registers, (word) => (word << 16) >> 16),
          (error) => error.reason as string,
        ),
      ),
    )
    const truth = (counter: number) =>
      Array.from({ length: 30 }, (_, i) => tower.rawSample(counter + Math.floor(i / 3), i % 3))
    for (const [i, answer] of answers.entries())
      expect(answer, `request ${i}`).toEqual(typeof answer === 'string' ? 'timeout' : truth(asked[i]!))
    expect(answers.filter((answer) => typeof answer === 'string').length).toBe(wire.counts.replies.delay)
    expect(wire.counts.replies.delay).toBeGreaterThan(8)
  }, 60_000)

  // Modbus TCP has no CRC: a spoilt bit is TCP's to notice; there a reply only loses bytes or its number.
  test('a line that spoils replies costs polls, never truth', async () => {
    const rig = await start(kind)
    await until('all are online', () => rig.life.events.length === 3)
    rig.wire.setFaults({ ...(kind !== 'tcp' && { corrupt: 0.1 }), truncate: 0.1, misnumber: 0.1, way: 'replies' })
    const spoilt = () => {
      const { corrupt, truncate, misnumber } = rig.wire.counts.replies
      return corrupt + truncate + misnumber
    }
    await until('10 replies were spoilt', () => spoilt() >= 10, 40_000)
    rig.wire.setFaults({})
    const before = samplesOf(rig.recorder)
    await until('data flow again', () => samplesOf(rig.recorder) > before)
    expectTruth(rig)
    expectUnbroken(rig)
  }, 60_000)
}
