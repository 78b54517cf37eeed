import { describe, expect, test } from 'vitest'
import { automaticLimits } from '../../domain/automatic-limits.ts'
import type { Limit } from '../../domain/condition.ts'
import type { Model } from '../../domain/model.ts'
import { ModbusError } from '../../domain/ports.ts'
import type { SiteOutput } from '../../domain/site-limit.ts'
import { fromIso, type Instant } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { Acquisition } from '../acquisition.ts'
import { FakeGauge, limitOn, newRig, type Rig, siteOf } from '../testing.ts'

const START = fromIso('2026-01-01T00:00:00Z')!
const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
const gauge: Model = {
  id: 'gauge',
  name: 'Gauge',
  source: 'test',
  points: [{ metric: 'stage', table: 'input', address: 2, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  poll_ms: 1000,
}
const relay: Model = {
  id: 'relay',
  name: 'Relay box',
  source: 'test',
  points: [
    { metric: 'siren', table: 'coil', address: 5, type: 'bit', unit: '1', range: { low: 0, high: 1 }, writable: true },
    {
      metric: 'lamp',
      table: 'holding',
      address: 9,
      type: 'uint16',
      unit: '1',
      range: { low: 0, high: 7 },
      writable: true,
    },
    { metric: 'button', table: 'discrete', address: 0, type: 'bit', unit: '1', range: { low: 0, high: 1 } },
  ],
  poll_ms: 1000,
}
const siren: SiteOutput = {
  id: 'siren',
  name: 'Siren',
  drives: { device: 'relay', point: 'siren' },
  on_value: 1,
  off_value: 0,
  when: { any: ['high'] },
  hold: true,
  max_s: 900,
  poll_ms: 500,
  priority: 'high',
}

type World = {
  rig: Rig
  clock: SimulatedClock
  stage: { m: number }
  button: { on: boolean }
  start: () => Acquisition
}

function world(
  output: Partial<SiteOutput> = {},
  simulated = false,
  desk: { since: Instant | null } = { since: null },
): World {
  const clock = new SimulatedClock(START)
  const rig = newRig(clock)
  const stage = { m: 1 }
  const button = { on: false }
  const time_scale = simulated ? 1 : undefined
  const high: Limit = limitOn('high', 'gauge/stage', 2)
  const { site, node } = siteOf(
    [
      { id: 'gauge', model: gauge, time_scale },
      { id: 'relay', model: relay },
    ],
    [high],
  )
  const outputs = [{ ...siren, ...output }]
  const withOutputs = { ...node, outputs }
  const file = { ...site.file, nodes: [withOutputs] }
  const full = { ...site, file, limits: [high, ...automaticLimits(file, site.models)] }
  rig.bus.devices.set(1, new FakeGauge(() => stage.m))
  rig.bus.devices.set(2, { word: () => 0, bit: (table) => (table === 'discrete' && button.on ? 1 : 0) })
  const start = () => {
    rig.bus.closed = false
    const { recorder, life, state, bus } = rig
    const options = { site: full, node: withOutputs, clock, log: silentLog, openLink: () => bus, recorder, life, state }
    const acquisition = new Acquisition({ ...options, hostState: { deskOfflineSince: () => desk.since } })
    acquisition.start()
    return acquisition
  }
  return { rig, clock, stage, button, start }
}
const written = ({ rig }: World) => rig.bus.writes.map((w) => `${w.table} ${w.address} = ${w.values}`)
const told = ({ rig }: World) =>
  rig.recorder.conditions.map((c) => `${c.limit_id} ${c.state ? 'raised' : 'returned'} #${c.occurrence}`)

describe('a siren with the uplink cut', () => {
  test('sounds with the poll that crosses the limit, and stops when it returns; each write read back', async () => {
    const w = world()
    const acquisition = w.start()
    await w.clock.advance(s(3.2))
    w.stage.m = 3
    await w.clock.advance(s(1))
    expect(written(w)).toEqual(['coil 5 = 0', 'coil 5 = 1'])
    w.stage.m = 1
    await w.clock.advance(s(2))
    await acquisition.stop()
    expect(written(w)).toEqual(['coil 5 = 0', 'coil 5 = 1', 'coil 5 = 0'])
    expect(told(w)).toEqual(['high raised #1', 'high returned #1'])
  })

  test('lets go of its device after each look, for devices that serve one master at a time', async () => {
    const w = world({ silence: { device: 'relay', point: 'button' } })
    let ended = 0
    w.rig.bus.pollEnded = () => ended++
    const acquisition = w.start()
    await w.clock.advance(s(3.2))
    const calm = ended
    w.stage.m = 3
    await w.clock.advance(s(0.9))
    await acquisition.stop()
    // One poll of each device, the write, and looks at the button.
    expect(ended - calm).toBeGreaterThanOrEqual(4)
  })

  test('an exercise leaves it off', async () => {
    const w = world({}, true)
    const acquisition = w.start()
    w.stage.m = 3
    await w.clock.advance(s(10))
    await acquisition.stop()
    expect(told(w)).toEqual(['high raised #1'])
    expect(written(w)).toEqual(['coil 5 = 0'])
  })

  test('sounds no longer than its longest time, counted across a restart', async () => {
    const w = world({ max_s: 20 })
    w.stage.m = 3
    const first = w.start()
    await w.clock.advance(s(10))
    await first.stop()
    await w.clock.advance(s(5))
    const second = w.start()
    await w.clock.advance(s(3))
    expect(second.outputs.stats()).toEqual([{ output: 'siren', on: true, failing: false }])
    await w.clock.advance(s(4))
    expect(second.outputs.stats()).toEqual([{ output: 'siren', on: false, failing: false }])
    await second.stop()
    expect(written(w).at(-1)).toBe('coil 5 = 0')
  })

  test('a relay box that started anew and forgot is set again', async () => {
    const w = world()
    w.stage.m = 3
    const acquisition = w.start()
    await w.clock.advance(s(5))
    await w.rig.bus.writeCoils(2, 5, [false])
    await w.clock.advance(s(12))
    await acquisition.stop()
    expect(written(w).at(-1)).toBe('coil 5 = 1')
  })

  test('the button silences it once, told durably as "at the panel"; a held button silences nothing more', async () => {
    const w = world({ until_acknowledged: true, hold: undefined, silence: { device: 'relay', point: 'button' } })
    w.stage.m = 3
    const acquisition = w.start()
    await w.clock.advance(s(3))
    w.button.on = true
    await w.clock.advance(s(1))
    expect(written(w).at(-1)).toBe('coil 5 = 0')
    expect(told(w)).toEqual(['high raised #1', 'panel-siren raised #1'])
    w.stage.m = 1
    await w.clock.advance(s(2))
    expect(told(w).slice(2)).toEqual(['high returned #1', 'panel-siren returned #1'])
    w.stage.m = 3
    await w.clock.advance(s(5))
    expect(written(w).at(-1)).toBe('coil 5 = 1')
    await acquisition.stop()
  })

  test('the desk silences it by its id', async () => {
    const w = world()
    w.stage.m = 3
    const acquisition = w.start()
    await w.clock.advance(s(3))
    expect([acquisition.outputs.silence('siren'), acquisition.outputs.silence('horn')]).toEqual([true, false])
    await w.clock.advance(s(3))
    await acquisition.stop()
    expect(written(w).at(-1)).toBe('coil 5 = 0')
  })

  test('the desk sounds it for people who are told by it, once for each id, and the button silences that too', async () => {
    const w = world({ silence: { device: 'relay', point: 'button' } })
    const acquisition = w.start()
    await w.clock.advance(s(3.2))
    expect(acquisition.outputs.sound('siren', 'one', s(10))).toBe(true)
    expect(acquisition.outputs.sound('no-such', 'one', s(10))).toBe(false)
    await w.clock.advance(s(5))
    acquisition.outputs.sound('siren', 'two', s(10))
    await w.clock.advance(s(6))
    expect(written(w), 'the second goes on where the first ends').toEqual(['coil 5 = 0', 'coil 5 = 1'])
    await w.clock.advance(s(5))
    expect(written(w)).toEqual(['coil 5 = 0', 'coil 5 = 1', 'coil 5 = 0'])
    acquisition.outputs.sound('siren', 'three', s(60))
    await w.clock.advance(s(2))
    w.button.on = true
    await w.clock.advance(s(2))
    await acquisition.stop()
    expect(written(w).slice(3)).toEqual(['coil 5 = 1', 'coil 5 = 0'])
  })

  test('goes on when the desk is away for long enough', async () => {
    const desk = { since: null as Instant | null }
    const w = world({ when: { desk_offline_s: 60 } }, false, desk)
    const acquisition = w.start()
    await w.clock.advance(s(5))
    desk.since = w.clock.now()
    await w.clock.advance(s(58))
    expect(written(w)).toEqual(['coil 5 = 0'])
    await w.clock.advance(s(4))
    expect(written(w).at(-1)).toBe('coil 5 = 1')
    desk.since = null
    await w.clock.advance(s(2))
    await acquisition.stop()
    expect(written(w).at(-1)).toBe('coil 5 = 0')
  })
})

describe('an output that cannot be driven', () => {
  test('is an alarm after two attempts, tried ever more rarely, and clears with the first that is confirmed', async () => {
    const w = world()
    const acquisition = w.start()
    await w.clock.advance(s(2))
    let attempts = 0
    w.rig.bus.onWrite = () => {
      attempts++
      throw new ModbusError('exception-4', 'exception 4')
    }
    w.stage.m = 3
    await w.clock.advance(s(60))
    expect(told(w)).toEqual(['high raised #1', 'output-siren raised #1'])
    // 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s after the first.
    expect(attempts).toBe(7)
    w.rig.bus.onWrite = () => {}
    await w.clock.advance(s(30))
    await acquisition.stop()
    expect(told(w).at(-1)).toBe('output-siren returned #1')
    expect(written(w).at(-1)).toBe('coil 5 = 1')
  })

  test('is written as soon as its device answers again', async () => {
    const w = world()
    const acquisition = w.start()
    await w.clock.advance(s(2))
    w.rig.bus.faults.set(2, 'exception-4')
    w.stage.m = 3
    await w.clock.advance(s(120))
    w.rig.bus.faults.clear()
    const events = w.rig.life.events.length
    while (w.rig.life.events.length === events) await w.clock.advance(s(0.1))
    await w.clock.advance(s(0.1))
    await acquisition.stop()
    expect(w.rig.life.events.at(-1)).toBe('relay online')
    expect(written(w).at(-1)).toBe('coil 5 = 1')
  })

  test('a device that confirms and holds something else counts as failed', async () => {
    const w = world({ drives: { device: 'relay', point: 'lamp' }, on_value: 5 })
    const acquisition = w.start()
    await w.clock.advance(s(2))
    const read = w.rig.bus.readRegisters.bind(w.rig.bus)
    w.rig.bus.readRegisters = async (unit, table, address, quantity) => {
      const reply = await read(unit, table, address, quantity)
      return table === 'holding' ? { ...reply, registers: new Uint16Array(quantity) } : reply
    }
    w.stage.m = 3
    await w.clock.advance(s(5))
    await acquisition.stop()
    expect(written(w)).toContain('holding 9 = 5')
    expect(told(w)).toContain('output-siren raised #1')
  })
})
