/** The journal's entries about messages: planned, and what became of them. Pure. */
import type { Instant } from '../../domain/time.ts'
import type { Json, NewEntry } from '../alarm.ts'
import type { Delivery, DeliveryBody } from './incident.ts'
import type { Plan } from './planner.ts'

export const planEntry = ({ members: [first] }: Pick<Plan, 'members'>, body: DeliveryBody, at: Instant): NewEntry =>
  entryOf(first?.alarm ?? null, first?.n ?? null, body, at)

export const deliveryEntry = (
  { members: [first] }: Pick<Delivery, 'members'>,
  body: DeliveryBody,
  at: Instant,
): NewEntry => entryOf(first?.alarm ?? null, first?.occurrence ?? null, body, at)

/** Planned once, whoever plans it again. */
function entryOf(alarm: string | null, occurrence: number | null, body: DeliveryBody, at: Instant): NewEntry {
  const dedupe = body.what === 'planned' ? `delivery|${body.id}` : null
  return {
    ...{ at_ns: String(at), kind: 'delivery', alarm, occurrence, actor: 'desk', body: body as unknown as Json, dedupe },
  }
}
