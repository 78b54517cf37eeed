/**
 * The link in a message. GET shows what it is about and changes nothing, so that a mail scanner which follows every link
 * acknowledges nothing; POST acknowledges, once, in the name of the contact whom the message went to.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { needsAcknowledgement } from '../alarm-table.ts'
import { Attempts } from '../attempts.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { ANSWER_PATH, type Answerable } from '../telling/answer-links.ts'
import { ANSWER_POLICY, askPage, donePage, type Refusal, refusalPage } from '../telling/answer-page.ts'
import type { Delivery } from '../telling/incident.ts'

const STATUS: Readonly<Record<Refusal, number>> = {
  unknown: 404,
  expired: 410,
  used: 410,
  changed: 409,
  away: 503,
  'too-many': 429,
}

type Params = { Params: { token: string } }

export function answerRoutes(app: FastifyInstance, desk: DeskContext): void {
  const attempts = new Attempts()
  // A plain form of this page; what it holds is not read.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 1024 }, (_, __, done) =>
    done(null, undefined),
  )
  const open = { config: { access: 'open' } } as const

  const find = (token: string, ip: string): Answerable | { refused: 'too-many' } => {
    const at = desk.clock.monotonic()
    if (attempts.wait_s(ip, at) > 0) return { refused: 'too-many' }
    const { teller } = desk.outreach
    const found: Answerable =
      teller === undefined
        ? { refused: 'unknown' }
        : teller.links.find(token, teller.book.deliveries(), desk.clock.now())
    if ('refused' in found && found.refused === 'unknown') attempts.take(ip, at)
    return found
  }

  app.get<Params>(`${ANSWER_PATH}:token`, open, (request, reply) => {
    const found = find(request.params.token, request.ip)
    if ('refused' in found) return refuse(reply, found.refused)
    const { delivery } = found
    return send(reply, 200, askPage(delivery, contactOf(desk, delivery), toAnswer(desk, delivery).length === 0))
  })

  app.post<Params>(`${ANSWER_PATH}:token`, { config: { access: 'open', form: true } }, async (request, reply) => {
    const found = find(request.params.token, request.ip)
    if ('refused' in found) return refuse(reply, found.refused)
    const { delivery } = found
    const by = contactOf(desk, delivery)
    let done = 0
    let changed = false
    for (const { alarm, occurrence } of toAnswer(desk, delivery)) {
      const json = desk.alarms.book.json(alarm)
      // What the message did not tell of is not acknowledged by it.
      if (json === undefined || json.occurrence !== occurrence) {
        changed = true
        continue
      }
      const event = { kind: 'acknowledge', occurrence, etag: json.etag, by: `${by} (link)` } as const
      const result = await desk.alarms.command(alarm, event)
      if ('away' in result) return refuse(reply, 'away')
      if ('alarm' in result) done++
      else changed = true
    }
    if (done === 0 && changed) return refuse(reply, 'changed')
    await desk.outreach.teller?.answered(delivery, `${by} (link)`)
    return send(reply, 200, donePage(done, by))
  })
}

const contactOf = (desk: DeskContext, delivery: Delivery): string =>
  desk.site.file.notices?.contacts.find(({ id }) => id === delivery.contact)?.name ?? delivery.contact

/** Alarms of the message that somebody still has to answer. */
const toAnswer = (desk: DeskContext, { members }: Delivery) => {
  const newest = new Map<string, { alarm: string; occurrence: number }>()
  for (const member of members) {
    const known = newest.get(member.alarm)
    if (known === undefined || member.occurrence > known.occurrence) newest.set(member.alarm, member)
  }
  return [...newest.values()].filter(({ alarm }) => {
    const state = desk.alarms.book.get(alarm)?.state
    return state !== undefined && needsAcknowledgement(state)
  })
}

const refuse = (reply: FastifyReply, refusal: Refusal) => send(reply, STATUS[refusal], refusalPage(refusal))

/** The form sends its origin only where the page may tell where it came from; the token must not travel further. */
const send = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply
    .code(status)
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': ANSWER_POLICY,
      'referrer-policy': 'same-origin',
      'x-robots-tag': 'noindex',
    })
    .type('text/html; charset=utf-8')
    .send(text)
