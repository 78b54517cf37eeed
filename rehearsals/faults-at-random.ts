/**
 * Faults at random instants, by seed: each part is killed with -9 or stands still, and the edge's way to the broker is cut, half
 * open, slow, or narrow. In every round the river rises above its limit and falls again, around the fault: the ledger knows each
 * rise, the simulator each sample. Told is what the store and the journal have of them afterwards.
 */
import type { UplinkFaults } from '../firmware-sim/uplink.ts'
import { ChangingLine, doubledIn, POLL_MS, untoldIn } from './changing-line.ts'
import { PARTS } from './processes.ts'
import { below, oneOf, type Random, randomFrom } from './seeded.ts'
import type { Told } from './truth.ts'
import { pause, until } from './until.ts'

const LOW_M = 0.5
const HIGH_M = 1.5
const LIMIT_M = 1

const UPLINK = {
  cut: { cut: true },
  'half-open': { half_open: true },
  '500 ms': { delay_ms: 500 },
  '56 kbit/s': { bytes_per_s: 7000 },
} as const satisfies Record<string, UplinkFaults>

export type FaultsAtRandom = {
  readonly rounds: number
  readonly by: Readonly<Record<string, number>>
  readonly samples: Told
  /** Of the gauge: one instant twice, and holes that no gap tells of. */
  readonly doubled: number
  readonly untold: number
  /** Rises that nobody was told of, that never were, and that were told again. */
  readonly rises: Readonly<Record<'expected' | 'missing' | 'invented' | 'doubled', number>>
}

/** @param hurry shortens the lulls between faults and the faults themselves, which are many in a full run and few in CI */
export async function faultsAtRandom({ rounds = 12, seed = 1, freeze_s = 3, hurry = 1 } = {}): Promise<FaultsAtRandom> {
  const line = await ChangingLine.start({ gauges: ['north'], limit_m: LIMIT_M })
  const random = randomFrom(seed)
  const by: Record<string, number> = {}
  try {
    line.gauges.north.set(LOW_M)
    for (let round = 0; round < rounds; round++) {
      await pause((500 + 1500 * random()) / hurry)
      await shown(line, HIGH_M)
      const fault = faultOf(random, line, { freeze_s, hurry })
      by[fault.name] = (by[fault.name] ?? 0) + 1
      await pause(300 * random())
      await fault.happen()
      await shown(line, LOW_M)
    }
    line.uplink.setFaults({})
    const samples = await line.told()
    const told = async () => {
      const notices = await line.desk.notices('n1:high')
      return {
        all: notices.length,
        of: new Set(notices.map(({ occurrence, body }) => `${(body as Named).outbox} ${occurrence}`)).size,
      }
    }
    const gauge = async () => ({ readings: await line.readings('north'), gaps: await line.gaps('north') })
    await until('nothing is on its way any more', async () => {
      const { readings, gaps } = await gauge()
      return (await told()).of >= rounds && untoldIn(readings, gaps) === 0
    }).catch(() => {})
    // What is doubled comes late: it is waited for, too.
    await pause(3000)
    const { all, of } = await told()
    const { readings, gaps } = await gauge()
    return {
      rounds,
      by,
      samples,
      doubled: doubledIn(readings),
      untold: untoldIn(readings, gaps),
      rises: {
        expected: rounds,
        missing: Math.max(0, rounds - of),
        invented: Math.max(0, of - rounds),
        doubled: all - of,
      },
    }
  } finally {
    await line.end()
  }
}

type Named = { readonly outbox: string }

/** The edge has read the new value, and read it again after its next start where it is just now dead. */
async function shown(line: ChangingLine, stage_m: number): Promise<void> {
  const { north } = line.gauges
  north.set(stage_m)
  await until(`the edge reads ${stage_m} m`, () => north.seen, 60_000)
  await pause(3 * POLL_MS)
}

function faultOf(
  random: Random,
  line: ChangingLine,
  { freeze_s, hurry }: Readonly<Record<'freeze_s' | 'hurry', number>>,
): { name: string; happen(): Promise<void> } {
  const kind = below(random, 3)
  const for_ms = (500 + 3500 * random()) / hurry
  if (kind === 2) {
    const way = oneOf(random, Object.keys(UPLINK) as Array<keyof typeof UPLINK>)
    return {
      name: `uplink ${way}`,
      happen: async () => {
        line.uplink.setFaults(UPLINK[way])
        await pause(for_ms)
        line.uplink.setFaults({})
      },
    }
  }
  const part = oneOf(random, PARTS)
  if (kind === 0)
    return {
      name: `kill ${part}`,
      happen: async () => {
        await line.part(part).kill()
        await pause(for_ms)
        await line.part(part).start(60_000)
      },
    }
  return {
    name: `freeze ${part}`,
    happen: async () => {
      line.part(part).freeze()
      await pause(freeze_s * 1000)
      line.part(part).thaw()
    },
  }
}
