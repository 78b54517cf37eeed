/**
 * Certificate and key of a TLS listener of ours, read from their files and again when these change, so that a renewed
 * certificate needs no restart. A file that cannot be used is refused at the start and left aside later.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, Log } from '../domain/ports.ts'
import { instantToMs } from '../domain/time.ts'
import { readFileIfThere } from './atomic-file.ts'
import { afterMs } from './clock.ts'

export type TlsPaths = { readonly cert: string; readonly key: string; readonly clientCa?: string }

const LOOK_EVERY_MS = 30_000
const SOON_MS = 30 * 86_400_000
/** TLS 1.2 with forward secrecy is what field devices of ten years speak; older versions are broken (RFC 8996). */
const VERSION_MIN = 'TLSv1.2'

export class TlsFiles {
  readonly #paths: TlsPaths
  readonly #clock: Clock
  readonly #log: Log
  #stamp = ''
  #until: Date | undefined
  /** Whether people were told of the certificate that it ends soon, or that it has ended. */
  #told: 'soon' | 'ended' | undefined
  #cancel: () => void = () => {}

  constructor(paths: TlsPaths, clock: Clock, log: Log) {
    this.#paths = paths
    this.#clock = clock
    this.#log = log
  }

  /** When the certificate ends that clients are shown. */
  get until(): Date | undefined {
    return this.#until
  }

  /** @throws PlumblineError TLS_INVALID */
  async load(): Promise<SecureContextOptions> {
    const { cert, key, clientCa } = this.#paths
    this.#stamp = await this.#stampNow()
    const [certificate, secret, ca] = await Promise.all([read(cert), read(key), clientCa && read(clientCa)])
    const options: SecureContextOptions = { cert: certificate, key: secret, minVersion: VERSION_MIN, ...(ca && { ca }) }
    const until = this.#judge(certificate, secret)
    try {
      createSecureContext(options)
    } catch (error) {
      throw new PlumblineError('TLS_INVALID', `${clientCa ?? cert}: ${(error as Error).message}`, { cause: error })
    }
    this.#until = until
    this.#told = undefined
    this.#tellOfEnd()
    return options
  }

  /** Calls `renew` whenever the files hold another certificate that can be used. */
  watch(renew: (options: SecureContextOptions) => void): void {
    this.#cancel = this.#clock.at(afterMs(this.#clock, LOOK_EVERY_MS), () => {
      const release = this.#clock.hold()
      void this.#look(renew).finally(() => {
        this.watch(renew)
        release()
      })
    })
  }

  stop(): void {
    this.#cancel()
    this.watch = () => {}
  }

  async #look(renew: (options: SecureContextOptions) => void): Promise<void> {
    this.#tellOfEnd()
    if ((await this.#stampNow()) === this.#stamp) return
    try {
      renew(await this.load())
      this.#log.info('certificate renewed', { file: this.#paths.cert })
    } catch (error) {
      this.#log.error('certificate cannot be used; the old one stays', { what: (error as Error).message })
    }
  }

  async #stampNow(): Promise<string> {
    const { cert, key, clientCa } = this.#paths
    const files = [cert, key, ...(clientCa === undefined ? [] : [clientCa])]
    const stamps = await Promise.all(
      files.map((path) =>
        stat(path).then(
          (s) => `${s.mtimeMs} ${s.ino}`,
          () => 'none',
        ),
      ),
    )
    return stamps.join(' ')
  }

  /** When it ends. */
  #judge(certificate: Buffer, secret: Buffer): Date {
    const { cert, key } = this.#paths
    const read = attempt(cert, 'a certificate (PEM)', () => new X509Certificate(certificate))
    const own = attempt(key, 'a private key (PEM) without passphrase', () => createPrivateKey(secret))
    if (!read.checkPrivateKey(own))
      throw new PlumblineError('TLS_INVALID', `${key}: expected the key of ${cert}, got another one`)
    return new Date(read.validTo)
  }

  /** Once of each: a broker runs for longer than its certificate stands. */
  #tellOfEnd(): void {
    if (this.#until === undefined) return
    const left_ms = this.#until.getTime() - instantToMs(this.#clock.now())
    const now = left_ms < 0 ? 'ended' : left_ms < SOON_MS ? 'soon' : undefined
    if (now === this.#told) return
    this.#told = now
    const ends = { file: this.#paths.cert, until: this.#until.toISOString() }
    if (now === 'ended') this.#log.error('the certificate has ended: clients refuse it', ends)
    else if (now === 'soon') this.#log.warn('the certificate ends soon', ends)
  }
}

function attempt<T>(path: string, expected: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new PlumblineError('TLS_INVALID', `${path}: expected ${expected}, got ${(error as Error).message}`)
  }
}

async function read(path: string): Promise<Buffer> {
  const bytes = await readFileIfThere(path)
  if (bytes !== undefined) return bytes
  throw new PlumblineError(
    'TLS_INVALID',
    `${path}: expected a file (PEM), got nothing; ./plumbline tls init or tls desk makes it`,
  )
}
