// MQTT 3.1.1, sections 3.1 and 3.2. The name of each test begins with the id of the statement it checks.
import { describe, expect, test } from 'vitest'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  frame,
  PINGREQ,
  publishPacket,
  type RawMqtt,
  subscribePacket,
  text,
} from '../raw-mqtt.fixture.ts'
import { sessions } from './session.fixture.ts'

const mqtt = sessions()
const ndeath = 'spBv1.0/yard/NDEATH/north'
const state = 'spBv1.0/STATE/yard-desk'

/** Return code of the CONNACK; `closed` where the connection ends without one. */
async function answer(raw: RawMqtt): Promise<number | 'closed'> {
  try {
    const { type, body } = await raw.next()
    expect(type).toBe(CONNACK)
    return body[1]!
  } catch {
    expect(await raw.closes(0)).toBe(true)
    return 'closed'
  }
}
const answerTo = async (...packets: Uint8Array[]) => {
  const raw = await mqtt.stranger()
  raw.send(...packets)
  return { raw, code: await answer(raw) }
}

describe('the first packet', () => {
  test.each([
    ['PUBLISH', publishPacket('spBv1.0/yard/NDATA/north', 'x')],
    ['SUBSCRIBE', subscribePacket(1, ['spBv1.0/STATE/+', 0])],
    ['PINGREQ', frame(PINGREQ, 0)],
    ['DISCONNECT', frame(DISCONNECT, 0)],
  ])('MQTT-3.1.0-1: %s in front of CONNECT ends the connection', async (_, packet) => {
    const raw = await mqtt.stranger()
    raw.send(packet)
    expect(await raw.closes()).toBe(true)
    await expect(raw.next(0)).rejects.toThrow()
  })

  test('MQTT-3.1.0-2: a second CONNECT ends the connection', async () => {
    const raw = await mqtt.client('north')
    raw.send(mqtt.packetFor('north'))
    expect(await raw.closes()).toBe(true)
  })

  test('MQTT-3.2.0-1: CONNACK comes before anything else', async () => {
    const { raw, code } = await answerTo(mqtt.packetFor('north'), frame(PINGREQ, 0))
    expect(code).toBe(0)
    expect((await raw.next()).type).toBe(13)
  })
})

describe('protocol and flags of CONNECT', () => {
  test('MQTT-3.1.2-1: another protocol name is not spoken with', async () => {
    expect((await answerTo(mqtt.packetFor('north', { protocol: 'AMQP' }))).code).toBe('closed')
  })

  test('MQTT-3.1.2-2: version 5 is answered with return code 1 and the end', async () => {
    // Section 3.1 of MQTT 5: a length of properties, here none, stands before the client id.
    const v5 = frame(1, 0, text('MQTT'), Buffer.from([5, 2, 0, 60, 0]), text('north'))
    const { raw, code } = await answerTo(v5)
    expect(code).toBe(1)
    expect(await raw.closes()).toBe(true)
  })

  test('MQTT-3.1.2-2 deviates: versions that do not exist end the connection without return code 1', async () => {
    for (const level of [6, 0x7f])
      expect((await answerTo(mqtt.packetFor('north', { level }))).code, String(level)).toBe('closed')
  })

  test('MQTT-3.1.2-3: the reserved flag must be zero', async () => {
    expect((await answerTo(mqtt.packetFor('north', { flags: 0xc3 }))).code).toBe('closed')
  })

  test('MQTT-3.1.2-13, MQTT-3.1.2-15: no will, but its QoS or retain flag', async () => {
    for (const flags of [0xca, 0xe2]) expect((await answerTo(mqtt.packetFor('north', { flags }))).code).toBe('closed')
  })

  test('MQTT-3.1.2-14: a will of QoS 3', async () => {
    const will = { topic: ndeath, payload: 'x', qos: 3 }
    expect((await answerTo(mqtt.packetFor('north', { will }))).code).toBe('closed')
  })

  test('MQTT-3.1.2-22: a password without user name lets nobody in', async () => {
    const { raw, code } = await answerTo(connectPacket({ clientId: 'north', password: mqtt.fixture.password('north') }))
    expect(code).not.toBe(0)
    expect(await raw.closes()).toBe(true)
  })

  test('MQTT-3.1.4-1: a CONNECT that is cut short of its fields ends without CONNACK', async () => {
    const whole = mqtt.packetFor('north').subarray(2)
    for (const length of [0, 3, 7, 9, 11, 20])
      expect((await answerTo(frame(1, 0, whole.subarray(0, length)))).code, String(length)).toBe('closed')
  })

  test('MQTT-3.1.4-1: more bytes than the fields ask for', async () => {
    const { code } = await answerTo(frame(1, 0, mqtt.packetFor('north').subarray(2), Buffer.from('more')))
    expect(code).toBe('closed')
  })
})

describe('client ids and sessions', () => {
  test('MQTT-3.1.3-8: no client id and no clean session is identifier rejected, then the end', async () => {
    const { raw, code } = await answerTo(mqtt.packetFor('north', { clientId: '', flags: 0xc0 }))
    expect(code).toBe(2)
    expect(await raw.closes()).toBe(true)
  })

  test('MQTT-3.1.3-6 restricted: an empty client id is no id of the user, even with a clean session', async () => {
    expect((await answerTo(mqtt.packetFor('north', { clientId: '' }))).code).toBe(2)
  })

  test('MQTT-3.1.3-9: a client id that is not allowed is return code 2, then the end', async () => {
    const { raw, code } = await answerTo(mqtt.packetFor('north', { clientId: 'south' }))
    expect(code).toBe(2)
    expect(await raw.closes()).toBe(true)
  })

  test('MQTT-3.1.2-4 restricted: a session to be kept is refused with return code 5', async () => {
    expect((await answerTo(mqtt.packetFor('north', { flags: 0xc0 }))).code).toBe(5)
  })

  test('MQTT-3.1.2-6, MQTT-3.1.4-3: nothing of the last session is left', async () => {
    const before = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/NDATA/+', 1])
    before.cut()
    const after = await mqtt.client('yard-desk')
    const north = await mqtt.client('north')
    north.send(publishPacket('spBv1.0/yard/NDATA/north', 'x', { qos: 1 }))
    await north.next()
    expect(await after.staysQuiet()).toBe(true)
  })

  test('MQTT-3.1.4-2: the same client id again ends the connection that was', async () => {
    const before = await mqtt.client('north')
    const after = await mqtt.client('north')
    expect(await before.closes()).toBe(true)
    expect(await after.alive()).toBe(true)
  })
})

describe('CONNACK', () => {
  test('MQTT-3.1.4-4, MQTT-3.2.2-1: return code 0 and no session present', async () => {
    const raw = await mqtt.stranger()
    raw.send(mqtt.packetFor('north'))
    expect(await raw.next()).toEqual({ type: CONNACK, flags: 0, body: Buffer.from([0, 0]) })
  })

  test.each([
    ['wrong password', 4, { password: 'guess' }],
    ['unknown user', 4, { user: 'west' }],
    ['will of another node', 5, { will: { topic: 'spBv1.0/yard/NDEATH/south', payload: 'x' } }],
    ['keep-alive of none', 5, { keepalive_s: 0 }],
    ['keep-alive of an hour', 5, { keepalive_s: 3600 }],
  ])(
    'MQTT-3.2.2-4, MQTT-3.2.2-5: %s is told by return code %i, without session, then the end',
    async (_, code, fields) => {
      const raw = await mqtt.stranger()
      raw.send(mqtt.packetFor('north', fields))
      expect(await raw.next()).toEqual({ type: CONNACK, flags: 0, body: Buffer.from([0, code]) })
      expect(await raw.closes()).toBe(true)
    },
  )

  test('MQTT-3.1.4-5: what follows a refused CONNECT is not processed', async () => {
    const desk = await mqtt.subscriber('yard-desk', ['spBv1.0/yard/NDATA/north', 0])
    const { raw, code } = await answerTo(
      mqtt.packetFor('north', { password: 'guess' }),
      publishPacket('spBv1.0/yard/NDATA/north', 'x'),
    )
    expect(code).toBe(4)
    expect(await raw.closes()).toBe(true)
    expect(await desk.staysQuiet()).toBe(true)
  })
})

describe('wills', () => {
  const will = { topic: ndeath, payload: 'gone', qos: 1 }

  test('MQTT-3.1.2-8: told when the connection ends without DISCONNECT', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndeath, 1])
    const north = await mqtt.client('north', { will })
    north.cut()
    expect(await desk.message()).toMatchObject({ topic: ndeath, payload: 'gone', qos: 1, retain: false })
  })

  test('MQTT-3.1.2-8: told when the broker ends the connection for a violation', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndeath, 1])
    const north = await mqtt.client('north', { will })
    north.send(frame(PINGREQ, 1))
    expect(await desk.message()).toMatchObject({ payload: 'gone' })
  })

  test('MQTT-3.1.2-10: told once', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndeath, 1])
    const north = await mqtt.client('north', { will })
    north.cut()
    await desk.message()
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.14.4-3: not told after DISCONNECT, and the connection ends', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndeath, 1])
    const north = await mqtt.client('north', { will })
    north.send(frame(DISCONNECT, 0))
    expect(await north.closes()).toBe(true)
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('MQTT-3.1.2-16, MQTT-3.1.2-17: kept for newcomers where the will asks for it, and only there', async () => {
    for (const retain of [true, false]) {
      const watching = await mqtt.subscriber('south', [state, 1])
      const desk = await mqtt.client('yard-desk', {
        will: { topic: state, payload: `kept: ${retain}`, qos: 1, retain },
      })
      desk.cut()
      while ((await watching.message()).payload !== `kept: ${retain}`);
      watching.cut()
      const newcomer = await mqtt.subscriber('north', [state, 1])
      expect(await newcomer.message()).toMatchObject({ payload: 'kept: true', retain: true })
      newcomer.cut()
    }
  })

  test('MQTT-3.1.2-24: a client that says nothing for one and a half keep-alives is ended and its will told', async () => {
    const desk = await mqtt.subscriber('yard-desk', [ndeath, 1])
    // The connection stays open, as when a radio link is gone without a word.
    const north = await mqtt.client('north', { will, keepalive_s: 1 })
    const begun = performance.now()
    expect(await desk.message(4_000)).toMatchObject({ payload: 'gone' })
    expect(performance.now() - begun).toBeGreaterThan(1_400)
    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(await north.closes()).toBe(true)
  })

  test('MQTT-3.1.2-24: PINGREQ within the keep-alive keeps the connection', async () => {
    const north = await mqtt.client('north', { keepalive_s: 1 })
    for (let n = 0; n < 4; n++) {
      await new Promise((resolve) => setTimeout(resolve, 700))
      expect(await north.alive()).toBe(true)
    }
  })
})
