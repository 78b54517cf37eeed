/**
 * kill -9 of the edge at random instants while something is under way: its site file changes, a drill goes on, a backlog is
 * sent again. The instants come from a seed; told is what the store has afterwards, and what was told of what it lacks.
 */
import type { DrillJson } from '../domain/api.ts'
import { ChangingLine, doubledIn, type Present, untoldIn } from './changing-line.ts'
import { randomFrom } from './seeded.ts'
import type { Told } from './truth.ts'
import { pause, until } from './until.ts'

const UNDER_WAY = ['change', 'resend', 'drill'] as const
type UnderWay = (typeof UNDER_WAY)[number]
/** The edge dies at most this long after each began. A backlog is sent again from two seconds after the line is back. */
const WITHIN_MS: Readonly<Record<UnderWay, number>> = { change: 250, resend: 5000, drill: 1500 }

export type EdgeKilled = {
  readonly kills: number
  readonly samples: Told
  /** Gauge readings at one instant twice, and times without readings that no gap tells of [count]. */
  readonly doubled: number
  readonly untold: number
}

export async function edgeKilled({ kills = 12, seed = 1 } = {}): Promise<EdgeKilled> {
  const line = await ChangingLine.start({ gauges: ['north', 'south'], limit_m: 1 })
  const random = randomFrom(seed)
  try {
    const { desk } = line
    let present: Present = { gauges: ['north', 'south'], limit_m: 1 }
    const begin: Readonly<Record<UnderWay, () => Promise<() => Promise<void>>>> = {
      change: async () => {
        present = { gauges: present.gauges.length === 2 ? ['north'] : ['north', 'south'], limit_m: present.limit_m + 1 }
        line.write(present)
        line.hangUp()
        return async () => {}
      },
      resend: async () => {
        await line.part('broker').kill()
        await pause(1000)
        await line.part('broker').start()
        return async () => {}
      },
      drill: async () => {
        const { status, body } = await desk.post('/drills', DRILL)
        if (status !== 200) throw new Error(`drill: ${status} ${JSON.stringify(body)}`)
        return async () => void (await desk.post(`/drills/${(body as DrillJson).id}/end`, {}))
      },
    }
    for (let i = 0; i < kills; i++) {
      const what = UNDER_WAY[i % UNDER_WAY.length]!
      const end = await begin[what]()
      await pause(random() * WITHIN_MS[what])
      await line.part('edge').kill()
      await line.part('edge').start(45_000)
      await end()
      await pause(200 + random() * 1000)
    }
    await line.says('edge', /connected to the MQTT broker/, 40_000)
    const samples = await line.told()
    const settled = await until('north is stored', async () => {
      const all = await line.readings('north')
      return all.length > 0 && Date.now() - Number(all.at(-1)!.t_ns / 1_000_000n) < 2000 && all
    })
    await pause(3000)
    const north = (await line.readings('north')).slice(0, settled.length)
    const untold = untoldIn(north, await line.gaps('north'))
    return { kills, samples, doubled: doubledIn(north), untold }
  } finally {
    await line.end()
  }
}

const DRILL = {
  name: 'Spring flood',
  owner: 'keeper',
  recipients: ['drill@town.example'],
  scenario: {
    text: `
name: north-flood
description: The gauge rises through its level.
loop: false
duration_s: 120
water_time_scale: 180
timeline:
  - at_s: 0
    device: north
    play: { recording: usgs-dead-run-2018, from: 2018-06-03T21:00:00Z, to: 2018-06-03T23:30:00Z }
`,
  },
  shadows: ['north'],
  max_minutes: 5,
}
