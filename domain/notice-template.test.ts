import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fields, fillTemplate, namesNeeded, templateMistakes } from './notice-template.ts'
import { SHIPPED_TEMPLATES } from './shipped-templates.ts'
import type { SiteTemplate } from './site-notices.ts'

const fields: Fields = {
  subject: 'EXERCISE Dead Run "above" 警戒',
  text: 'line 1\nline 2 & <more>',
  short: 'short 50% +1',
  kind: 'alarm',
  priority: 'critical',
  priority_1to5: 5,
  exercise: true,
  site: 'demo',
  alarms: [{ alarm: 'edge-1:high', occurrence: 3 }],
  at: '2026-03-01T00:00:00.000Z',
  language: 'en',
  link: undefined,
  answer_link: undefined,
  'delivery.id': 'd-1',
  'delivery.uuid': '11111111-2222-4333-8444-555555555555',
  url: 'https://push.example/base?a=b',
  'value.topic': 'flood/desk',
  'value.chat_id': '-100123',
  'value.to': '+886 912 345 678',
  'secret.token': '123456:AA-bb_cc',
  'secret.url': 'https://hooks.example/T1/B2/secret?sig=%2Fx',
}
const fill = (id: string) => fillTemplate(SHIPPED_TEMPLATES.get(id)!, fields)
const custom = (more: Partial<SiteTemplate>): SiteTemplate => ({
  id: 'own',
  method: 'POST',
  url: '{{url}}',
  headers: {},
  accepted: [],
  ...more,
})

test('every template that ships is right, and says what it needs', () => {
  for (const template of SHIPPED_TEMPLATES.values()) expect(templateMistakes(template)).toEqual([])
  expect([...namesNeeded(SHIPPED_TEMPLATES.get('telegram')!)].sort()).toEqual(['secret.token', 'value.chat_id'])
  expect([...namesNeeded(SHIPPED_TEMPLATES.get('ntfy')!)].sort()).toEqual(['url', 'value.topic'])
})

describe('requests as the services document them', () => {
  // docs.ntfy.sh/publish/#publish-as-json: POST to the root, topic and message in the body, priority 1 to 5.
  test('ntfy', () => {
    const { url, headers, body } = fill('ntfy')
    expect(url).toBe('https://push.example/base?a=b')
    expect(headers).toEqual({ 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({
      topic: 'flood/desk',
      title: fields['subject'],
      message: fields['text'],
      priority: 5,
    })
  })
  // core.telegram.org/bots/api#making-requests: https://api.telegram.org/bot<token>/METHOD_NAME, the token with its colon.
  test('Telegram', () => {
    const { url, body } = fill('telegram')
    expect(url).toBe('https://api.telegram.org/bot123456:AA-bb_cc/sendMessage')
    expect(JSON.parse(body)).toMatchObject({ chat_id: '-100123', text: fields['text'] })
  })
  // developers.line.biz/en/reference/messaging-api/#send-push-message, and "Retrying an API request" for the retry key.
  test('LINE Messaging API', () => {
    const { url, headers, body } = fill('line')
    expect(url).toBe('https://api.line.me/v2/bot/message/push')
    expect(headers).toMatchObject({
      authorization: 'Bearer 123456:AA-bb_cc',
      'x-line-retry-key': '11111111-2222-4333-8444-555555555555',
    })
    expect(JSON.parse(body)).toEqual({ to: '+886 912 345 678', messages: [{ type: 'text', text: fields['text'] }] })
    expect(SHIPPED_TEMPLATES.get('line')!.accepted, '409: the retry key was accepted before').toEqual([409])
  })
  test('Slack and Teams: the address is the secret, taken as it is', () => {
    expect(fill('slack').url).toBe('https://hooks.example/T1/B2/secret?sig=%2Fx')
    expect(JSON.parse(fill('slack').body).blocks[0].text).toEqual({ type: 'plain_text', text: fields['text'] })
    expect(JSON.parse(fill('teams').body).attachments[0].content.body[1].text).toBe(fields['text'])
  })
  test('an SMS gateway: a form', () => {
    const { headers, body } = fill('sms')
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(body).toBe('to=%2B886+912+345+678&text=short+50%25+%2B1&reference=d-1')
  })
  test('our own JSON: types are kept, what is absent is left out', () => {
    const body = JSON.parse(fill('json').body)
    expect(body).toMatchObject({ exercise: true, alarms: [{ alarm: 'edge-1:high', occurrence: 3 }] })
    expect(body).not.toHaveProperty('link')
  })
})

describe('what is put in cannot get out of its place', () => {
  const nasty = fc.string({ unit: 'binary', maxLength: 60 })
  test('JSON: the text comes back as it went in, whatever it holds', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const { body } = fillTemplate(custom({ json: { a: 'x {{text}} y', b: '{{text}}' } }), { ...fields, text })
        expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify({ a: `x ${text} y`, b: text })))
      }),
    )
  })
  test('form: likewise', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const { body } = fillTemplate(custom({ form: { a: '{{text}}', b: 'z' } }), { ...fields, text: `_${text}` })
        const read = new URLSearchParams(body)
        expect([...read.keys()]).toEqual(['a', 'b'])
        expect(read.get('a')).toBe(`_${text}`.toWellFormed())
      }),
    )
  })
  test('address and header: no further part, no further header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (topic) => {
        const template = custom({
          url: 'https://a.example/{{value.topic}}/x?q={{value.topic}}',
          headers: { h: '{{value.topic}}' },
          text: '',
        })
        const { url, headers } = fillTemplate(template, { ...fields, 'value.topic': topic })
        const parsed = new URL(url)
        expect(parsed.host).toBe('a.example')
        expect(parsed.hash).toBe('')
        expect([...parsed.searchParams.keys()]).toEqual(['q'])
        expect(headers['h']).not.toMatch(/[\r\n]/)
      }),
    )
  })
})

test.each([
  ['not closed', { text: 'a {{text' }, ['text']],
  ['not opened', { text: 'a }} b' }, ['text']],
  ['unknown', { json: { a: [{ b: '{{constructor}}' }] } }, ['json', 'a', 0, 'b']],
  ['code', { text: '{{text.length + 1}}' }, ['text']],
  ['message in a header', { text: '', headers: { x: '{{subject}}' } }, ['headers', 'x']],
  ['a list in a text', { text: 'see {{alarms}}' }, ['text']],
  ['an address in the middle', { text: '', url: 'https://x/{{url}}' }, ['url']],
  ['no body', {}, []],
] as const)('refused: %s', (_, more, path) => {
  expect(templateMistakes(custom(more as Partial<SiteTemplate>)).map((m) => m.path)).toContainEqual(path)
})
