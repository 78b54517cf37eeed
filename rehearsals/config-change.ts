/**
 * A site file that changes while the line runs and the broker is away: one gauge goes with its backlog untold, one comes, a
 * limit moves; before that a wrong file is refused. Told is what the store has of each afterwards.
 */
import { writeFileSync } from 'node:fs'
import { ChangingLine, doubledIn, longestStep_s } from './changing-line.ts'
import type { Told } from './truth.ts'
import { wallNow } from './truth.ts'
import { pause, until } from './until.ts'

export type Changed = {
  readonly samples: Told
  /** Longest step between two readings of the gauge that stayed, and readings of it that are doubled. */
  readonly stayed_step_s: number
  readonly doubled: number
  /** Longest step of the gauge that went, from its first reading to the change: the outage of the uplink is in it. */
  readonly gone_step_s: number
  /** Seconds from the last good reading of it that is stored to the change. */
  readonly gone_before_s: number
  readonly added: number
  /** What the edge said of the wrong file, and whether births changed by it. */
  readonly refused: string
  readonly changedByWrong: boolean
  /** State of the alarm before and after its limit moved above the stage. */
  readonly alarm: readonly [string | undefined, string | undefined]
}

export async function configChange(): Promise<Changed> {
  const line = await ChangingLine.start({ gauges: ['north', 'south'], limit_m: 1 })
  const state = async () => (await line.desk.alarm('n1:high'))?.state
  try {
    line.gauges.north.set(2)
    const before = await until('the alarm is raised', async () => {
      const now = await state()
      return now !== 'normal' && now
    })
    writeFileSync(line.path, 'site: rehearsal\nnodes: 7\n')
    line.hangUp()
    const refused = await line.says('edge', /the new site file is refused.*/)
    await pause(1000)
    const changedByWrong = line.part('edge').output.stderr.includes('the site file was taken over')

    await line.part('broker').kill()
    await pause(3000)
    line.write({ gauges: ['north', 'weir'], limit_m: 3 })
    const changed = wallNow()
    line.hangUp()
    await line.says('edge', /the site file was taken over/)
    await pause(2000)
    await line.part('broker').start()
    const after = await until(
      'the alarm has returned',
      async () => {
        const now = await state().catch(() => undefined)
        return now !== before && now
      },
      40_000,
    )
    const samples = await line.told()
    await until('the gauge that came is stored', async () => (await line.readings('weir')).length > 10)
    // What stayed is stored up to this moment: a backlog that is still on its way is no gap.
    const upTo = wallNow()
    const north = await until(
      'the gauge that stayed is stored',
      async () => {
        const all = await line.readings('north')
        return (all.at(-1)?.t_ns ?? 0n) >= upTo && longestStep_s(all) < 1 && all
      },
      40_000,
    ).catch(() => line.readings('north'))
    const south = await line.readings('south')
    const good = south.filter(({ value, t_ns }) => value !== null && t_ns < changed)
    return {
      samples,
      stayed_step_s: longestStep_s(north),
      doubled: doubledIn(north) + doubledIn(south),
      gone_step_s: longestStep_s(good),
      gone_before_s: Number(changed - (good.at(-1)?.t_ns ?? 0n)) / 1e9,
      added: (await line.readings('weir')).filter(({ value }) => value !== null).length,
      refused,
      changedByWrong,
      alarm: [before || undefined, after || undefined],
    }
  } finally {
    await line.end()
  }
}
