import { fastify } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import type { ExportSeries } from '../domain/ports.ts'
import { HttpError } from './http-error.ts'
import { eventRoutes } from './routes/events.ts'
import { at } from './testing-site.ts'

const ends: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const bytes = (text: string) => new TextEncoder().encode(text)
const RECORD = { channels: ['ground/acceleration', 'roof/acceleration'], from: at(0), to: at(1) }

/** The routes of a desk with one event of two floors. */
async function routes(exportSeries: ExportSeries | undefined) {
  const app = fastify()
  ends.push(() => app.close())
  app.setErrorHandler((error, _, reply) =>
    error instanceof HttpError
      ? reply.code(error.status).send({ code: error.code })
      : reply.code(500).send(String(error)),
  )
  const events = { get: (id: string) => (id === 'e1' ? { id } : undefined), record: () => RECORD }
  eventRoutes(app, { events, exportSeries, log: undefined } as never)
  await app.ready()
  return (query = '') => app.inject(`/api/v1/events/e1/record${query}`)
}

test('the record of an event is that of its floors one after the other, as the store gives it', async () => {
  const asked: unknown[] = []
  const get = await routes(async function* (wanted) {
    asked.push(wanted)
    yield bytes(`<${wanted.channel}`)
    yield bytes('>')
  })
  const answer = await get()
  expect(answer.body).toBe('<ground/acceleration><roof/acceleration>')
  expect(answer.headers['content-type']).toBe('application/vnd.fdsn.mseed')
  expect(answer.headers['content-disposition']).toBe('attachment; filename="e1.mseed"')
  expect(asked).toMatchObject(
    RECORD.channels.map((channel) => ({ channel, from: at(0), to: at(1), format: 'miniseed' })),
  )
})

test('as CSV it has one header line', async () => {
  const get = await routes(async function* ({ channel }) {
    yield bytes(`channel,value\r\n${channel},1\r\n`)
    yield bytes(`${channel},2\r\n`)
  })
  const answer = await get('?format=csv')
  expect(answer.headers['content-type']).toContain('text/csv')
  expect(answer.body.split('\r\n')).toEqual([
    'channel,value',
    ...['ground/acceleration,1', 'ground/acceleration,2', 'roof/acceleration,1', 'roof/acceleration,2', ''],
  ])
})

test('a desk without a store, and an event that there is not, are said by their codes', async () => {
  const get = await routes(undefined)
  expect(await get()).toMatchObject({ statusCode: 503, body: '{"code":"STORE_UNAVAILABLE"}' })
  expect((await get('?format=gif')).statusCode).toBe(400)
})
