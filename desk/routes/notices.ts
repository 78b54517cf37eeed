/** Who can be told, who was, and the button that tries a channel. */
import type { FastifyInstance } from 'fastify'
import { NOTICE_ROUTES } from '../../domain/api-schemas/notices.ts'
import { notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { contactsJson, deliveriesOf, deliveryJson } from '../telling/delivery-json.ts'
import { isOpen } from '../telling/incident.ts'

export function noticeRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, NOTICE_ROUTES.notices, ({ query: { alarm, open } }) => {
    const all = deliveriesOf(desk.outreach.teller?.book, alarm)
    return { deliveries: all.filter((delivery) => open !== true || isOpen(delivery)).map(deliveryJson) }
  })

  serve(app, NOTICE_ROUTES.contacts, () => {
    const { notices, time_zone } = desk.site.file
    return notices === undefined ? { contacts: [], teams: [] } : contactsJson(notices, desk.clock.now(), time_zone)
  })

  serve(app, NOTICE_ROUTES.testContact, async ({ params: { id }, body: { channel }, request }) => {
    const { name } = person(request, desk)
    const { teller } = desk.outreach
    if (teller === undefined) throw notFound(`there is no contact ${id}`)
    return teller.test(id, channel, name)
  })
}
