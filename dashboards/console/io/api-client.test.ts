import { expect, test } from 'vitest'
import { createApi } from './api-client.ts'

const answering = (status: number, body: string) => {
  const asked: Array<{ url: string; method: string | undefined; body: unknown; type: string | null }> = []
  const api = createApi((url, init) => {
    asked.push({
      url: String(url),
      method: init?.method,
      body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
      type: new Headers(init?.headers).get('content-type'),
    })
    return Promise.resolve(new Response(body, { status }))
  })
  return { api, asked }
}

test('an acknowledgement names occurrence and etag, at the address of the alarm', async () => {
  const { api, asked } = answering(200, '{"id":"gateway-1:run-2"}')
  const answer = await api.acknowledge('gateway-1:run-2', { occurrence: 3, etag: 'e7', comment: 'seen' })
  expect(answer).toEqual({ ok: true, value: { id: 'gateway-1:run-2' } })
  expect(asked).toEqual([
    {
      url: '/api/v1/alarms/gateway-1%3Arun-2/acknowledge',
      method: 'POST',
      body: { occurrence: 3, etag: 'e7', comment: 'seen' },
      type: 'application/json',
    },
  ])
})

test('a refusal is told with its status, code and message', async () => {
  const { api } = answering(409, '{"title":"Stale","status":409,"code":"STALE","detail":"newer"}')
  expect(await api.reset('a:b', 'e1')).toEqual({ ok: false, status: 409, code: 'STALE', message: 'newer' })
})

test('problem details are read as well (RFC 9457)', async () => {
  const { api } = answering(
    403,
    '{"type":"about:blank","title":"Forbidden","detail":"this needs the role engineer","code":"ROLE"}',
  )
  expect(await api.get('/users')).toEqual({
    ok: false,
    status: 403,
    code: 'ROLE',
    message: 'this needs the role engineer',
  })
})

test('a question leaves out what was not asked', async () => {
  const { api, asked } = answering(200, '{}')
  await api.get('/journal', { limit: '50', actor: undefined, kind: 'shelve' })
  expect(asked[0]?.url).toBe('/api/v1/journal?limit=50&kind=shelve')
})

test('an answer that is not JSON is still a refusal with its status', async () => {
  const { api } = answering(502, '<html>bad gateway</html>')
  expect(await api.site()).toMatchObject({ ok: false, status: 502 })
})

test('a page where JSON was due is no answer', async () => {
  const { api } = answering(200, '<html>a portal asks to sign in</html>')
  expect(await api.site()).toMatchObject({ ok: false, status: 0, code: 'NOT_JSON' })
})

test('a desk that is not there is status 0, and nothing throws', async () => {
  const api = createApi(() => Promise.reject(new TypeError('Failed to fetch')))
  expect(await api.session()).toMatchObject({ ok: false, status: 0, code: 'UNREACHABLE' })
})
