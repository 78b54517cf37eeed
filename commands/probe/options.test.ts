import { describe, expect, test } from 'vitest'
import { readOptions } from './options.ts'

const options = (line: string) => readOptions(line.split(' '))

describe('the flags of probe', () => {
  test('name a link, a unit and a range', () => {
    expect(options('--tcp 10.0.0.7:1502 --unit 3 --table input --from 0x66 --count 8')).toMatchObject({
      link: { tcp: { host: '10.0.0.7', port: 1502 }, timeout_ms: 1000 },
      unitId: 3,
      range: { table: 'input', from: 102, count: 8 },
      max: 125,
    })
    expect(options('--tcp [::1] --from 0 --count 1').link.tcp).toEqual({ host: '::1', port: 502 })
    expect(
      options('--rtu /dev/ttyUSB0 --baud 19200 --parity none --stop-bits 2 --table coil --from 0 --count 9'),
    ).toMatchObject({
      link: { rtu: { path: '/dev/ttyUSB0', baud: 19_200, parity: 'none', data_bits: 8, stop_bits: 2 } },
      max: 2000,
    })
    expect(options('--rtu-over-tcp host:4001 --model sim-stage-gauge')).toMatchObject({
      link: { rtu_over_tcp: { host: 'host', port: 4001 } },
      model: 'sim-stage-gauge',
      range: undefined,
    })
  })

  test('reach a device inside TLS, and an adapter that echoes', () => {
    expect(
      options('--tls h --ca ca.pem --cert c.pem --key k.pem --server-name plc --from 0 --count 1').link.tls,
    ).toEqual({
      ...{ host: 'h', port: 802, ca_file: 'ca.pem', cert_file: 'c.pem', key_file: 'k.pem', server_name: 'plc' },
    })
    expect(options('--tls h:1802 --unit 0 --from 0 --count 1').link.tls).toEqual({ host: 'h', port: 1802 })
    expect(options('--rtu p --echo --from 0 --count 1').link.rtu).toMatchObject({ echo: true })
    expect(options('--rtu-over-tcp h:1 --echo --from 0 --count 1').link.rtu_over_tcp).toMatchObject({ echo: true })
  })

  test('name the draft by its file', () => {
    const of = (file: string) => options(`--tcp h --from 0 --count 4 --draft ${file} --point a@0:int16:m`).draft?.id
    expect(of('/tmp/river-gauge.yaml')).toBe('river-gauge')
    expect(of('models/river-gauge/model.yaml')).toBe('river-gauge')
    expect(() => of('River Gauge.yaml'.replace(' ', '_'))).toThrow(/named after the model/)
  })

  test.each([
    ['--from 0 --count 1', 'expected one of --tcp, --tls, --rtu and --rtu-over-tcp, got 0'],
    ['--tcp h --ca f --from 0 --count 1', '--ca: expected with --tls'],
    ['--tls h --cert f --from 0 --count 1', '--cert and --key: expected both or neither'],
    ['--tls h --echo --from 0 --count 1', '--echo: expected with --rtu or --rtu-over-tcp'],
    ['--tcp h --rtu p --from 0 --count 1', 'got 2'],
    ['--tcp h:99999 --from 0 --count 1', '--tcp: expected HOST:PORT, got "h:99999"'],
    ['--rtu-over-tcp h --from 0 --count 1', '--rtu-over-tcp: expected HOST:PORT, got "h"'],
    ['--tcp h --baud 9600 --from 0 --count 1', '--baud: expected with --rtu'],
    ['--rtu p --parity mark --from 0 --count 1', '--parity: expected none, even, odd, got "mark"'],
    ['--tcp h', 'expected what to read'],
    ['--tcp h --from 3', '--count: expected a number'],
    ['--tcp h --from 65535 --count 2', '--count: expected at most 1 from address 65535, got 2'],
    ['--tcp h --from 0 --count 2001', '--count: expected a whole number from 1 to 2000, got "2001"'],
    ['--tcp h --from 0 --count 9 --max 126', '--max: expected a whole number from 1 to 125, got "126"'],
    ['--tcp h --unit 256 --from 0 --count 9', '--unit: expected a whole number from 0 to 255, got "256"'],
    ['--rtu p --unit 0 --from 0 --count 9', '--unit: expected 1 to 255 on RTU, where nobody answers 0'],
    ['--tcp h --from 1e1 --count 9', '--from: expected a whole number from 0 to 65535, got "1e1"'],
    ['--tcp h --table registers --from 0 --count 9', '--table: expected holding, input, coil, discrete'],
    ['--tcp h --table input --model m', '--table: expected with --from and --count'],
    ['--tcp h --model m --draft a.yaml', '--draft: expected with --from and --count'],
    ['--tcp h --from 0 --count 9 --point a@0:int16:m', '--point: expected with --draft'],
  ])('%s is refused', (line, message) => {
    expect(() => options(line)).toThrow(message)
  })
})
