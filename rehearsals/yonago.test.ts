/** Numbers arrive unchanged: the Yonago record at real speed through Modbus, MQTT and the store, compared with its truth. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoredBlock } from '../domain/ports.ts'
import { blockLength, sampleInstant } from '../domain/reading.ts'
import { addNs } from '../domain/time.ts'
import type { Accelerometer } from '../firmware-sim/accelerometer.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { siteOf, yonago } from './site.ts'
import { until } from './until.ts'

const SECONDS = 40
const RATE_HZ = 100
const STEP_GAL = (2 * 980.665) / 32_768

let line: Line
let device: Accelerometer
let blocks: readonly StoredBlock[]
/** First and last counter of the 40 s of record. */
let first: number
let last: number

beforeAll(
  async () => {
    const data = await temporaryFolder()
    const site = await siteOf({
      site: 'yonago',
      name: 'Yonago',
      nodes: [
        { id: 'n1', name: 'Node', links: [{ id: 'tower', tcp: { port: await freePort() }, devices: [yonago()] }] },
      ],
      broker: { port: await freePort() },
      desk: { port: await freePort() },
    })
    line = await startLine(site, data, ['broker', 'sim', 'ingest', 'edge'])
    device = line.simulator().accelerometer('yonago')
    first = device.counterOfRecord(0)
    last = first + SECONDS * RATE_HZ - 1
    const store = await openStore(site, data)
    const [from, to] = [
      addNs(device.instantOfCounter(first), -2_000_000_000n),
      addNs(device.instantOfCounter(last), 2_000_000_000n),
    ]
    blocks = await until(
      '40 s of record are stored',
      async () => {
        const stored = await store.blocks('yonago', 'acceleration', from, to).catch(() => [])
        const end = stored.at(-1)
        return end !== undefined && end.first_counter + blockLength(end) > last && stored
      },
      (SECONDS + 20) * 1000,
    )
    await store.close()
  },
  (SECONDS + 40) * 1000,
)

afterAll(async () => {
  await line.stop()
  await removeFolder(line.data)
})

/** [counter, raw x, y, z, instant] of every stored sample of the 40 s, in stored order. */
const samples = () =>
  blocks
    .flatMap((block) =>
      Array.from({ length: blockLength(block) }, (_, i) => ({
        counter: block.first_counter + i,
        raw: block.axes.map((axis) => axis.samples[i]!),
        at: sampleInstant(block, i),
      })),
    )
    .filter(({ counter }) => counter >= first && counter <= last)

describe(`Yonago 2000 for ${SECONDS} s at real speed`, () => {
  test('every sample is there exactly once and in order', () => {
    expect(samples().map((s) => s.counter)).toEqual(Array.from({ length: SECONDS * RATE_HZ }, (_, i) => first + i))
  })

  test("every sample of every axis is the quantised record's, so its peaks are exact", () => {
    const wrong = samples().filter(({ counter, raw }) =>
      raw.some((value, axis) => value !== device.rawSample(counter, axis)),
    )
    expect(wrong).toEqual([])
    const peak = (axis: number) => Math.max(...samples().map(({ raw }) => Math.abs(raw[axis]!)))
    const truth = (axis: number) =>
      Math.max(...Array.from({ length: SECONDS * RATE_HZ }, (_, i) => Math.abs(device.rawSample(first + i, axis))))
    expect([0, 1, 2].map(peak)).toEqual([0, 1, 2].map(truth))
    // JMA's record: NS 280.24, EW 219.15, UD 144.46 gal about its mean; the raw peaks lie within the mean and one step.
    expect(peak(0) * STEP_GAL).toBeGreaterThan(279)
  })

  test('sample times are within 2 ms of the truth', () => {
    const errors_ms = samples().map(({ counter, at }) => Number(at - device.instantOfCounter(counter)) / 1e6)
    expect(Math.max(...errors_ms.map(Math.abs))).toBeLessThanOrEqual(2)
  })

  test('the vector PGA of the stored 40 s about their mean is 285.20 gal to within one register step (JMA Yonago)', () => {
    const all = samples().map(({ raw }) => raw)
    const mean = [0, 1, 2].map((axis) => all.reduce((sum, raw) => sum + raw[axis]!, 0) / all.length)
    const pga_gal =
      Math.max(...all.map((raw) => Math.hypot(...raw.map((value, axis) => value - mean[axis]!)))) * STEP_GAL
    expect(Math.abs(pga_gal - 285.2)).toBeLessThanOrEqual(0.06)
  })

  test('everything is marked EXERCISE', () => {
    expect(blocks.every((block) => block.exercise)).toBe(true)
  })
})
