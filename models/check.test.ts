import { describe, expect, test } from 'vitest'
import { showMistake } from '../domain/yaml-check.ts'
import { readModel } from './load.ts'

const POINTS = `id: many
name: Many
source: test
points:
  - metric: stage
    table: holding
    address: 10
    type: int32
    unit: m
    range: { low: 0, high: 20 }
  - metric: door
    table: coil
    address: 3
    type: bit
    unit: '1'
    range: { low: 0, high: 1 }
info:
  - name: serial_number
    table: holding
    address: 100
    type: string
    registers: 4
holes: [{ table: holding, from: 40, to: 49 }]
poll_ms: 1000
`
const QUEUE = `id: queue
name: Queue
source: test
fifo:
  group: acceleration
  pointer_address: 32
  header_address: 0
  axes: [x, y, z]
  sample_rate_hz: 50
  depth: 9
  block_samples: 50
  unit: g
  full_scale: 2
measures: [pga]
poll_ms: 100
`
const RING_TOO = `ring:
  group: acceleration
  table: holding
  header_address: 100
  samples_address: 132
  axes: [x]
  sample_rate_hz: 50
  depth: 100
  block_samples: 50
  unit: g
  full_scale: 2
`
const mistakes = (text: string, id: string): string[] => {
  const read = readModel(text, id)
  return 'mistakes' in read ? read.mistakes.map((m) => showMistake(m).replace(`models/${id}/model.yaml:`, '')) : []
}
/** Mistakes of the map of points in which one text stands for another. */
const told = (right: string, wrong: string): string[] => {
  expect(POINTS).toContain(right)
  return mistakes(POINTS.replace(right, wrong), 'many')
}

test('the maps that the mistakes below are made in are right', () => {
  expect([...mistakes(POINTS, 'many'), ...mistakes(QUEUE, 'queue')]).toEqual([])
})

describe('a setting stands only where it means something', () => {
  const STAGE = 'type: int32'
  test.each([
    [STAGE, 'type: int32\n    bit: 3', '9: points[0].bit: expected bit only of the types bit and bits, got 3'],
    [STAGE, 'type: int32\n    bits: 3', '9: points[0].bits: expected bits only of the type bits, got 3'],
    [STAGE, 'type: int32\n    byte: high', '9: points[0].byte: expected byte only of int8 and uint8, got "high"'],
    [STAGE, 'type: bit', '5: points[0].bit: expected which bit of the register the bit start at, got nothing'],
    [STAGE, 'type: bits\n    bit: 2', '5: points[0].bits: expected how many bits the field has, got nothing'],
    [STAGE, 'type: bits\n    bit: 12\n    bits: 5', '10: points[0].bits: expected at most 4 bits from bit 12, got 5'],
    ['type: bit', 'type: uint16', '14: points[1].type: expected bit in the table coil, got "uint16"'],
    ['type: bit', 'type: bit\n    bit: 0', '15: points[1].bit: expected no bit in a table of bits, got 0'],
    [
      'type: bit',
      'type: bit\n    status: { address: 0, bit: 0 }',
      '15: points[1].status: expected no status in a table of bits, got {"address":0,"bit":0}',
    ],
    [
      'table: coil',
      'writable: true\n    table: discrete',
      '12: points[1].writable: expected writable only in coils and holding registers, got true',
    ],
    [
      'table: holding\n    address: 10',
      'writable: true\n    table: input\n    address: 10',
      '6: points[0].writable: expected writable only in coils and holding registers, got true',
    ],
    [
      STAGE,
      'type: int32\n    status: { address: 9 }',
      '9: points[0].status: expected at least one of bit, mask and codes, got {"address":9}',
    ],
    ['metric: stage', 'metric: gap', '5: points[0].metric: expected a name that the wire does not use, got "gap"'],
    [
      'metric: stage',
      'metric: block/stage',
      '5: points[0].metric: expected a name that the wire does not use, got "block/stage"',
    ],
    ['metric: door', 'metric: stage', '11: points[1].metric: expected a metric that no other point has, got "stage"'],
    ['registers: 4', 'order: AB', '18: info[0].registers: expected the length of a string, got nothing'],
    ['type: string', 'type: uint32', '22: info[0].registers: expected a length only of strings, got 4'],
    [
      'registers: 4',
      'registers: 4\n    order: ABCD',
      '23: info[0].order: expected one of AB, BA for string, got "ABCD"',
    ],
  ])('%s -> %s', (right, wrong, message) => {
    expect(told(right, wrong)).toEqual([message])
  })

  test('a metric cannot have the name of a measure that the edge derives', () => {
    const text = POINTS.replace('metric: door', 'metric: rate_of_rise').replace(
      'holes:',
      'measures: [rate_of_rise]\nholes:',
    )
    expect(mistakes(text, 'many')).toEqual([
      '11: points[1].metric: expected another name than the measure, got "rate_of_rise"',
    ])
  })

  test('the order has as many letters as the type has bytes; single bytes have none', () => {
    const order = (type: string, letters: string) => told('type: int32', `type: ${type}\n    order: ${letters}`)
    for (const [type, letters] of [
      ['uint16', 'BA'],
      ['bcd16', 'AB'],
      ['float16', 'BA'],
      ['bcd32', 'CDAB'],
      ['uint32', 'DCBA'],
      ['float64', 'GHEFCDAB'],
      ['int64', 'HGFEDCBA'],
    ] as const)
      expect(order(type, letters), type).toEqual([])
    expect(order('float64', 'ABCD')[0]).toMatch(/expected one of ABCDEFGH, .* for float64, got "ABCD"/)
    expect(order('uint8', 'BA')).toEqual(['9: points[0].order: expected no order for uint8, got "BA"'])
    expect(told('type: int32', 'type: bits\n    bit: 0\n    bits: 4\n    order: BA')).toEqual([])
  })

  test('codes are raw values that the type can hold', () => {
    const codes = (type: string, list: string) =>
      told('type: int32', `${type}\n    invalid_codes: [${list}]`.replace(/^/, 'type: ')).length
    for (const [type, right, wrong] of [
      ['int8', '-128, 0x80', '256, -129'],
      ['uint8', '255', '-1, 256'],
      ['bcd16', '9999', '10000, 0xFFFF'],
      ['bcd32', '99999999', '100000000'],
      ['float16', '65504, -999', '65505'],
      ['int64', '-9.223372036854775808e18', '0.5'],
      ['uint64', '9007199254740991', '-1'],
      ['float64', '1e300', '.nan'],
      ['bits\n    bit: 4\n    bits: 3', '7', '8'],
      ['bit\n    bit: 4', '1', '2'],
    ] as const) {
      expect(codes(type, right), `${type} ${right}`).toBe(0)
      expect(codes(type, wrong), `${type} ${wrong}`).toBe(wrong.split(',').length)
    }
  })
})

describe('the unit that a register names', () => {
  const codes = (text: string) =>
    told('type: int32', `type: int32\n    unit_register: { address: 9, codes: { ${text} } }`)
  test('is of the same quantity, and there is at least one', () => {
    expect(codes('44: ft, 45: m')).toEqual([])
    expect(codes('45: m, 32: degC')).toEqual([
      '9: points[0].unit_register.codes.32: expected a unit of stage, as m is; leave other codes out, got "degC"',
    ])
    expect(codes('70000: m')).toEqual([
      '9: points[0].unit_register.codes.70000: expected a code that one register can hold, got "70000"',
    ])
    expect(codes('')).toEqual(['9: points[0].unit_register.codes: expected at least one unit, got {}'])
  })
})

describe('an address', () => {
  test.each([
    [
      'address: 10\n',
      'address: 65535\n',
      '7: points[0].address: expected an address at which 2 registers fit, got 65535',
    ],
    ['address: 3\n', 'address: 65536\n', '13: points[1].address: expected an address at which 1 bit fits, got 65536'],
    [
      'address: 100\n',
      'address: 65533\n',
      '20: info[0].address: expected an address at which 4 registers fit, got 65533',
    ],
    ['address: 10\n', 'address: 39\n', '7: points[0].address: expected nothing inside the hole from 40 to 49, got 39'],
    ['address: 100\n', 'address: 49\n', '20: info[0].address: expected nothing inside the hole from 40 to 49, got 49'],
    [
      'type: int32',
      'type: int32\n    status: { address: 44, bit: 1 }',
      '9: points[0].status.address: expected nothing inside the hole from 40 to 49, got 44',
    ],
    [
      'type: int32',
      'type: int32\n    unit_register: { address: 45, codes: { 1: m } }',
      '9: points[0].unit_register.address: expected nothing inside the hole from 40 to 49, got 45',
    ],
    ['from: 40, to: 49', 'from: 49, to: 40', '23: holes[0].to: expected from (49) or more, got 40'],
    [
      'poll_ms: 1000',
      'max_registers: 1\npoll_ms: 1000',
      [
        '24: max_registers: expected at least 2, so that stage comes in one read, got 1',
        '24: max_registers: expected at least 4, so that serial_number comes in one read, got 1',
      ],
    ],
  ])('%s -> %s', (right, wrong, message) => {
    expect(told(right, wrong)).toEqual([message].flat())
  })

  test('a hole of another table forbids nothing', () => {
    expect(told('table: holding, from: 40', 'table: input, from: 5')).toEqual([])
  })

  test('counted from 1 is never 0, may be 65536, and comes out one lower everywhere', () => {
    const from1 = `${POINTS}address_base: 1\n`
    expect(mistakes(from1.replace('address: 3\n', 'address: 0\n'), 'many')).toEqual([
      '13: points[1].address: expected bit numbers from 1, as address_base says, got 0',
    ])
    const text = from1
      .replace('address: 3\n', 'address: 65536\n')
      .replace(
        'type: int32',
        'type: int32\n    status: { address: 9, bit: 0 }\n    unit_register: { address: 8, codes: { 1: m } }',
      )
    const read = readModel(text, 'many')
    const model = 'model' in read ? read.model : undefined
    expect(model).toMatchObject({
      points: [{ address: 9, status: { address: 8, bit: 0 }, unit_register: { address: 7 } }, { address: 65_535 }],
      info: [{ address: 99 }],
      holes: [{ from: 39, to: 48 }],
    })
    expect(model).not.toHaveProperty('address_base')
  })

  test('ring and queue are counted the same way', () => {
    const queue = readModel(`${QUEUE}address_base: 1\n`.replace('header_address: 0', 'header_address: 1'), 'queue')
    expect(queue).toMatchObject({ model: { fifo: { header_address: 0, pointer_address: 31 } } })
    const text = `id: queue\nname: Ring\nsource: test\n${RING_TOO}poll_ms: 100\naddress_base: 1\n`
    expect(readModel(text, 'queue')).toMatchObject({ model: { ring: { header_address: 99, samples_address: 131 } } })
  })
})

describe('a queue', () => {
  test.each([
    [
      'depth: 9',
      'depth: 10',
      '10: fifo.depth: expected at most 9 samples of 3 axes: with the counter a reply has at most 31 registers, got 10',
    ],
    [
      'sample_rate_hz: 50',
      'sample_rate_hz: 1000',
      '10: fifo.depth: expected at least 10 samples, which come in 10 ms (what the edge needs to read it twice), got 9',
    ],
    [
      'header_address: 0',
      'header_address: 65530',
      '7: fifo.header_address: expected an address at which 18 registers fit, got 65530',
    ],
    [
      'pointer_address: 32',
      'pointer_address: 17',
      '6: fifo.pointer_address: expected a queue outside the header (0 to 17), got 17',
    ],
    ['axes: [x, y, z]', 'axes: [x, y, y]', '8: fifo.axes: expected each axis once, got ["x","y","y"]'],
    ['unit: g', 'unit: m', '12: fifo.unit: expected a unit of acceleration, got "m"'],
    [
      'poll_ms: 100',
      'poll_ms: 100\nmax_registers: 17',
      '16: max_registers: expected at least 18, so that the header comes in one read, got 17',
    ],
    [
      'measures: [pga]',
      'holes: [{ table: holding, from: 32, to: 32 }]',
      '6: fifo.pointer_address: expected nothing inside the hole from 32 to 32, got 32',
    ],
  ])('%s -> %s', (right, wrong, message) => {
    expect(mistakes(QUEUE.replace(right, wrong), 'queue')).toEqual([message])
  })

  test('may have blocks longer than itself, which the edge collects over several reads', () => {
    expect(mistakes(QUEUE.replace('block_samples: 50', 'block_samples: 500'), 'queue')).toEqual([])
  })

  test('is read more often than poll_ms, which then concerns the points', () => {
    expect(mistakes(QUEUE.replace('poll_ms: 100', 'poll_ms: 60000'), 'queue')).toEqual([])
  })

  test('and a ring in one device are refused', () => {
    const both = mistakes(QUEUE.replace('measures:', `${RING_TOO}measures:`), 'queue')
    expect(both.map((m) => m.replace(/, got .*/, ''))).toEqual(['4: fifo: expected a ring or a queue, not both'])
  })
})

test('all mistakes of a map are told at once, in the order of its lines', () => {
  const text = POINTS.replace('type: int32', 'type: uint8\n    order: BA\n    bit: 1')
    .replace('type: bit\n', 'type: int8\n')
    .replace('address: 100', 'address: 41')
  expect(mistakes(text, 'many').map((m) => m.split(': ')[1])).toEqual([
    'points[0].order',
    'points[0].bit',
    'points[1].type',
    'info[0].address',
  ])
})
