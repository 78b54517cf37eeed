import { describe, expect, test } from 'vitest'
import { ModbusError, type ModbusReply } from '../domain/ports.ts'
import { instant, NS_PER_MS, NS_PER_S } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import type { Fault } from './device.ts'
import { shortWaveform, simulatedDevice, stageSeries } from './fixture.ts'
import { makeDevice } from './make-device.ts'
import { memoryLink } from './memory-link.ts'
import { RegisterBank } from './register-bank.ts'

const MODEL = 'sim-stage-gauge'
const model = (await loadModels([MODEL])).get(MODEL)!

const bench = (timeout_ms?: number) => {
  const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
  const entry = simulatedDevice('river', MODEL, 3, { recording: 'stage' })
  const series = stageSeries([0, 1], [5, 1.5])
  const device = makeDevice({ device: entry, model }, series, { id: 1, at: clock.now() }, 'd')
  return { clock, device, link: memoryLink(new Map([[3, device]]), clock, { timeout_ms }) }
}
/** How a request ends, without throwing. */
const outcome = (reply: Promise<ModbusReply>) =>
  reply.then(
    (r) => [...r.registers],
    (e: ModbusError) => e.reason,
  )

describe('a link without a socket', () => {
  test('gives registers at the instant of the request on the simulated clock', async () => {
    const { clock, link } = bench()
    expect(await outcome(link.readRegisters(3, 'input', 2, 2))).toEqual([0x3f80, 0])
    await clock.advance(300n * NS_PER_S)
    const reply = await link.readRegisters(3, 'input', 2, 2)
    expect([...reply.registers]).toEqual([0x3fc0, 0])
    expect([reply.sent, reply.received]).toEqual([300n * NS_PER_S, 300n * NS_PER_S])
  })

  test('is not moved by a step of the wall clock: the device has a clock of its own', async () => {
    const { clock, link } = bench()
    clock.stepWall(300n * NS_PER_S)
    expect(await outcome(link.readRegisters(3, 'input', 2, 2))).toEqual([0x3f80, 0])
  })

  test('rejects with the exception that the device or the gateway gives', async () => {
    const { link } = bench()
    expect(await outcome(link.readRegisters(3, 'input', 4, 1))).toBe('exception-2')
    expect(await outcome(link.readRegisters(3, 'input', 0, 126))).toBe('exception-3')
    expect(await outcome(link.readRegisters(3, 'holding', 0, 1))).toBe('exception-1')
    expect(await outcome(link.readRegisters(4, 'input', 0, 1))).toBe('exception-11')
  })

  test.each([
    [{ exception: 4 }, 'exception-4'],
    ['close', 'closed'],
    ['short', 'bad-reply'],
    ['wrong-unit', 'bad-reply'],
    ['wrong-transaction', 'bad-reply'],
  ] as Array<[Fault, string]>)('shows the fault %j as %s at once', async (fault, reason) => {
    const { device, link } = bench()
    device.setFault(fault)
    expect(await outcome(link.readRegisters(3, 'input', 0, 4))).toBe(reason)
    device.setFault('none')
    expect(await outcome(link.readRegisters(3, 'input', 2, 2))).toEqual([0x3f80, 0])
  })

  test.each(['hang', 'truncate'] as Fault[])('gives up on %s after the time-out, never before', async (fault) => {
    const { clock, device, link } = bench(250)
    device.setFault(fault)
    let ended: unknown
    const reply = outcome(link.readRegisters(3, 'input', 0, 4)).then((r) => {
      ended = r
    })
    await clock.advance(249n * NS_PER_MS)
    expect(ended).toBeUndefined()
    await clock.advance(1n * NS_PER_MS)
    await reply
    expect(ended).toBe('timeout')
  })

  test('answers late with what the registers held when they were read', async () => {
    const { clock, device, link } = bench()
    await clock.advance(299n * NS_PER_S + 900n * NS_PER_MS)
    device.setFault({ delay_ms: 400 })
    const reply = link.readRegisters(3, 'input', 2, 2)
    await clock.advance(400n * NS_PER_MS)
    const { registers, sent, received } = await reply
    expect([...registers]).toEqual([0x3f80, 0])
    expect(received - sent).toBe(400n * NS_PER_MS)
  })

  test('a delay beyond the time-out is a time-out', async () => {
    const { clock, device, link } = bench(250)
    device.setFault({ delay_ms: 400 })
    const reply = outcome(link.readRegisters(3, 'input', 2, 2))
    await clock.advance(NS_PER_S)
    expect(await reply).toBe('timeout')
  })

  test('takes one request at a time, in order', async () => {
    const { clock, device, link } = bench()
    device.setFault({ delay_ms: 100 })
    const times = [1, 2, 3].map(() => link.readRegisters(3, 'input', 2, 2).then((r) => r.received))
    await clock.advance(NS_PER_S)
    expect(await Promise.all(times)).toEqual([100n, 200n, 300n].map((ms) => ms * NS_PER_MS))
  })

  test('closed, it ends the request under way and refuses the next', async () => {
    const { device, link } = bench()
    device.setFault('hang')
    const waiting = outcome(link.readRegisters(3, 'input', 0, 4))
    const queued = outcome(link.readRegisters(3, 'input', 0, 4))
    await Promise.resolve()
    await link.close()
    expect(await Promise.all([waiting, queued])).toEqual(['closed', 'closed'])
    expect(await outcome(link.readRegisters(3, 'input', 0, 4))).toBe('closed')
    await expect(link.readRegisters(3, 'input', 0, 4)).rejects.toBeInstanceOf(ModbusError)
  })
})

describe('every function of a link', () => {
  const controller = () => {
    const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
    const identity = { model, unit_id: 3, time_scale: 1, boot: { id: 1, at: clock.now() } }
    const device = new RegisterBank({
      ...identity,
      id: 'pump',
      coils: { address: 20, values: Array(20).fill(0) },
      discretes: { address: 5, values: [1, 0, 1] },
      holding: { address: 100, values: [1, 2, 3] },
    })
    return { device, link: memoryLink(new Map([[3, device]]), clock) }
  }

  test('reads bits, one to an element', async () => {
    const { link } = controller()
    expect([...(await link.readBits(3, 'discrete', 5, 3)).bits]).toEqual([1, 0, 1])
    expect([...(await link.readBits(3, 'coil', 20, 11)).bits]).toEqual(Array(11).fill(0))
    await expect(link.readBits(3, 'discrete', 6, 3)).rejects.toMatchObject({ reason: 'exception-2' })
    await expect(link.readBits(3, 'coil', 20, 2001)).rejects.toMatchObject({ reason: 'exception-3' })
  })

  test('writes one coil and many', async () => {
    const { link } = controller()
    await link.writeCoils(3, 21, [true])
    await link.writeCoils(3, 25, [true, false, true, true, false, false, false, false, true])
    expect([...(await link.readBits(3, 'coil', 20, 14)).bits]).toEqual([0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1])
    await expect(link.writeCoils(3, 40, [true])).rejects.toMatchObject({ reason: 'exception-2' })
  })

  test('writes one register and many, under a mask, and while it reads', async () => {
    const { link } = controller()
    await link.writeRegisters(3, 100, [7])
    await link.writeRegisters(3, 101, [0x12], { multiple: true })
    await link.maskWriteRegister(3, 101, 0xf2, 0x25)
    const { registers } = await link.readWriteRegisters(
      3,
      { address: 100, quantity: 3 },
      { address: 102, values: [0xffff] },
    )
    expect([...registers]).toEqual([7, 0x17, 0xffff])
    await expect(link.writeRegisters(3, 102, [1, 2])).rejects.toMatchObject({ reason: 'exception-2' })
  })

  test('reads who the device is, however many answers that takes', async () => {
    const { link } = controller()
    const identity = await link.readIdentity(3)
    expect([...identity]).toEqual([
      [0, 'Plumbline'],
      [1, MODEL],
      [2, '1.0'],
      [4, model.name],
      [5, MODEL],
      [6, 'pump'],
    ])
  })

  test('reads a queue as it stands', async () => {
    const fifo = (await loadModels(['sim-accelerometer-fifo'])).get('sim-accelerometer-fifo')!
    const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
    const entry = simulatedDevice('queue', fifo.id, 4, { recording: 'short', quiet_s: 0 })
    const wave = shortWaveform(1000, (2 * 9.80665) / 32_768)
    const device = makeDevice({ device: entry, model: fifo }, wave, { id: 1, at: clock.now() }, 'd')
    const link = memoryLink(new Map([[4, device]]), clock)
    await clock.advance(20n * NS_PER_MS)
    expect([...(await link.readFifo(4, 1246)).registers]).toEqual([0, 2, 1, 10, 100, 2, 20, 200, 3, 30, 300])
    await expect(link.readFifo(4, 1)).rejects.toMatchObject({ reason: 'exception-2' })
  })

  test('a fault of the device is that of every function; what was written before the answer was lost is written', async () => {
    const { device, link } = controller()
    device.setFault({ exception: 4 })
    await expect(link.readBits(3, 'coil', 20, 1)).rejects.toMatchObject({ reason: 'exception-4' })
    await expect(link.writeRegisters(3, 100, [9])).rejects.toMatchObject({ reason: 'exception-4' })
    device.setFault('wrong-unit')
    await expect(link.writeRegisters(3, 100, [9])).rejects.toMatchObject({ reason: 'bad-reply' })
    device.setFault('none')
    expect([...(await link.readRegisters(3, 'holding', 100, 1)).registers]).toEqual([9])
  })
})
