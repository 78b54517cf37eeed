/**
 * The services of docker-compose.yml as processes of this machine: the very commands, environments, secrets, order and health checks
 * of the file, with host names, folders and ports of containers put in their place here. What an engine adds (images, networks,
 * users, limits) is judged by deploy/compose-lint.ts.
 */
import { join } from 'node:path'
import { composeFile, servicesOf, TOP } from '../deploy/compose.fixture.ts'
import type { ComposeService } from '../deploy/compose-lint.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import { until } from './until.ts'

const OURS = ['broker', 'ingest', 'desk', 'edge', 'sim'] as const
type Ours = (typeof OURS)[number]

export type ComposeRunOptions = {
  /** Settings of the env file. */
  readonly env: Readonly<Record<string, string>>
  /** In place of `/data` and `./secrets`. */
  readonly data: string
  readonly secrets: string
  /** `host:port` in the compose network -> where that is here, for what others run (influxd, Mosquitto). */
  readonly elsewhere: ReadonlyMap<string, string>
}

export class ComposeRun {
  readonly #options: ComposeRunOptions
  readonly #services: Readonly<Record<string, ComposeService>>
  readonly #ports: ReadonlyMap<string, number>
  readonly #running = new Map<string, ServiceProcess>()

  private constructor(options: ComposeRunOptions, ports: ReadonlyMap<string, number>) {
    this.#options = options
    this.#services = servicesOf(options.env)
    this.#ports = ports
  }

  static async of(options: ComposeRunOptions): Promise<ComposeRun> {
    const names = ['PLUMBLINE_MQTT_PORT', 'PLUMBLINE_PORT', 'PLUMBLINE_SIM_PORT_1', 'PLUMBLINE_SIM_PORT_2']
    const ports = new Map<string, number>()
    for (const name of [...names, ...OURS.map(doorVariable)]) ports.set(name, await freePort())
    return new ComposeRun(options, ports)
  }

  get names(): string[] {
    return OURS.filter((name) => this.#services[name] !== undefined)
  }

  port(variable: string): number {
    return this.#ports.get(variable)!
  }

  output(name: Ours): string {
    const { stdout, stderr } = this.#running.get(name)!.output
    return stdout + stderr
  }

  /** Each once what it waits for is healthy by its own health check, as the file says. */
  async start(): Promise<void> {
    const waiting = new Set<string>(this.names)
    while (waiting.size > 0) {
      const next = [...waiting].find((name) => this.#awaited(name).every((other) => !waiting.has(other)))
      if (next === undefined) throw new Error(`depends_on goes round: ${[...waiting].join(', ')}`)
      for (const other of this.#awaited(next)) await this.healthy(other)
      const service = new ServiceProcess(this.commandOf(next), this.environmentOf(next))
      this.#running.set(next, service)
      await service.start(30_000)
      waiting.delete(next)
    }
    for (const name of this.names) await this.healthy(name)
  }

  /** Until the health check of the file ends with 0. */
  async healthy(name: string): Promise<void> {
    const [kind, program, ...args] = this.#services[name]!.healthcheck!.test!
    if (kind !== 'CMD' || program !== './plumbline') throw new Error(`${name}: its health check is not ours`)
    const moved = args.map((arg) => arg.replace(/:\d+\//, `:${this.port(doorVariable(name))}/`))
    let said = ''
    await until(
      `${name} is healthy`,
      async () => {
        const { code, stdout, stderr } = await runCommand(moved)
        said = stdout + stderr
        return code === 0
      },
      60_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${said}\n${this.#running.get(name)?.output.stderr.slice(-2000)}`)
    })
  }

  #awaited(name: string): string[] {
    return Object.keys(this.#services[name]!.depends_on ?? {}).filter((other) => this.names.includes(other))
  }

  commandOf(name: string): string[] {
    return this.#services[name]!.command!.map((word) => this.#here(word))
  }

  environmentOf(name: string): Record<string, string> {
    const given = Object.entries(this.#services[name]!.environment ?? {})
    const moved = [...this.#ports].map(([variable, port]) => [variable, String(port)])
    const filled = given.map(([key, value]) => [key, HOST.test(key) ? '127.0.0.1' : this.#here(String(value))])
    return Object.fromEntries([...filled, ...moved])
  }

  /** Names and places inside containers as they are here. */
  #here(text: string): string {
    if (text === '/etc/plumbline/site.yaml') return join(TOP, this.#options.env['PLUMBLINE_SITE_FILE']!)
    if (text === '/data') return this.#options.data
    const secret = /^\/run\/secrets\/(.+)$/.exec(text)?.[1]
    if (secret !== undefined) return this.#secret(secret)
    const there = /^\w+:\/\/([\w.-]+:\d+)$/.exec(text)?.[1]
    const mapped = there === undefined ? undefined : this.#options.elsewhere.get(there)
    if (mapped !== undefined) return text.replace(there!, mapped)
    return text
  }

  #secret(name: string): string {
    const file = composeFile.secrets?.[name]?.file ?? ''
    return join(this.#options.secrets, file.replace('./secrets/', '').replace(/\$\{[^}]*\}/, 'edge-1'))
  }

  async stop(): Promise<Array<{ name: string; code: number | null; took_ms: number }>> {
    const ended = [...this.#running].reverse()
    return Promise.all(ended.map(async ([name, service]) => ({ name, ...(await service.stop()) })))
  }
}

/** Every service is on this machine: whoever listens and whoever is dialled. */
const HOST = /_HOST$/

const doorVariable = (name: string): string => `PLUMBLINE_${name.toUpperCase()}_METRICS_PORT`
