/**
 * Tells edge nodes which drill they take part in, again and again until their birth says so. What a node shall do and what
 * it said last stand here; whether a drill goes on without it is `drill-desk.ts`'s.
 */
import type { EdgeDrill } from '../../domain/drill.ts'
import type { Clock } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'

const FIRST_WAIT_MS = 1000
const MOST_WAIT_MS = 8000
type Node = {
  wanted: EdgeDrill | null
  /** Of its newest birth; `undefined` where none is known or it says nothing of drills. */
  said: string | null | undefined
  /**
   * It is to be told whatever it says: its birth names the drill, not where the shadows are, and those may have moved
   * while it or the simulator was away.
   */
  due: boolean
  wait_ms: number
  cancel: (() => void) | undefined
}

export type DrillTellerOptions = {
  readonly clock: Clock
  readonly send: (node: string, drill: EdgeDrill | null) => Promise<void>
}

export class DrillTeller {
  readonly #o: DrillTellerOptions
  readonly #nodes = new Map<string, Node>()

  constructor(options: DrillTellerOptions) {
    this.#o = options
  }

  /** From now on the node shall take part in this drill, or in none. */
  want(node: string, drill: EdgeDrill | null): void {
    const state = this.#of(node)
    if (JSON.stringify(state.wanted) === JSON.stringify(drill)) return
    state.wanted = drill
    state.due = true
    this.#begin(node, state)
  }

  /** What the node's birth says; `undefined` also where the node is away. */
  said(node: string, drill: string | null | undefined): void {
    const state = this.#of(node)
    const came = state.said === undefined && drill !== undefined
    state.said = drill
    if (drill === undefined && state.wanted !== null) state.due = true
    if (!state.due && this.confirmed(node)) return
    if (came || state.cancel === undefined) this.#begin(node, state)
  }

  /** Whether the node has said that it does what is wanted. */
  confirmed(node: string): boolean {
    const { wanted, said } = this.#of(node)
    return said === undefined ? wanted === null : said === (wanted?.id ?? null)
  }

  stop(): void {
    for (const { cancel } of this.#nodes.values()) cancel?.()
    this.#nodes.clear()
  }

  #of(node: string): Node {
    let state = this.#nodes.get(node)
    if (state === undefined) {
      state = { wanted: null, said: undefined, due: false, wait_ms: FIRST_WAIT_MS, cancel: undefined }
      this.#nodes.set(node, state)
    }
    return state
  }

  #begin(node: string, state: Node): void {
    state.cancel?.()
    state.wait_ms = FIRST_WAIT_MS
    this.#tell(node, state)
  }

  #tell(node: string, state: Node): void {
    state.cancel = undefined
    if (!state.due && this.confirmed(node)) return
    const { wanted, said } = state
    // What is sent to a node that is not known to be there may have reached nobody.
    const heard = () => {
      if (said !== undefined && state.wanted === wanted) state.due = false
    }
    this.#o.send(node, wanted).then(heard, () => {})
    const { clock } = this.#o
    state.cancel = clock.at(afterMs(clock, state.wait_ms), () => this.#tell(node, state))
    state.wait_ms = Math.min(state.wait_ms * 2, MOST_WAIT_MS)
  }
}
