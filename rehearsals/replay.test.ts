/** `replay --alone` and `start --scenario`: the whole line on a file of one's own, or on a story; all marked EXERCISE. */
import { expect, test } from 'vitest'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { ServiceProcess } from './processes.ts'
import { until } from './until.ts'

test('`start --scenario quiet` runs the line calm: every channel good, no alarm', async () => {
  const [data, port] = [await temporaryFolder(), await freePort()]
  const line = new ServiceProcess(
    [
      'start',
      '--scenario',
      'quiet',
      '--seed',
      '7',
      '--data',
      data,
      '--port',
      String(port),
      '--mqtt-port',
      String(await freePort()),
    ],
    { PLUMBLINE_SIM_PORT_1: String(await freePort()), PLUMBLINE_SIM_PORT_2: String(await freePort()) },
  )
  try {
    await line.start(45_000)
    expect(line.output.stdout).toContain('Scenario quiet (seed 7)')
    const client = new DeskClient(port)
    await until('stage and PGA are good', async () => {
      const good = (await client.readings()).filter((r) => r.flag === 1 && r.exercise).map((r) => r.channel)
      return ['dead-run/stage', 'tower-a-ground/pga'].every((channel) => good.includes(channel))
    })
    expect((await client.journal()).filter((entry) => entry.kind === 'notice')).toEqual([])
  } finally {
    await line.stop()
    await removeFolder(data)
  }
}, 120_000)

test('the month of Dead Run at 20,000 times its speed: its highest stage arrives and crosses the levels', async () => {
  const [data, port] = [await temporaryFolder(), await freePort()]
  const record = 'recordings/usgs-dead-run-2018/usgs_01589330_deadrun_2018-06.csv'
  const line = new ServiceProcess(
    [
      'replay',
      record,
      '--as',
      'dead-run/stage',
      '--alone',
      '--speed',
      '20000',
      '--data',
      data,
      '--port',
      String(port),
      '--mqtt-port',
      String(await freePort()),
    ],
    { PLUMBLINE_SIM_PORT_1: String(await freePort()), PLUMBLINE_SIM_PORT_2: String(await freePort()) },
  )
  try {
    await line.start(45_000)
    const client = new DeskClient(port)
    const device = await until('the gauge is online', async () =>
      (await client.devices()).find((d) => d.id === 'dead-run' && d.state === 'online'),
    )
    expect(device).toMatchObject({ time_scale: 20_000, simulated: true })
    const alarm = await until(
      'the stage crosses the action level',
      async () => {
        const found = await client.alarm('edge-1:dead-run-action')
        return found !== undefined && found.occurrence > 0 && found
      },
      60_000,
    )
    expect(alarm.exercise).toBe(true)
    // Recorded between 0.41 and 6.17 ft.
    const stage = (await client.readings()).find((r) => r.channel === 'dead-run/stage')!
    expect(stage.value! / 0.3048).toBeGreaterThanOrEqual(0.4)
    expect(stage.value! / 0.3048).toBeLessThanOrEqual(6.18)
  } finally {
    await line.stop()
    await removeFolder(data)
  }
}, 150_000)
