import { describe, expect, test } from 'vitest'
import { endpointOf } from '../../domain/channel.ts'
import type { SiteLink } from '../../domain/site.ts'
import { openModbus } from '../../edge/io/modbus-link.ts'
import { haveTool } from '../../firmware-sim/io/real-tools.fixture.ts'
import { SimulatorService } from '../../firmware-sim/service.ts'
import { loadRecording } from '../../recordings/load.ts'
import { silentLog } from '../../runtime/log.ts'
import { siteOf } from '../site.ts'
import { linkSuite } from './links.suite.ts'
import { clock, DEVICES, folder } from './rig.fixture.ts'

const serial = haveTool('socat', 'socat') && (await haveSerialPort())

async function haveSerialPort(): Promise<boolean> {
  const there = await import('serialport').then(
    () => true,
    () => false,
  )
  if (!there && process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error('the npm package serialport is missing')
  if (!there) console.info('the npm package serialport is missing: the tests of serial lines are skipped')
  return there
}

describe.skipIf(!serial)('over a pair of pseudo-terminals', () => {
  linkSuite('rtu')

  test('a serial port that is not there is one clear error, naming the place in the site file', async () => {
    const place = { path: `${folder}/none`, simulator_path: `${folder}/neither` }
    const links = [{ id: 'bus', rtu: place, devices: DEVICES }]
    const site = await siteOf({ site: 'serial', name: 'Serial', nodes: [{ id: 'n1', name: 'n1', links }] })
    const simulator = new SimulatorService({ site, clock, log: silentLog, loadRecording })
    const expected = `SITE_INVALID: nodes[0].links[0].rtu.simulator_path: expected a serial port that can be opened, got ${folder}/neither`
    await expect(simulator.start()).rejects.toThrow(expected)
    const link = openModbus(clock, silentLog)(site.file.nodes[0]!.links[0] as SiteLink)
    await expect(link.readRegisters(1, 'holding', 0, 1)).rejects.toMatchObject({ reason: 'closed' })
    expect(endpointOf(site.file.nodes[0]!.links[0]!)).toBe(place.path)
    await link.close()
  })
})
