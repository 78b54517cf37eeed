/** Deliveries by their ids and incidents, with what became of each. Pure. */
import { type Delivery, isOpen, type OutcomeBody } from './incident.ts'

/** Deliveries that are over and still listed; the journal keeps all. */
const LISTED_MAX = 1000

export class DeliveryBook {
  readonly #all = new Map<string, Delivery>()
  readonly #ofIncident = new Map<string, Set<string>>()

  all(): Iterable<Delivery> {
    return this.#all.values()
  }
  get(id: string): Delivery | undefined {
    return this.#all.get(id)
  }
  has(id: string): boolean {
    return this.#all.has(id)
  }
  open(): Delivery[] {
    return [...this.#all.values()].filter(isOpen)
  }
  of(incident: string): Delivery[] {
    return [...(this.#ofIncident.get(incident) ?? [])].flatMap((id) => this.#all.get(id) ?? [])
  }

  put(delivery: Delivery): void {
    this.#all.set(delivery.id, delivery)
    if (delivery.incident === null) return
    const ids = this.#ofIncident.get(delivery.incident) ?? new Set()
    this.#ofIncident.set(delivery.incident, ids.add(delivery.id))
  }

  became(body: OutcomeBody, at_ns: string): void {
    const delivery = this.#all.get(body.id)
    if (delivery === undefined) return
    if (body.what === 'answered') {
      delivery.answered = true
      return
    }
    const { tries, detail } = body
    const state = body.what === 'retrying' ? 'waiting' : body.what
    const changed: Delivery = { ...delivery, tries, detail, at_ns, state }
    if (body.what === 'unknown') {
      changed.repeats++
      const { answer_sha256, answer_until_ns } = body
      this.#all.set(body.id, {
        ...changed,
        ...(answer_sha256 !== undefined && { answer_sha256 }),
        ...(answer_until_ns !== undefined && { answer_until_ns }),
      })
    } else this.#all.set(body.id, changed)
  }

  /** Lets go of the oldest that are over and whose incident is too. */
  forget(stands: (incident: string) => boolean): void {
    let over = 0
    for (const delivery of this.#all.values()) if (!isOpen(delivery)) over++
    for (const [id, delivery] of this.#all) {
      if (over <= LISTED_MAX) break
      if (isOpen(delivery) || (delivery.incident !== null && stands(delivery.incident))) continue
      this.#all.delete(id)
      if (delivery.incident !== null) this.#ofIncident.delete(delivery.incident)
      over--
    }
  }
}
