/** An RS-485 adapter that hears itself: the echo is dropped, and only the echo; over TCP and over a real pty pair. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { open, overPty, PlainServer } from './testing-modbus.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

type Echo = (request: Buffer) => Buffer
const EXACT: Echo = (request) => request
type Bytes = { onData(listener: (bytes: Uint8Array) => void): void; write(bytes: Uint8Array): void }

/** Sends each request back before its reply, in one piece with it or byte by byte. */
class EchoingServer extends PlainServer {
  echo: Echo = EXACT
  inBytes = false

  override serveRtu(line: Bytes): void {
    let pending: Buffer[] = []
    const send = (bytes: Uint8Array) => {
      if (this.inBytes) for (const byte of bytes) line.write(Uint8Array.of(byte))
      else line.write(bytes)
    }
    super.serveRtu({
      onData: (listener) =>
        line.onData((bytes) => {
          pending = [this.echo(Buffer.from(bytes))]
          listener(bytes)
          // Nobody answered: the adapter echoes all the same.
          for (const rest of pending.splice(0)) send(rest)
        }),
      write: (reply) => send(Buffer.concat([...pending.splice(0), reply])),
    })
  }
}

async function overSocket(plain: EchoingServer, echo: boolean) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    plain.serveRtu({ onData: (listener) => socket.on('data', listener), write: (bytes) => socket.write(bytes) })
    cleanups.push(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const settings = { timeout_ms: 200, pause_ms: 0, pause_after_connect_ms: 0, close_after_poll: false, devices: [] }
  cleanups.push(() => server.close())
  return { id: 'bus', ...settings, rtu_over_tcp: { host: '127.0.0.1', port, echo } } as unknown as SiteLink
}

async function overLine(plain: EchoingServer, echo: boolean): Promise<SiteLink> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const { link, close } = await overPty(plain, folder)
  cleanups.push(close)
  return { ...link, rtu: { ...link.rtu!, echo } }
}

const hasSocat = ((): boolean => {
  try {
    return execFileSync('sh', ['-c', 'command -v socat']).length > 0
  } catch {
    return false
  }
})()
const KINDS: Array<[string, typeof overLine]> = [
  ['rtu_over_tcp', overSocket],
  ...(hasSocat ? ([['rtu on a pty pair', overLine]] as Array<[string, typeof overLine]>) : []),
]
const reason = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `no failure: ${JSON.stringify(value)}`,
    (error: ModbusError) => error.reason,
  )

describe.each(KINDS)('an adapter that echoes, %s', (_, over) => {
  async function serve(echo = true) {
    const plain = new EchoingServer()
    const link = open(await over(plain, echo))
    cleanups.push(() => link.close())
    const read = async (unit: number, address: number) =>
      Array.from((await link.readRegisters(unit, 'holding', address, 2)).registers)
    return { plain, link, read }
  }

  test.each([false, true])('is read and written as any other, byte by byte: %s', async (inBytes) => {
    const { plain, link, read } = await serve()
    plain.inBytes = inBytes
    for (const address of [0, 10, 20]) expect(await read(2, address)).toEqual([2000 + address, 2001 + address])
    // The reply to a write of one register is the request once more: the echo must not pass for it.
    await link.writeRegisters(2, 7, [4711])
    expect((await read(2, 7))[0]).toBe(4711)
  })

  test('a write that only the adapter heard is a time-out, not a success', async () => {
    const { plain, link } = await serve()
    plain.silent.add(9)
    expect(await reason(link.writeRegisters(9, 7, [1]))).toBe('timeout')
  })

  test('without the setting the echo is taken for no reply', async () => {
    const { read } = await serve(false)
    expect(await reason(read(2, 300))).toBe('bad-reply')
  })

  test.each<[string, Echo]>([
    ['with a bit that fell', (request) => Buffer.from(request.map((byte, i) => (i === 3 ? byte ^ 4 : byte)))],
    ['that is missing', () => Buffer.alloc(0)],
  ])('an echo %s is a bad reply, and the next request is well', async (_, echo) => {
    const { plain, read } = await serve()
    plain.echo = echo
    expect(await reason(read(2, 0))).toBe('bad-reply')
    plain.echo = EXACT
    expect(await read(3, 40)).toEqual([3040, 3041])
  })
})
