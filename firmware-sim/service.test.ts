import { once } from 'node:events'
import { createServer } from 'node:net'
import modbusSerial from 'modbus-serial'
import { afterEach, describe, expect, test } from 'vitest'
import { instant, NS_PER_S, secondsBetween } from '../domain/time.ts'
import { loadShippedModels } from '../models/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { SimulatedClock, SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { headerOf, link, readSamples, simulatedDevice, siteOf } from './fixture.ts'
import { type SimulatorOptions, SimulatorService } from './service.ts'

const ModbusRTU = modbusSerial.default
const models = await loadShippedModels()
const roof = simulatedDevice('roof', 'sim-accelerometer-3axis', 1, { recording: 'jma-yonago-2000' })
const river = simulatedDevice('river', 'sim-stage-gauge', 2, { recording: 'usgs-dead-run-2018', lead_s: 3600 }, 180)
const started: SimulatorService[] = []

const simulator = (options: Partial<SimulatorOptions> = {}) => {
  const site = siteOf(models, link('field', 5020, [roof, river]))
  const service = new SimulatorService({
    site,
    clock: new SystemClock(),
    log: silentLog,
    loadRecording,
    ports: () => 0,
    ...options,
  })
  started.push(service)
  return service
}
afterEach(async () => {
  for (const service of started.splice(0)) await service.stop()
})

async function client(port: number, unit: number) {
  const modbus = new ModbusRTU()
  await modbus.connectTCP('127.0.0.1', { port })
  modbus.setTimeout(2000)
  modbus.setID(unit)
  return modbus
}

describe('the simulator', () => {
  test('serves the devices of a link on one listener, in real time', async () => {
    const service = simulator()
    await service.start()
    const clock = new SystemClock()
    const modbus = await client(service.port('field'), 1)
    const before = clock.now()
    const header = headerOf(Uint16Array.from((await modbus.readHoldingRegisters(0, 18)).data))
    const after = clock.now()
    const device = service.accelerometer('roof')
    expect(header.boot_id).toBe(device.boot.id)
    // The device's own time was latched between the two readings of our clock (which agree to 2 ms).
    expect(header.now_us / 1e6).toBeGreaterThan(secondsBetween(before, device.boot.at) - 0.003)
    expect(header.now_us / 1e6).toBeLessThan(secondsBetween(after, device.boot.at) + 0.003)
    modbus.setID(2)
    // The month begins at 0.93 ft: 0.283464 m = 0x3E912232.
    expect((await modbus.readInputRegisters(0, 4)).data).toEqual([0, 0, 0x3e91, 0x2232])
    modbus.close(() => {})
  })

  test('restarts a device with another boot id and counters from 0', async () => {
    const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
    const service = simulator({ clock, listen: false })
    await service.start()
    await clock.advance(100n * NS_PER_S)
    const field = service.link('field')
    const read = async () => headerOf((await field.readRegisters(1, 'holding', 0, 18)).registers)
    const first = await read()
    expect(first.newest).toBe(10_000)
    service.restartDevice('roof')
    const second = await read()
    expect(second).toMatchObject({ newest: 0, now_us: 0 })
    expect(second.boot_id).not.toBe(first.boot_id)
    expect(await readSamples(field, 1, 0, 0)).toEqual([[0, 0, 0]])
  })

  test('gives a boot id that is neither 0 nor the one before, whatever the source says', async () => {
    const service = simulator({ listen: false, bootId: () => 2 ** 32 - 1 })
    await service.start()
    const ids = [1, 2, 3].map(() => {
      service.restartDevice('roof')
      return service.device('roof').boot.id
    })
    expect(ids).toEqual([1, 2 ** 32 - 1, 1])
  })

  test('boots its devices anew at every start', async () => {
    const service = simulator({ listen: false })
    await service.start()
    const first = service.device('roof').boot
    await service.stop()
    await service.start()
    expect(service.device('roof').boot.id).not.toBe(first.id)
    expect(service.device('roof').boot.at).toBeGreaterThan(first.at)
  })

  test('does not let a step of the wall clock move its devices', async () => {
    const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
    const service = simulator({ clock, listen: false })
    await service.start()
    await clock.advance(10n * NS_PER_S)
    clock.stepWall(-3600n * NS_PER_S)
    await clock.advance(10n * NS_PER_S)
    const { registers } = await service.link('field').readRegisters(1, 'holding', 0, 18)
    expect(headerOf(registers).newest).toBe(2000)
  })

  test('makes one device fail while the others go on', async () => {
    const service = simulator()
    await service.start()
    service.setFault('river', { exception: 4 })
    const modbus = await client(service.port('field'), 2)
    await expect(modbus.readInputRegisters(0, 4)).rejects.toMatchObject({ modbusCode: 4 })
    modbus.setID(1)
    expect((await modbus.readHoldingRegisters(16, 1)).data).toEqual([3])
    modbus.close(() => {})
  })

  test('tells links of one host and port apart by unit id, and links of two ports by listener', async () => {
    const site = siteOf(models, link('a', 5020, [roof]), link('b', 5021, [river]))
    const service = simulator({ site })
    await service.start()
    expect(service.port('a')).not.toBe(service.port('b'))
    expect(service.port('node-1/a')).toBe(service.port('a'))

    const shared = simulator({ site: siteOf(models, link('a', 5020, [roof]), link('b', 5020, [river])) })
    await shared.start()
    expect(shared.port('a')).toBe(shared.port('b'))
  })

  test('listens nowhere for a site without simulated devices', async () => {
    const service = simulator({ site: siteOf(models, link('a', 5020, [{ ...roof, simulated: undefined }])) })
    await service.start()
    expect(() => service.port('a')).toThrow('BUG')
  })

  test('stops within a second, frees its ports and can be stopped again', async () => {
    const service = simulator()
    await service.start()
    const port = service.port('field')
    const modbus = await client(port, 1)
    const began = performance.now()
    await service.stop()
    expect(performance.now() - began).toBeLessThan(1000)
    await service.stop()
    const next = createServer().listen(port, '127.0.0.1')
    await once(next, 'listening')
    next.close()
    modbus.close(() => {})
  })
})

describe('a site that cannot be simulated', () => {
  test('because a port is in use: one clear line, and nothing is left listening', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const taken = (other.address() as { port: number }).port
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const first = (free.address() as { port: number }).port
    await new Promise((resolve) => free.close(resolve))

    const site = siteOf(models, link('a', first, [roof]), link('b', taken, [river]))
    await expect(simulator({ site, ports: undefined }).start()).rejects.toThrow(
      `PORT_IN_USE: 127.0.0.1:${taken} (nodes[0].links[1].tcp.port) is already in use`,
    )
    const again = createServer().listen(first, '127.0.0.1')
    await once(again, 'listening')
    again.close()
    other.close()
  })

  test('because two devices would answer to one unit id at one address', async () => {
    const twin = { ...river, unit_id: 1 }
    const site = siteOf(models, link('a', 5020, [roof]), link('b', 5020, [twin]))
    await expect(simulator({ site }).start()).rejects.toThrow(
      'SITE_INVALID: nodes[0].links[1].devices[0].unit_id: expected a unit id that no other device at 127.0.0.1:5020 has, got 1',
    )
  })

  test('because a recording is not there', async () => {
    const site = siteOf(models, link('a', 5020, [simulatedDevice('roof', 'sim-stage-gauge', 1, { recording: 'nope' })]))
    await expect(simulator({ site }).start()).rejects.toThrow('RECORDING_INVALID: recordings/: expected one of')
  })
})
