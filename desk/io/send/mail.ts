/**
 * A message by mail: SMTP with TLS as the site file asks for it, one connection for each message. The Message-ID is the
 * delivery's, the same for each try, so that a mail program shows a repeat once.
 */
import { readFile } from 'node:fs/promises'
import { createTransport } from 'nodemailer'
import type { SiteSmtp } from '../../../domain/site-notices.ts'
import { secretOf } from './http.ts'
import { failed, type Outgoing, refused, type Send, type SendResult } from './outgoing.ts'

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number }

export function mailSender(site: string, smtp: SiteSmtp | undefined): Send {
  return async (outgoing, signal) => {
    const to = outgoing.channel.email?.to
    if (smtp === undefined || to === undefined) return refused('there is no mail server any more')
    return sendMail(smtp, mailOf(outgoing, site, smtp.from, to), outgoing.channel.timeout_s * 1000, signal)
  }
}

export type Mail = {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly messageId: string
  readonly headers: Readonly<Record<string, string>>
  readonly priority?: 'high' | 'normal'
}

function mailOf({ delivery, message, priority, language }: Outgoing, site: string, from: string, to: string): Mail {
  return {
    from,
    to,
    subject: message.subject,
    text: message.text,
    messageId: `<${delivery.id.replace(/[^A-Za-z0-9.-]/g, '.')}@${site}.plumbline.invalid>`,
    // RFC 3834: nobody's absence note answers it.
    headers: {
      'auto-submitted': 'auto-generated',
      'content-language': language,
      'x-plumbline-delivery': delivery.id,
      ...(delivery.exercise && { 'x-plumbline-exercise': 'true' }),
    },
    priority: priority === 'critical' || priority === 'high' ? 'high' : 'normal',
  }
}

export async function sendMail(
  smtp: SiteSmtp,
  mail: Mail,
  timeout_ms: number,
  signal: AbortSignal,
): Promise<SendResult> {
  let transport: ReturnType<typeof createTransport>
  try {
    const pass = smtp.password_file === undefined ? undefined : await secretOf(smtp.password_file)
    const ca = smtp.ca_file === undefined ? undefined : await readFile(smtp.ca_file)
    transport = createTransport({
      host: smtp.host,
      port: smtp.port,
      secure: smtp.tls === 'implicit',
      requireTLS: smtp.tls === 'starttls',
      ignoreTLS: smtp.tls === 'none',
      ...(pass !== undefined && { auth: { user: smtp.user!, pass } }),
      ...(ca !== undefined && { tls: { ca } }),
      connectionTimeout: timeout_ms,
      greetingTimeout: timeout_ms,
      socketTimeout: timeout_ms,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  } catch (error) {
    return failed((error as Error).message)
  }
  const end = () => transport.close()
  signal.addEventListener('abort', end, { once: true })
  try {
    const { promise: late, resolve } = Promise.withResolvers<SendResult>()
    signal.addEventListener('abort', () => resolve(failed(`${smtp.host}: no answer in time`)), { once: true })
    const sent = transport
      .sendMail(mail)
      .then((info): SendResult => ({ ok: true, detail: `${smtp.host}: ${String(info.response).slice(0, 200)}` }))
      .catch((error: SmtpError): SendResult => notSent(smtp.host, error))
    return await Promise.race([sent, late])
  } finally {
    signal.removeEventListener('abort', end)
    transport.close()
  }
}

/** RFC 5321, 4.2.1: 4yz passes, 5yz does not; a refused password may be mended, and so may a certificate. */
function notSent(host: string, { message, code, responseCode }: SmtpError): SendResult {
  const detail = `${host}: ${message.replace(/\s+/g, ' ').slice(0, 300)}`
  const permanent = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH'
  return permanent ? refused(detail) : failed(detail)
}
