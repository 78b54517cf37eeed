/** A message through a template to a web service. Secrets are read anew for each try: they may have been renewed. */
import { createHash } from 'node:crypto'
import { type Fields, fillTemplate } from '../../../domain/notice-template.ts'
import type { Clock } from '../../../domain/ports.ts'
import { templatesOf } from '../../../domain/shipped-templates.ts'
import type { SiteNotices } from '../../../domain/site-notices.ts'
import { instantToMs, toIso } from '../../../domain/time.ts'
import { secretOf, sendHttp, signatureOf } from './http.ts'
import { failed, type Outgoing, refused, type Send, uuidOf } from './outgoing.ts'

const PRIORITY_1TO5 = { critical: 5, high: 4, medium: 3, low: 2 } as const

export function webhookSender(site: string, notices: SiteNotices, clock: Clock): Send {
  const templates = templatesOf(notices)
  return async (outgoing, signal) => {
    const { webhook } = outgoing.channel
    const template = webhook && templates.get(webhook.template)
    if (webhook === undefined || template === undefined) return refused('the channel is no webhook any more')
    let secrets: Record<string, string>
    let key: string | undefined
    try {
      secrets = {}
      for (const [name, path] of Object.entries(webhook.secret_files)) secrets[`secret.${name}`] = await secretOf(path)
      key = webhook.sign_file === undefined ? undefined : await secretOf(webhook.sign_file)
    } catch (error) {
      return failed((error as Error).message)
    }
    const values = Object.fromEntries(Object.entries(webhook.values).map(([name, value]) => [`value.${name}`, value]))
    const request = fillTemplate(template, {
      ...fieldsOf(outgoing, site, clock),
      ...values,
      ...secrets,
      url: webhook.url,
    })
    const at_s = Math.floor(instantToMs(clock.now()) / 1000)
    const headers = {
      'user-agent': 'Plumbline',
      'idempotency-key': outgoing.delivery.id,
      ...request.headers,
      ...(key !== undefined && { 'x-plumbline-signature': signatureOf({ key, at_s }, request.body) }),
    }
    return sendHttp({ ...request, headers }, signal, template.accepted, () => instantToMs(clock.now()))
  }
}

function fieldsOf(outgoing: Outgoing, site: string, clock: Clock): Fields {
  const { delivery, message, priority, language, answer_link, link } = outgoing
  return {
    ...message,
    kind: delivery.action,
    priority,
    priority_1to5: PRIORITY_1TO5[priority],
    exercise: delivery.exercise,
    link,
    answer_link,
    site,
    alarms: delivery.members.map(({ alarm, occurrence }) => ({ alarm, occurrence })),
    at: toIso(clock.now()),
    language,
    'delivery.id': delivery.id,
    'delivery.uuid': uuidOf(createHash('sha256').update(delivery.id).digest('hex')),
  }
}
