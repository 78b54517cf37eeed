import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Model } from '../domain/model.ts'
import { instant } from '../domain/time.ts'
import { answerPdu, answerRtu } from './answer.ts'
import type { SimulatedDevice } from './device.ts'
import { RegisterBank, type Written } from './register-bank.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex').replace(/../g, '$& ').trim().toUpperCase()
const NOW = instant(1_700_000_000_000_000_000n)
const model: Model = { id: 'pump-controller', name: 'Pump controller', source: 'test', poll_ms: 1000 }
const identity = { id: 'pump', unit_id: 3, model, time_scale: 1, boot: { id: 1, at: NOW } }
/** Bits of a byte string, lowest of the first byte first. */
const bitsOf = (text: string) =>
  [...bytes(text)].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1))

let bank: RegisterBank
let writes: Written[]
beforeEach(() => {
  writes = []
  bank = new RegisterBank({
    ...identity,
    coils: { address: 0, values: [...Array(19).fill(0), ...bitsOf('CD 6B 05'), ...Array(2000).fill(0)] },
    discretes: { address: 196, values: bitsOf('AC DB 35') },
    holding: { address: 0, values: [0, 0, 0, 0xfe, 0x0acd, 1, 3, 0x0d, 0xff, ...Array(200).fill(0)] },
    onWrite: (written) => {
      writes.push(written)
      return undefined
    },
  })
})
const ask = (request: string) => hex(answerPdu(bank, bytes(request), NOW))

describe('the examples of Modbus Application Protocol 1.1b3', () => {
  test('6.1: read coils 20 to 38', () => {
    expect(ask('01 00 13 00 13')).toBe('01 03 CD 6B 05')
  })
  test('6.2: read discrete inputs 197 to 218', () => {
    expect(ask('02 00 C4 00 16')).toBe('02 03 AC DB 35')
  })
  test('6.5: switch coil 173 on', () => {
    expect(ask('05 00 AC FF 00')).toBe('05 00 AC FF 00')
    expect(ask('01 00 AC 00 01')).toBe('01 01 01')
  })
  test('6.6: write 3 to register 2', () => {
    expect(ask('06 00 01 00 03')).toBe('06 00 01 00 03')
    expect(ask('03 00 01 00 01')).toBe('03 02 00 03')
  })
  test('6.11: write ten coils from 20', () => {
    expect(ask('0F 00 13 00 0A 02 CD 01')).toBe('0F 00 13 00 0A')
    expect(ask('01 00 13 00 0A')).toBe('01 02 CD 01')
  })
  test('6.12: write 10 and 258 to registers 2 and 3', () => {
    expect(ask('10 00 01 00 02 04 00 0A 01 02')).toBe('10 00 01 00 02')
    expect(ask('03 00 01 00 02')).toBe('03 04 00 0A 01 02')
  })
  test('6.16: 0x12 masked with AND 0xF2, OR 0x25 is 0x17', () => {
    ask('06 00 04 00 12')
    expect(ask('16 00 04 00 F2 00 25')).toBe('16 00 04 00 F2 00 25')
    expect(ask('03 00 04 00 01')).toBe('03 02 00 17')
  })
  test('6.17: write three registers from 15 and read six from 4', () => {
    expect(ask('17 00 03 00 06 00 0E 00 03 06 00 FF 00 FF 00 FF')).toBe('17 0C 00 FE 0A CD 00 01 00 03 00 0D 00 FF')
    expect(ask('03 00 0E 00 03')).toBe('03 06 00 FF 00 FF 00 FF')
  })
  test('6.17: the write comes first, so that what was written is read', () => {
    expect(ask('17 00 03 00 01 00 03 00 01 02 12 34')).toBe('17 02 12 34')
  })
  test('6.18: read the queue of register 1246 that holds 440 and 4740', () => {
    const queue: SimulatedDevice = {
      ...identity,
      fault: 'none',
      setFault() {},
      restart() {},
      readRegisters: () => ({ exception: 1 }),
      readFifo: (address) => (address === 0x4de ? Uint16Array.of(440, 4740) : { exception: 2 }),
    }
    expect(hex(answerPdu(queue, bytes('18 04 DE'), NOW))).toBe('18 00 06 00 02 01 B8 12 84')
    expect(hex(answerPdu(queue, bytes('18 04 DF'), NOW))).toBe('98 02')
    const long = { ...queue, readFifo: () => new Uint16Array(32) }
    expect(hex(answerPdu(long, bytes('18 04 DE'), NOW))).toBe('98 03')
  })
})

describe('who it is (6.21)', () => {
  test('basic identification as a stream: vendor, product code, revision', () => {
    const text = (id: number, value: string) => hex(Uint8Array.of(id, value.length, ...Buffer.from(value)))
    expect(ask('2B 0E 01 00')).toBe(
      `2B 0E 01 82 00 00 03 ${text(0, 'Plumbline')} ${text(1, 'pump-controller')} ${text(2, '1.0')}`,
    )
  })
  test('one object at a time; an unknown one is exception 2, another MEI type 1, another access 3', () => {
    expect(ask('2B 0E 04 06')).toBe('2B 0E 04 82 00 00 01 06 04 70 75 6D 70')
    expect(ask('2B 0E 04 07')).toBe('AB 02')
    expect(ask('2B 0D 01 00')).toBe('AB 01')
    expect(ask('2B 0E 05 00')).toBe('AB 03')
  })
  test('regular identification fits one PDU and ends', () => {
    const reply = answerPdu(bank, bytes('2B 0E 02 00'), NOW)
    expect([...reply.subarray(0, 7)]).toEqual([43, 14, 2, 0x82, 0, 0, 6])
    expect(reply.length).toBeLessThanOrEqual(253)
  })
})

describe('strict quantities and addresses', () => {
  test.each([
    ['no coil', '01 00 00 00 00', '81 03'],
    ['2,001 coils', '01 00 00 07 D1', '81 03'],
    ['a coil beyond the last', '01 08 0F 00 02', '81 02'],
    ['a discrete input before the first', '02 00 C3 00 01', '82 02'],
    ['a coil set to something between on and off', '05 00 00 00 01', '85 03'],
    ['1,969 coils', `0F 00 00 07 B1 F7 ${'00 '.repeat(247)}`, '8F 03'],
    ['coils with a wrong byte count', '0F 00 13 00 0A 01 CD', '8F 03'],
    ['124 registers', `10 00 00 00 7C F8 ${'00 '.repeat(248)}`, '90 03'],
    ['registers with a wrong byte count', '10 00 01 00 02 02 00 0A', '90 03'],
    ['registers cut short', '10 00 01 00 02 04 00 0A 01', '90 03'],
    ['a register beyond the last', '06 FF FF 00 01', '86 02'],
    ['a mask on a register that is not there', '16 FF FF 00 00 00 00', '96 02'],
    ['126 registers read while writing', '17 00 00 00 7E 00 00 00 01 02 00 00', '97 03'],
    ['122 registers written while reading', `17 00 00 00 01 00 00 00 7A F4 ${'00 '.repeat(244)}`, '97 03'],
    ['a queue, which it has not', '18 00 00', '98 01'],
    ['a function that is not in the standard', '41', 'C1 01'],
  ])('%s is refused and changes nothing', (_, request, reply) => {
    expect(ask(request)).toBe(reply)
    expect(writes).toEqual([])
  })

  test.each([
    ['2,000 coils', '01 00 00 07 D0', 252],
    ['123 registers written', `10 00 00 00 7B F6 ${'00 '.repeat(246)}`, 5],
    ['1,968 coils written', `0F 00 00 07 B0 F6 ${'00 '.repeat(246)}`, 5],
    ['125 read and 121 written', `17 00 00 00 7D 00 00 00 79 F2 ${'00 '.repeat(242)}`, 252],
  ])('%s are served', (_, request, length) => {
    expect(answerPdu(bank, bytes(request), NOW).length).toBe(length)
  })

  test('a read that cannot be answered writes nothing (6.17)', () => {
    expect(ask('17 FF 00 00 01 00 00 00 01 02 00 05')).toBe('97 02')
    expect(writes).toEqual([])
  })

  test('a device may refuse a write, whole', () => {
    const shy = new RegisterBank({
      ...identity,
      holding: { address: 0, values: [1, 2] },
      onWrite: ({ values }) => (values.some((v) => v > 100) ? { exception: 4 } : undefined),
    })
    expect(hex(answerPdu(shy, bytes('10 00 00 00 02 04 00 05 00 65'), NOW))).toBe('90 04')
    expect(hex(answerPdu(shy, bytes('03 00 00 00 02'), NOW))).toBe('03 04 00 01 00 02')
  })

  test('an exception fault answers every function', () => {
    bank.setFault({ exception: 6 })
    expect(ask('06 00 01 00 03')).toBe('86 06')
    expect(writes).toEqual([])
  })

  test('after a restart it holds what it was made with', () => {
    ask('06 00 01 00 03')
    bank.restart({ id: 2, at: NOW })
    expect(ask('03 00 01 00 01')).toBe('03 02 00 00')
  })

  test('any PDU gets a reply of 2 to 253 bytes with its function code, never a throw', () => {
    const codes = fc.constantFrom(1, 2, 5, 6, 15, 16, 22, 23, 24, 43)
    fc.assert(
      fc.property(codes, fc.uint8Array({ maxLength: 252 }), (code, rest) => {
        const reply = answerPdu(bank, Uint8Array.of(code, ...rest), NOW)
        expect(reply[0]! & 0x7f).toBe(code)
        expect(reply.length).toBeGreaterThanOrEqual(2)
        expect(reply.length).toBeLessThanOrEqual(253)
      }),
      { numRuns: 500 },
    )
  })
})

describe('on a serial line', () => {
  const bus = () => new Map<number, SimulatedDevice>([[3, bank]])

  test('a broadcast is done by every device and answered by none', () => {
    const second = new RegisterBank({ ...identity, id: 'gate', unit_id: 4, holding: { address: 0, values: [0, 0] } })
    const devices = bus().set(4, second)
    expect(answerRtu({ unit: 0, pdu: bytes('06 00 01 00 03') }, devices, NOW)).toBe('nothing')
    for (const device of devices.values())
      expect(hex(answerPdu(device, bytes('03 00 01 00 01'), NOW))).toBe('03 02 00 03')
  })

  test('a broadcast read is ignored, and a unit that is not there is silent', () => {
    expect(answerRtu({ unit: 0, pdu: bytes('03 00 01 00 01') }, bus(), NOW)).toBe('nothing')
    expect(answerRtu({ unit: 9, pdu: bytes('03 00 01 00 01') }, bus(), NOW)).toBe('nothing')
  })
})
