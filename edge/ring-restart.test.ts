import { describe, expect, test } from 'vitest'
import { NS_PER_S } from '../domain/time.ts'
import { acquire, limitOn, MemoryState } from './testing.ts'
import { busy, lone, MS, type Options, START, s, shaking, verify, worst_ms } from './testing-ring.ts'

describe('a restart of the edge', () => {
  /** Stops at `down`, comes back at `up` with the state as it was `lag_s` before the stop, as after kill -9. */
  async function restarted(
    down_s: number,
    up_s: number,
    end_s: number,
    options: Options & { lag_s?: number; bias_ns?: bigint } = {},
  ) {
    const { clock, rig, device, site } = lone(options)
    rig.bus.latency = busy()
    const first = acquire(clock, site, rig)
    await clock.advance(s(down_s - (options.lag_s ?? 0)))
    const state = new MemoryState(rig.state.values)
    await clock.advance(s(options.lag_s ?? 0))
    await first.stop()
    await clock.advance(s(up_s - down_s))
    rig.bus.closed = false
    const { bias_ns } = options
    if (bias_ns !== undefined) rig.bus.latency = () => [100_000n, 100_000n + 2n * bias_ns]
    const blocksBefore = rig.recorder.blocks.length
    const second = acquire(clock, site, { ...rig, state })
    await clock.advance(s(end_s - up_s))
    await second.stop()
    return {
      rig,
      device,
      before: rig.recorder.blocks.slice(0, blocksBefore),
      after: rig.recorder.blocks.slice(blocksBefore),
    }
  }

  test('within the depth of the ring loses and doubles no sample', async () => {
    const { rig, device } = await restarted(20.3, 60.1, 90)
    const range = verify(rig.recorder.blocks, device)
    expect(range).toHaveLength(1)
    expect(range[0]).toMatch(/^0-8[89]99$/)
    expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
    expect(rig.recorder.blockGaps).toEqual([])
  })

  test('with a state that is behind what was recorded cuts the same blocks again, at the same instants', async () => {
    const { before, after } = await restarted(20.3, 25, 40, { lag_s: 3, bias_ns: 900_000n })
    const again = after.filter((b) => before.some((old) => old.first_counter === b.first_counter))
    expect(again.length).toBeGreaterThanOrEqual(2)
    // The line is lopsided now by 0.9 ms; the kept mapping gives way to that only as fast as it slews.
    for (const [i, block] of again.entries()) {
      const old = before.find((b) => b.first_counter === block.first_counter)!
      expect(block.axes).toEqual(old.axes)
      expect(Math.abs(Number(block.t0_ns - old.t0_ns))).toBeLessThanOrEqual(0.2 * MS * (i + 1))
    }
  })

  test('longer than the depth leaves a gap whose reason is the edge', async () => {
    const { rig, device } = await restarted(20.3, 120, 130)
    expect(verify(rig.recorder.blocks, device)).toHaveLength(2)
    expect(rig.recorder.blockGaps.map((g) => g.reason)).toEqual(['edge-down'])
    expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
  })

  test('PGA readings go on without a hole, none twice, and as if there had been no restart', async () => {
    const sample = shaking(1850, 2300, 400)
    const { rig } = await restarted(20.3, 45, 60, { sample })
    const whole = await restarted(59, 59.1, 60, { sample })
    const told = (r: typeof rig) => r.recorder.of('acc/pga').filter((x) => x.t_ns < START + s(55))
    const times = told(rig).map((r) => Number(r.t_ns / NS_PER_S))
    expect(times.slice(1).every((t, i) => t === times[i]! + 1)).toBe(true)
    const values = (r: typeof rig) =>
      told(r)
        .slice(1)
        .map((x) => [x.value, x.flag])
    expect(values(rig)).toEqual(values(whole.rig))
  })

  test('a crossing is told once though its samples are read again; one that is true stays the same occurrence', async () => {
    const limits = [limitOn('shake', 'acc/pga', 0.08, { deadband: 0.02, unit: 'm/s²', off_delay_s: 2 })]
    // Raised at about 19 s and still shaking at 24 s, over a restart whose state is 3 s behind.
    const { rig } = await restarted(20.3, 22, 40, { sample: shaking(1900, 2400, 400), limits, lag_s: 3 })
    expect(rig.recorder.conditions.map((c) => [c.state, c.occurrence])).toEqual([
      [true, 1],
      [false, 1],
    ])
    // Raised and cleared before the restart, both told: nothing is told again.
    const past = await restarted(20.3, 22, 40, {
      sample: shaking(1750, 1780, 400),
      limits: [{ ...limits[0]!, off_delay_s: 0, deadband: 0 }],
      lag_s: 3,
    })
    const records = past.rig.recorder.conditions.map((c) => `${c.state} ${c.occurrence} ${c.at_ns}`)
    expect(new Set(records).size).toBe(records.length)
    const single = await restarted(39, 39.1, 40, {
      sample: shaking(1750, 1780, 400),
      limits: [{ ...limits[0]!, off_delay_s: 0, deadband: 0 }],
    })
    expect(past.rig.recorder.conditions.length).toBe(single.rig.recorder.conditions.length)
  })
})
