/** bdSeq of both Sparkplug nodes: one more at every CONNECT, also across restarts, durable before it is used. */
import type { Log } from '../../domain/ports.ts'
import { nextBdSeq } from '../node-session.ts'
import { FixedFile } from './fixed-file.ts'

type Saved = Record<string, number>

export class BdSeqFile {
  readonly #file: FixedFile<Saved>
  readonly #log: Log
  #last: Saved = {}
  #failed = false

  constructor(folder: string, log: Log) {
    this.#file = new FixedFile(folder, 'bdseq.json')
    this.#log = log
  }

  /** A file that cannot be understood starts anew: the worst of it is a late NDEATH taken for the present session's. */
  open(): void {
    const saved = this.#file.read()
    const sound = typeof saved === 'object' && saved !== null && Object.values(saved).every(Number.isSafeInteger)
    this.#last = sound ? saved : {}
    this.#file.write(this.#last)
  }

  next(node: string): number {
    const bdSeq = nextBdSeq(this.#last[node])
    this.#last = { ...this.#last, [node]: bdSeq }
    try {
      this.#file.write(this.#last)
      this.#failed = false
    } catch (error) {
      if (!this.#failed) this.#log.error('bdSeq cannot be saved', { what: (error as Error).message })
      this.#failed = true
    }
    return bdSeq
  }

  close(): void {
    this.#file.close()
  }
}
