/** Both ends of a Modbus line: an edge that hears what no device should say, a device that is asked what nobody should ask. */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { ModbusError, type ModbusLink } from '../../domain/ports.ts'
import { openModbus } from '../../edge/io/modbus-link.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { freePort } from '../../runtime/free-port.fixture.ts'
import { silentLog } from '../../runtime/log.ts'
import { removeFolder, startLine, temporaryFolder } from '../line.ts'
import { below, oneOf, type Random } from '../seeded.ts'
import { bothDevices, siteOf } from '../site.ts'
import { mutated } from './mutate.ts'
import type { Target } from './target.ts'

const TIMEOUT_MS = 40
const HEALTHY_WITHIN_MS = 5000
const REGISTERS = 4
const WORD = 0x1234

/** Any wrong reply is a coded failure; a reply that passes must hold the right words, however it came. */
export const modbusReplies: Target = {
  id: 'modbus-replies',
  what: 'a spoilt reply is a failure with a reason, never a wrong value, and the next request is well',
  open: async () => {
    let spoil: ((reply: Buffer) => Buffer) | undefined
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      socket.on('data', (request) => {
        for (let at = 0; at + 12 <= request.length; at += 12) {
          const reply = rightReply(request.subarray(at, at + 12))
          socket.write(spoil?.(reply) ?? reply)
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const clock = new SystemClock()
    const link: ModbusLink = openModbus(
      clock,
      silentLog,
    )({
      id: 'line',
      tcp: { host: '127.0.0.1', port },
      timeout_ms: TIMEOUT_MS,
      pause_after_connect_ms: 0,
      pause_ms: 0,
      close_after_poll: false,
      devices: [],
    })
    const ask = () => link.readRegisters(1, 'holding', 0, REGISTERS)
    return {
      attack: async (random) => {
        spoil = (reply) => mutated([reply], random)
        try {
          const { registers } = await ask()
          if (registers.length !== REGISTERS) throw new Error(`${registers.length} registers for ${REGISTERS}`)
          // Modbus TCP has no checksum: words that fell on the wire, in a reply that is right in form, cannot be told.
          return registers.every((word) => word === WORD) ? 'right' : 'other words'
        } catch (error) {
          if (error instanceof ModbusError) return error.reason
          throw error
        } finally {
          spoil = undefined
        }
      },
      healthy: async () => {
        // A busy machine may answer later than the link waits, several times over.
        for (const until = performance.now() + HEALTHY_WITHIN_MS; performance.now() < until; ) {
          const { registers } = await ask().catch(() => ({ registers: new Uint16Array() }))
          if (registers.length === REGISTERS && registers.every((word) => word === WORD)) return
        }
        throw new Error('a right reply is no longer understood')
      },
      close: async () => {
        await link.close()
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    }
  },
}

function rightReply(request: Buffer): Buffer {
  const reply = Buffer.alloc(9 + 2 * REGISTERS)
  request.copy(reply, 0, 0, 4)
  reply.writeUInt16BE(3 + 2 * REGISTERS, 4)
  request.copy(reply, 6, 6, 8)
  reply[8] = 2 * REGISTERS
  for (let i = 0; i < REGISTERS; i++) reply.writeUInt16BE(WORD, 9 + 2 * i)
  return reply
}

const ANSWER_MS = 15

export const modbusRequests: Target = {
  id: 'modbus-requests',
  what: 'a simulated device answers, refuses or hangs up, and goes on answering',
  open: async () => {
    const data = await temporaryFolder()
    const port = await freePort()
    const ports = { accelerometer: port, gauge: await freePort(), mqtt: await freePort(), desk: await freePort() }
    const line = await startLine(await siteOf(bothDevices(ports)), data, ['sim'])
    return {
      attack: async (random) => {
        const bytes = mutated([request(random), request(random)], random)
        const answer = await exchange(port, bytes, ANSWER_MS)
        if (answer === 'closed') return 'hung up'
        if (answer.length === 0) return 'waits for more'
        return (answer[7]! & 0x80) !== 0 ? 'exception' : 'answered'
      },
      healthy: async () => {
        const answer = await exchange(port, Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2]), 2000)
        if (answer === 'closed' || answer.length < 13) throw new Error('a right request is no longer answered')
      },
      close: async () => {
        await line.stop()
        await removeFolder(data)
      },
    }
  },
}

/** A request in right form: any function, any address. */
function request(random: Random): Buffer {
  const pdu = Buffer.from([
    oneOf(random, [1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 24, 43]),
    ...Array.from({ length: 4 + below(random, 8) }, () => (random() < 0.5 ? 0 : below(random, 256))),
  ])
  const frame = Buffer.alloc(7 + pdu.length)
  frame.writeUInt16BE(below(random, 65_536), 0)
  frame.writeUInt16BE(pdu.length + 1, 4)
  frame[6] = 1
  pdu.copy(frame, 7)
  return frame
}

/** What comes back at first, or that the other side hung up; nothing where it says nothing for so long. */
function exchange(port: number, bytes: Uint8Array, wait_ms: number): Promise<Buffer | 'closed'> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const done = (answer: Buffer | 'closed') => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    let timer = setTimeout(() => reject(new Error('does not let anybody in')), 5000)
    socket.on('connect', () => {
      clearTimeout(timer)
      timer = setTimeout(() => done(Buffer.alloc(0)), wait_ms)
      socket.write(bytes)
    })
    socket.on('data', done)
    socket.on('close', () => done('closed'))
    socket.on('error', () => done('closed'))
  })
}
