/** Receivers for the tests of channels: a web service that answers as it is told, and a mail server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export type Heard = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export class HttpSink {
  readonly heard: Heard[] = []
  answer: (response: ServerResponse, heard: Heard) => void = (response) => response.writeHead(200).end('ok')
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        const heard = {
          ...{ method: request.method ?? '', path: request.url ?? '', headers: request.headers },
          body: Buffer.concat(chunks).toString('utf8'),
        }
        this.heard.push(heard)
        this.answer(response, heard)
      })
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }
  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return this
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export type Letter = {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly secure: boolean
}

export class MailSink {
  readonly letters: Letter[] = []
  /** Says that it took a letter; one that says nothing leaves the sender waiting. */
  answer: (letter: Letter, taken: () => void) => void = (_, taken) => taken()
  readonly #server: SMTPServer

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.secure || options.key ? [] : ['STARTTLS'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope
          const letter = {
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('utf8'),
            secure: session.secure,
          }
          this.letters.push(letter)
          this.answer(letter, () => done())
        })
      },
      ...options,
    })
    this.#server.on('error', () => {})
  }
  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }
  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }
  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
