/** The page behind a link that acknowledges, in both languages; it needs no script, and looking at it changes nothing. */
import { createHash } from 'node:crypto'
import type { Delivery } from './incident.ts'

const STYLE =
  'body{font:18px/1.5 system-ui,"Noto Sans TC","PingFang TC","Microsoft JhengHei",sans-serif;margin:2rem auto;max-width:40rem;padding:0 1rem;color:#1c2430;background:#f6f7f9}' +
  'pre{white-space:pre-wrap;font:inherit;background:#fff;border:1px solid #c8ced6;border-radius:6px;padding:1rem}' +
  'button{font:inherit;font-weight:600;min-height:48px;padding:.6rem 1.4rem;border:0;border-radius:6px;background:#1c4f8c;color:#fff}' +
  '.mark{font-weight:700;color:#7a2ea0}' +
  '@media(prefers-color-scheme:dark){body{color:#e4e8ee;background:#171b21}pre{background:#20262e;border-color:#3a4350}.mark{color:#d9a6f2}}'

/** What the page may do: show itself and send its one form. */
export const ANSWER_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const html = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!)

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${html(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>\n`

export function askPage(
  delivery: Pick<Delivery, 'text' | 'exercise' | 'members'>,
  contact: string,
  done: boolean,
): string {
  const mark = delivery.exercise ? '<p class="mark">EXERCISE / 演習</p>' : ''
  const text = `<pre>${html(delivery.text)}</pre>`
  if (done)
    return page(
      'Plumbline',
      `${mark}<h1>Already acknowledged<br>已有人確認</h1>${text}<p>Nothing is left to do here. 此處已無須處理。</p>`,
    )
  return page(
    'Plumbline: acknowledge',
    `${mark}<h1>Acknowledge?<br>確認收到？</h1>${text}<form method="post"><p>As / 身分：<strong>${html(contact)}</strong></p><p><button type="submit">Acknowledge / 確認收到</button></p></form><p>This says that you have seen it and take care of it. It does not say that anything is over.<br>這表示您已得知並會處理，不代表事件已結束。</p>`,
  )
}

export type Refusal = 'unknown' | 'expired' | 'used' | 'changed' | 'away' | 'too-many'
const REFUSALS: Readonly<Record<Refusal, readonly [en: string, zh: string]>> = {
  unknown: ['This link is not known.', '此連結不明。'],
  expired: ['This link has expired. Open the console.', '此連結已過期，請開啟主控台。'],
  used: ['This link was used before.', '此連結已使用過。'],
  changed: [
    'The alarm has changed since this message: look at the console before acknowledging.',
    '此訊息之後警報已有變化，請先查看主控台再確認。',
  ],
  away: [
    'It cannot be recorded now, so nothing was done. Try again, or use the console.',
    '目前無法記錄，未做任何處理，請再試一次或使用主控台。',
  ],
  'too-many': ['Too many attempts. Wait a moment.', '嘗試次數過多，請稍候。'],
}
export const refusalPage = (refusal: Refusal): string =>
  page('Plumbline', `<h1>${REFUSALS[refusal].map(html).join('<br>')}</h1>`)

export const donePage = (count: number, contact: string): string =>
  page(
    'Plumbline',
    `<h1>Acknowledged<br>已確認</h1><p>${count} alarm${count === 1 ? '' : 's'}, by ${html(contact)}. ${count} 項警報，由 ${html(contact)} 確認。</p>`,
  )
