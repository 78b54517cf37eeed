/**
 * The line of real processes for hours, nothing failing: the river rises above its limit and falls again, minute by minute, an
 * accelerometer goes on at 100 Hz. Now and then each process is looked at: memory, handles, disk, and how long a rise takes to
 * a person. Afterwards the ledger is compared with store and journal.
 */
import { readdirSync } from 'node:fs'
import { edgeFolder } from '../domain/data-folder.ts'
import { bytesIn } from './bytes-in.ts'
import { ChangingLine, doubledIn, POLL_MS, untoldIn } from './changing-line.ts'
import { type Course, courseInWords, courseOf, isFlat } from './flat.ts'
import { residentMb } from './memory.ts'
import { PARTS, type Part } from './processes.ts'
import { SMALL_OUTBOX, SMALL_OUTBOX_KB_MAX } from './small-outbox.ts'
import type { Row } from './stories/row.ts'
import { isWhole, samplesOf, type Told } from './truth.ts'
import { pause, until } from './until.ts'

const [LOW_M, LIMIT_M, HIGH_M] = [0.5, 1, 1.5]
/** A rise every so often; between two everything is looked at. */
const ROUND_MS = 20_000
/** A quarter of a run is at least two of them. */
const LOOKS_MIN = 8
/** What is noise of a garbage-collected process, of its sockets, of a busy machine. */
const NOISE = { memory: 0.1, memory_MB: 10, handles: 4, delay_ms: 50 }

type Look = {
  readonly resident_MB: Readonly<Record<Part, number>>
  readonly handles: Readonly<Record<Part, number>>
  /** On the edge's disk: what is committed must go. */
  readonly outbox_kB: number
  /** From the new value in the register to the alarm at the API. */
  readonly delay_ms: number
}

export type Soaked = {
  readonly minutes: number
  readonly samples: Told
  readonly doubled: number
  readonly untold: number
  readonly rises: { readonly expected: number; readonly told: number; readonly again: number }
  readonly resident_MB: Readonly<Record<Part, Course>>
  readonly handles: Readonly<Record<Part, Course>>
  readonly outbox_kB: Course
  readonly delay_ms: Course
}

/** @param round_ms from one rise to the next */
export async function soak(minutes: number, round_ms = ROUND_MS): Promise<Soaked> {
  const line = await ChangingLine.start({ gauges: ['north'], limit_m: LIMIT_M, outbox: SMALL_OUTBOX })
  const looks: Look[] = []
  try {
    await fall(line)
    const end = performance.now() + minutes * 60_000
    for (let round = 1; performance.now() < end || looks.length < LOOKS_MIN; round++) {
      const next = performance.now() + round_ms
      const delay_ms = await rise(line, round)
      looks.push({ delay_ms, ...look(line) })
      await pause(Math.max(0, (next - performance.now()) / 2))
      await fall(line)
      await pause(Math.max(0, next - performance.now()))
    }
    const samples = await line.told()
    const notices = await line.desk.notices('n1:high')
    const readings = await line.readings('north')
    const perPart = (of: (look: Look) => Readonly<Record<Part, number>>) =>
      byPart((part) => courseOf(looks.map((one) => of(one)[part])))
    return {
      minutes,
      samples,
      doubled: doubledIn(readings),
      untold: untoldIn(readings, await line.gaps('north')),
      rises: {
        expected: looks.length,
        told: new Set(notices.map(({ occurrence }) => occurrence)).size,
        again: notices.length - new Set(notices.map(({ occurrence }) => occurrence)).size,
      },
      resident_MB: perPart((one) => one.resident_MB),
      handles: perPart((one) => one.handles),
      outbox_kB: courseOf(looks.map((one) => one.outbox_kB)),
      delay_ms: courseOf(looks.map((one) => one.delay_ms)),
    }
  } finally {
    await line.end()
  }
}

/** @returns what it took until the desk says so [ms], the poll period among it */
async function rise(line: ChangingLine, occurrence: number): Promise<number> {
  const { north } = line.gauges
  const begun = performance.now()
  north.set(HIGH_M)
  await until(`rise ${occurrence} is an alarm`, async () => {
    const alarm = await line.desk.alarm('n1:high')
    return alarm !== undefined && alarm.occurrence >= occurrence
  })
  return performance.now() - begun
}

async function fall(line: ChangingLine): Promise<void> {
  const { north } = line.gauges
  north.set(LOW_M)
  await until('the edge reads the low stage', () => north.seen)
  await pause(2 * POLL_MS)
}

const byPart = <T>(of: (part: Part) => T): Record<Part, T> =>
  Object.fromEntries(PARTS.map((part) => [part, of(part)])) as Record<Part, T>

const look = (line: ChangingLine): Omit<Look, 'delay_ms'> => ({
  resident_MB: byPart((part) => residentMb(line.part(part).pid!)),
  handles: byPart((part) => readdirSync(`/proc/${line.part(part).pid!}/fd`).length),
  outbox_kB: bytesIn(edgeFolder(line.data, 'rehearsal', 'n1')) / 1e3,
})

export async function soakRow(minutes: number): Promise<Row> {
  const { samples, doubled, untold, rises, resident_MB, handles, outbox_kB, delay_ms } = await soak(minutes)
  const each = (of: Readonly<Record<Part, Course>>) =>
    PARTS.map((part) => `${part} ${courseInWords(of[part])}`).join(', ')
  return {
    promised: `${minutes} min of the whole line (--soak 2h for longer), nothing failing: nothing lost or doubled, each rise told once; memory, handles, the edge's disk and the delay of an alarm flat`,
    counted: `${samplesOf(samples)}; gauge: ${doubled} doubled, ${untold} holes that no gap tells of; ${rises.told} of ${rises.expected} rises told, ${rises.again} again; second quarter > last: MB ${each(resident_MB)}; handles ${each(handles)}; outbox kB ${courseInWords(outbox_kB)} of ${SMALL_OUTBOX_KB_MAX.toFixed(0)}; delay ms ${courseInWords(delay_ms)}`,
    holds:
      isWhole(samples) &&
      doubled + untold + rises.again === 0 &&
      rises.told === rises.expected &&
      PARTS.every((part) => isFlat(resident_MB[part], NOISE.memory, NOISE.memory_MB)) &&
      PARTS.every((part) => isFlat(handles[part], 0, NOISE.handles)) &&
      outbox_kB.most <= SMALL_OUTBOX_KB_MAX &&
      isFlat(delay_ms, 0, NOISE.delay_ms),
  }
}
