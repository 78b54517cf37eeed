/** Channels against real receivers: web services that fail, hang, redirect, ask to wait or never end; a mail server. */
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SiteChannel, SiteContact, SiteNotices, SiteSmtp } from '../../../domain/site-notices.ts'
import { SystemClock } from '../../../runtime/clock.ts'
import { mailSender } from './mail.ts'
import type { Outgoing } from './outgoing.ts'
import { makeCertificates } from './testing-certificate.ts'
import { HttpSink, MailSink } from './testing-sinks.ts'
import { webhookSender } from './webhook.ts'

const clock = new SystemClock()
let folder: string
let sink: HttpSink
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'send-'))
  sink = await new HttpSink().start()
})
afterEach(async () => {
  await sink.stop()
  await rm(folder, { recursive: true, force: true })
})

const patient = () => new AbortController().signal
function outgoing(channel: Partial<SiteChannel>, more: Partial<Outgoing> = {}): Outgoing {
  const whole = { id: 'c', timeout_s: 5, give_up_min: 60, ...channel } as SiteChannel
  const contact = { id: 'mei', name: 'Mei', language: 'zh-TW', exercise: false, channels: [whole] } as SiteContact
  const message = { subject: '演習 EXERCISE: Creek', text: 'line 1\nline 2', short: 'short' }
  const delivery = {
    id: 'abc-0.0.0-mei-c',
    action: 'alarm',
    exercise: true,
    members: [{ alarm: 'north:red', occurrence: 2, outbox: 'b' }],
  }
  return {
    channel: whole,
    contact,
    message,
    priority: 'critical',
    language: 'zh-TW',
    answer_link: 'https://x/answer/t',
    link: undefined,
    delivery: delivery as never,
    ...more,
  }
}
const notices = { templates: [] } as unknown as SiteNotices
const webhook = (more: object) => outgoing({ webhook: { template: 'json', values: {}, secret_files: {}, ...more } })
const send = (more: object = {}, signal = patient()) =>
  webhookSender('yard', notices, clock)(webhook('url' in more ? more : { url: sink.url, ...more }), signal)

describe('a webhook', () => {
  test('is signed over time and body, and carries the same key at each try', async () => {
    await writeFile(join(folder, 'key'), 'sesame\n')
    const first = await send({ url: `${sink.url}/hook`, sign_file: join(folder, 'key') })
    await send({ url: `${sink.url}/hook`, sign_file: join(folder, 'key') })
    expect(first).toEqual({ ok: true, detail: `127.0.0.1:${sink.port}: 200` })
    const [one, two] = sink.heard
    expect(one).toMatchObject({ method: 'POST', path: '/hook' })
    expect(one!.headers['idempotency-key']).toBe(two!.headers['idempotency-key'])
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(one!.headers['x-plumbline-signature']))!
    expect(v1).toBe(createHmac('sha256', 'sesame').update(`${t}.${one!.body}`).digest('hex'))
    expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(60)
    expect(JSON.parse(one!.body)).toMatchObject({
      exercise: true,
      kind: 'alarm',
      alarms: [{ alarm: 'north:red', occurrence: 2 }],
    })
  })

  test.each([
    [500, false],
    [503, false],
    [408, false],
    [400, true],
    [401, true],
    [404, true],
  ])('answered with %i: no use to try again? %s', async (status, permanent) => {
    sink.answer = (response) => response.writeHead(status).end()
    expect(await send()).toMatchObject({ ok: false, permanent, detail: `127.0.0.1:${sink.port}: ${status}` })
  })

  test('429 with Retry-After, in seconds or as a date, says when to come again; at most an hour', async () => {
    sink.answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end()
    expect(await send()).toMatchObject({ ok: false, permanent: false, after_ms: 7000 })
    sink.answer = (response) =>
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 120_000).toUTCString() }).end()
    const dated = await send()
    expect('after_ms' in dated && dated.after_ms).toBeGreaterThan(100_000)
    sink.answer = (response) => response.writeHead(503, { 'retry-after': '999999' }).end()
    expect(await send()).toMatchObject({ after_ms: 3_600_000 })
  })

  test('one that hangs is given up at the time-out', async () => {
    sink.answer = () => {}
    const controller = new AbortController()
    const sent = send({}, controller.signal)
    await expect.poll(() => sink.heard.length).toBe(1)
    controller.abort()
    expect(await sent).toEqual({ ok: false, permanent: false, detail: `127.0.0.1:${sink.port}: no answer in time` })
  })

  test('a body without end is not read to its end', async () => {
    let written = 0
    sink.answer = (response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    expect(await send()).toMatchObject({ ok: true })
    expect(written).toBeLessThan(50_000_000)
  })

  test('a redirect to another host is not followed, and the message stays here', async () => {
    const other = await new HttpSink().start()
    sink.answer = (response) => response.writeHead(307, { location: `${other.url}/steal` }).end()
    expect(await send()).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('redirected elsewhere'),
    })
    expect(other.heard).toEqual([])
    await other.stop()
  })

  test('307 and 308 on the same host are, with method and body; 302 would drop the body and is not', async () => {
    sink.answer = (response, { path }) =>
      path === '/b' ? response.writeHead(200).end() : response.writeHead(308, { location: '/b' }).end()
    expect(await send({ url: `${sink.url}/a` })).toMatchObject({ ok: true })
    expect(sink.heard.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /a', 'POST /b'])
    expect(sink.heard[1]!.body).toBe(sink.heard[0]!.body)
    sink.answer = (response) => response.writeHead(302, { location: '/b' }).end()
    expect(await send({ url: `${sink.url}/a` })).toMatchObject({ ok: false, permanent: true })
    sink.answer = (response) => response.writeHead(308, { location: '/a' }).end()
    expect(await send({ url: `${sink.url}/a` }), 'round and round').toMatchObject({ ok: false, permanent: true })
  })

  test('nobody there, a connection cut in the middle, a secret that cannot be read: tried again, and no secret is told', async () => {
    const { url } = sink
    sink.answer = (response) => response.destroy()
    expect(await send()).toMatchObject({ ok: false, permanent: false })
    await sink.stop()
    expect(await send({ url: `${url}/token-in-here` })).toMatchObject({
      permanent: false,
      detail: expect.stringMatching(/^127\.0\.0\.1:\d+: ECONNREFUSED$/),
    })
    sink = await new HttpSink().start()
    expect(await send({ sign_file: join(folder, 'none') })).toMatchObject({
      permanent: false,
      detail: expect.stringContaining('none cannot be read (ENOENT)'),
    })
  })
})

const smtp = (port: number, more: Partial<SiteSmtp> = {}): SiteSmtp => ({
  host: '127.0.0.1',
  port,
  tls: 'none',
  from: 'Plumbline <alarms@example.org>',
  ...more,
})
const mail = (settings: SiteSmtp, signal = patient()) =>
  mailSender('yard', settings)(outgoing({ email: { to: 'mei@example.org' } }), signal)

describe('mail', () => {
  test('arrives with its subject in any language, the same Message-ID at each try, and marks that no absence note answers', async () => {
    const server = await new MailSink().start()
    expect(await mail(smtp(server.port))).toMatchObject({ ok: true })
    await mail(smtp(server.port))
    const [one, two] = server.letters
    expect(one).toMatchObject({ from: 'alarms@example.org', to: ['mei@example.org'] })
    const header = (text: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(text)?.[1]?.trim()
    expect(header(one!.text, 'message-id')).toBe('<abc-0.0.0-mei-c@yard.plumbline.invalid>')
    expect(header(two!.text, 'message-id')).toBe(header(one!.text, 'message-id'))
    expect(header(one!.text, 'auto-submitted')).toBe('auto-generated')
    expect(header(one!.text, 'x-plumbline-exercise')).toBe('true')
    expect(one!.text).toMatch(/^Subject: =\?UTF-8\?/m)
    await server.stop()
  })

  test('STARTTLS is demanded, the server judged by the certificate named, and signed in to', async () => {
    const { key, cert } = await makeCertificates(folder)
    const server = await new MailSink({
      key,
      cert,
      authOptional: false,
      onAuth: ({ username, password }, _, done) =>
        username === 'desk' && password === 'pass word' ? done(null, { user: username }) : done(new Error('no')),
    }).start()
    await writeFile(join(folder, 'pass'), 'pass word\n')
    const settings = smtp(server.port, {
      host: 'localhost',
      tls: 'starttls',
      ca_file: join(folder, 'cert.pem'),
      user: 'desk',
      password_file: join(folder, 'pass'),
    })
    expect(await mail(settings)).toMatchObject({ ok: true })
    expect(server.letters).toMatchObject([{ secure: true }])
    expect(await mail({ ...settings, ca_file: undefined }), 'a certificate that nobody vouches for').toMatchObject({
      ok: false,
      permanent: false,
    })
    await writeFile(join(folder, 'pass'), 'wrong')
    expect(await mail(settings), 'a password may be mended').toMatchObject({ ok: false, permanent: false })
    await server.stop()
    const plain = await new MailSink().start()
    expect(await mail(smtp(plain.port, { tls: 'starttls' })), 'a server without TLS gets nothing').toMatchObject({
      ok: false,
    })
    expect(plain.letters).toEqual([])
    await plain.stop()
  })

  test('an address that is refused for good is not tried again; a server that is busy is', async () => {
    let code = 550
    const server = await new MailSink({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('no'), { responseCode: code })),
    }).start()
    expect(await mail(smtp(server.port))).toMatchObject({ ok: false, permanent: true })
    code = 450
    expect(await mail(smtp(server.port))).toMatchObject({ ok: false, permanent: false })
    await server.stop()
  })

  test('nobody there, and one that hangs', async () => {
    const server = await new MailSink({ onConnect: () => {} }).start()
    const controller = new AbortController()
    const sent = mail(smtp(server.port), controller.signal)
    setTimeout(() => controller.abort(), 100)
    expect(await sent).toEqual({ ok: false, permanent: false, detail: '127.0.0.1: no answer in time' })
    const { port } = server
    await server.stop()
    expect(await mail(smtp(port))).toMatchObject({
      ok: false,
      permanent: false,
      detail: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
