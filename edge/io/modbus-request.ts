/**
 * One request over an open connection and its answer, in time: by modbus-serial, or framed by ourselves for the functions
 * that it cannot do (24 never settles, 43/14 fails on a refused continuation) and for reading registers (3, 4), of which
 * there are thousands a second: it took a quarter of each. When one may be sent is `modbus-link.ts`'s.
 */
import type modbus from 'modbus-serial'
import { type Clock, ModbusError } from '../../domain/ports.ts'
import type { Monotonic } from '../../domain/time.ts'
import type { StrictPort } from './dial.ts'

type Client = InstanceType<typeof modbus.default>
export type Connection = {
  readonly port: StrictPort
  /** Made by the first request that needs it. */
  client: Client | undefined
  readonly clock: Clock
  /** How long connecting took, as long as no request was charged with it. */
  dialled_ms: number
}
export type Ask<T> = (connection: Connection, timeout_ms: number) => Promise<T>
type Answer<R> = { readonly result: R; readonly sent: Monotonic; readonly received: Monotonic }
type Done<R> = (error: Error | null, result: R) => void

/** @param call writes the request; modbus-serial calls back with the answer, or at the time-out */
export const askLibrary =
  <R>(call: (client: Client, done: Done<R>) => void): Ask<Answer<R>> =>
  async (connection, timeout_ms) => {
    const { port, clock } = connection
    const client = await clientOf(connection)
    return new Promise((resolve, reject) => {
      if (port.failure !== undefined) return reject(port.failure)
      port.onFailure = reject
      // Until the whole reply is there: a byte now and then does not prolong it.
      client.setTimeout(timeout_ms)
      const sent = clock.monotonic()
      const done: Done<R> = (error, result) => {
        if (error) reject(failureOf(error, timeout_ms))
        else resolve({ result, sent, received: clock.monotonic() })
      }
      call(client, done)
    })
  }

/** Few nodes write, or read bits: the others need not hold the library in memory. */
async function clientOf(connection: Connection): Promise<Client> {
  if (connection.client !== undefined) return connection.client
  const library = await import('modbus-serial')
  const client = new library.default.default(connection.port)
  client.open()
  connection.client = client
  return client
}

/**
 * @param body unit id and PDU
 * @param take what the reply says: unit id and PDU (and its CRC), judged by the port; an exception is among them
 */
export const askOurselves = <T>(body: Buffer, take: Take<T>): Ask<T> => askBy((port) => port.send(body), take)

/** @param body a telling request (`late-replies.ts`); what else comes meanwhile is passed over */
export const askTelling = (body: Buffer): Ask<void> =>
  askBy(
    (port) => port.tell?.(body),
    () => {},
  )

/** @throws ModbusError where the reply is an exception */
type Take<T> = (reply: Buffer, sent: Monotonic, received: Monotonic) => T

const askBy =
  <T>(send: (port: StrictPort) => void, take: Take<T>): Ask<T> =>
  ({ port, clock }, timeout_ms) =>
    new Promise((resolve, reject) => {
      if (port.failure !== undefined) return reject(port.failure)
      const timer = setTimeout(() => {
        port.answerTo = undefined
        reject(late(timeout_ms))
      }, timeout_ms)
      port.onFailure = (error) => {
        clearTimeout(timer)
        reject(error)
      }
      const sent = clock.monotonic()
      port.answerTo = (reply) => {
        clearTimeout(timer)
        try {
          resolve(take(reply, sent, clock.monotonic()))
        } catch (error) {
          reject(error)
        }
      }
      send(port)
    })

const late = (timeout_ms: number) => new ModbusError('timeout', `no whole answer in ${timeout_ms} ms`)

function failureOf(error: Error, timeout_ms: number): ModbusError {
  const { modbusCode, errno, message } = error as { modbusCode?: number; errno?: string; message: string }
  if (modbusCode !== undefined) return new ModbusError(`exception-${modbusCode}`, message ?? `exception ${modbusCode}`)
  if (errno === 'ETIMEDOUT') return late(timeout_ms)
  if (errno !== undefined) return new ModbusError('closed', message ?? errno)
  return new ModbusError('bad-reply', message)
}
