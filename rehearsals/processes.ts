/** Services of a site as real processes that can be killed, frozen and stopped; each is ended only by its own process id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const TOP = join(import.meta.dirname, '..')
/** As the launcher `plumbline` starts a command. */
const ENV = {
  NODE_COMPILE_CACHE: join(TOP, 'node_modules', '.cache', 'node'),
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
}
const EDGE_FLAGS = '--max-semi-space-size=4 --heap-growing-percent=30'
const sizeOf = (part: string | undefined, edgeFlags: string): string[] => {
  if (part === 'edge') return ['--no-parallel-scavenge', ...edgeFlags.split(' ').filter((flag) => flag !== '')]
  return part === 'ingest' ? ['--no-parallel-scavenge', '--max-old-space-size=160'] : []
}
const nodeArgs = (args: readonly string[], edgeFlags = EDGE_FLAGS): string[] => [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  ...sizeOf(args[0], edgeFlags),
  join(TOP, 'plumbline.ts'),
  ...args,
]

export type Started = { readonly stderr: string; readonly stdout: string }

export class ServiceProcess {
  readonly #args: readonly string[]
  readonly #env: Record<string, string>
  #child: ChildProcess | undefined
  #stderr = ''
  #stdout = ''

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.#args = args
    this.#env = env
  }

  /** Resolves once the service says that it started; rejects with what it wrote when it ends before that. */
  async start(timeout_ms = 15_000): Promise<void> {
    this.#stderr = ''
    this.#stdout = ''
    const child = spawn(process.execPath, nodeArgs(this.#args, this.#env['PLUMBLINE_EDGE_FLAGS']), {
      cwd: TOP,
      env: { ...ENV, ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout!.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString()
    })
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#args[0]} did not start in ${timeout_ms} ms:\n${this.#stderr}`)),
        timeout_ms,
      )
      child.stderr!.on('data', (chunk: Buffer) => {
        this.#stderr += chunk.toString()
        if (this.#stderr.includes('"message":"started"')) {
          clearTimeout(timer)
          resolve()
        }
      })
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        reject(new Error(`${this.#args[0]} ended with ${code ?? signal} before it started:\n${this.#stderr}`))
      })
    })
  }

  get output(): Started {
    return { stderr: this.#stderr, stdout: this.#stdout }
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** kill -9: nothing is flushed, nothing is said. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Stands still as a machine does that swaps or sleeps; `thaw` lets it go on. */
  freeze(): void {
    if (this.running) this.#child!.kill('SIGSTOP')
  }
  thaw(): void {
    if (this.running) this.#child!.kill('SIGCONT')
  }

  /** SIGTERM; resolves with exit code and the milliseconds it took. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<{ code: number | null; took_ms: number }> {
    const begun = performance.now()
    await this.#end(signal)
    return { code: this.#child?.exitCode ?? null, took_ms: performance.now() - begun }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.running) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }
}

export const PARTS = ['broker', 'ingest', 'desk', 'edge'] as const
export type Part = (typeof PARTS)[number]

/** The broker first, then the others at once: most of a start is the reading of the program. */
export async function startInTurn(services: ReadonlyMap<Part, ServiceProcess>): Promise<void> {
  const { broker, ...others } = Object.fromEntries(services) as Record<Part, ServiceProcess>
  await broker.start()
  await Promise.all(Object.values(others).map((service) => service.start(30_000)))
}

/** Runs a command to its end and gives exit code and output; used for commands that must fail with one clear line. */
export function runCommand(
  args: readonly string[],
  env: Record<string, string> = {},
  timeout_ms = 15_000,
): Promise<{ code: number | null } & Started> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArgs(args), {
      cwd: TOP,
      env: { ...ENV, ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout_ms)
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })
}
