/** CAP messages: the list and what an operator does with it; the feed and the messages themselves as XML. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { NOTICE_ROUTES } from '../../domain/api-schemas/notices.ts'
import { capFeed } from '../cap/cap-feed.ts'
import { noSession, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { mayRead, person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'

export function capRoutes(app: FastifyInstance, desk: DeskContext): void {
  const { site, cap } = desk
  serve(app, NOTICE_ROUTES.cap, () => ({ alerts: cap.list() }))

  serve(app, NOTICE_ROUTES.releaseCap, ({ params: { id }, body, request }) =>
    cap.release({ id, ...body, by: person(request, desk).name }),
  )

  serve(app, NOTICE_ROUTES.withdrawCap, ({ params: { id }, body, request }) =>
    cap.withdraw({ id, ...body, by: person(request, desk).name }),
  )

  serve(app, NOTICE_ROUTES.capFeed, ({ request, reply }) => {
    const settings = site.file.cap
    if (settings === undefined) throw notFound('this site makes no CAP messages: cap: is not in its site file')
    if (settings.scope !== 'Public' && !mayRead(request, desk)) throw noSession()
    const about = {
      ...{ site: site.file.site, name: settings.sender_name ?? site.file.name, sender: settings.sender },
      ...{ public_url: desk.doors.public_url, now: desk.clock.now() },
    }
    return xml(reply, 'application/atom+xml; charset=utf-8', capFeed(cap.book, about))
  })

  serve(app, NOTICE_ROUTES.capXml, ({ params: { id }, request, reply }) => {
    const message = cap.book.get(id)
    if (message === undefined || !maySee(request, message)) throw notFound(`there is no CAP message ${id}`)
    return xml(reply, 'application/cap+xml; charset=utf-8', cap.xml(message))
  })

  /** Outside there are only messages that went out to everybody; that a draft exists is nobody else's business either. */
  const maySee = (request: FastifyRequest, { released, scope }: { released: object | null; scope: string }): boolean =>
    (released !== null && scope === 'Public') || mayRead(request, desk)
}

const xml = (reply: FastifyReply, type: string, text: string): FastifyReply =>
  reply.header('cache-control', 'no-cache').type(type).send(text)
