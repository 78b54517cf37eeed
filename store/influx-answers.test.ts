/** Servers that are not, or not always, an InfluxDB: their answers, and what becomes of a batch. */
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { instant } from '../domain/time.ts'
import type { InfluxSettings } from './influx.ts'
import { InfluxPlace, outcomes } from './influx-place.fixture.ts'
import { record, stage, T0 } from './records.fixture.ts'

const place = new InfluxPlace()

describe('a server that is not, or not always, an InfluxDB', () => {
  let server: Server
  const serve = async (listener: RequestListener): Promise<InfluxSettings> => {
    server = createServer(listener).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    place.closing.push(() => new Promise((resolve) => server.close(() => resolve())))
    return { site: 'test', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, database: 'x' }
  }
  const one = () => record({ readings: [stage(0, 1, { t_ns: instant(T0 + 5n) })] })

  test('one without a version (VictoriaMetrics) is refused: it would answer every question, and wrongly', async () => {
    const { writer, reader } = await place.open(await serve((_, response) => response.writeHead(204).end()))
    await expect(writer.append([one()])).rejects.toThrow(/does not say that it is an InfluxDB/)
    await expect(reader.latest()).rejects.toThrow(/does not say that it is an InfluxDB/)
  })

  /** Just enough of 1.x: says its version and answers questions with nothing. */
  const influxLike =
    (write: RequestListener): RequestListener =>
    (request, response) => {
      response.setHeader('X-Influxdb-Version', '1.8.10')
      if (request.url === '/ping') return response.writeHead(204).end()
      if (request.url!.startsWith('/write')) return write(request, response)
      response.setHeader('content-type', 'application/json')
      response.end('{"results":[{"statement_id":0},{"statement_id":1}]}')
    }

  test('503 with Retry-After in seconds: left alone for so long, then tried again', async () => {
    let writes = 0
    const settings = await serve(
      influxLike((request, response) => {
        request.resume()
        writes++
        if (writes === 1) response.writeHead(503, { 'Retry-After': '1' }).end('{"error":"overloaded"}')
        else response.writeHead(204).end()
      }),
    )
    const { writer } = await place.open(settings)
    const same = one()
    await expect(writer.append([same])).rejects.toThrow(/answered 503: overloaded/)
    await expect(writer.append([same])).rejects.toThrow(/asked to be left alone/)
    expect(writes).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    expect(await outcomes(writer, same)).toEqual(['stored'])
  })

  test.each([408, 429, 500, 502])('%i is tried again by the caller, nothing is put aside', async (status) => {
    let sick = true
    const settings = await serve(
      influxLike((request, response) => {
        request.resume()
        response.writeHead(sick ? status : 204).end()
      }),
    )
    const { writer } = await place.open(settings)
    const same = one()
    await expect(writer.append([same])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    sick = false
    expect(await outcomes(writer, same)).toEqual(['stored'])
  })

  test('400 for a batch of which nothing is stored (2.x, 3.x): halved until the bad line stands alone', async () => {
    const stored: string[] = []
    const settings = await serve(
      influxLike((request, response) => {
        let body = ''
        request.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        request.on('end', () => {
          const bad = body.split('\n').some((line) => line.includes('value=13,'))
          if (!bad) stored.push(...body.split('\n'))
          response.writeHead(bad ? 400 : 204, { 'content-type': 'application/json' })
          response.end(bad ? '{"code":"invalid","message":"unlucky"}' : undefined)
        })
      }),
    )
    const { writer } = await place.open(settings)
    const records = Array.from({ length: 40 }, (_, i) => record({ readings: [stage(i, i)] }))
    const said = await outcomes(writer, ...records)
    expect(said.filter((one) => one !== 'stored')).toEqual(['InfluxDB refused it: unlucky'])
    expect(said[13]).toBe('InfluxDB refused it: unlucky')
    expect(stored.filter((line) => line.startsWith('reading,'))).toHaveLength(39)
  })

  test('2.x without the buckets: told which to make, and nothing is acknowledged', async () => {
    const settings = await serve((request, response) => {
      response.setHeader('X-Influxdb-Version', 'v2.7.12')
      if (request.url === '/ping') return response.writeHead(204).end()
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"code":"not found","message":"no dbrp mapping found"}')
    })
    const { writer } = await place.open(settings)
    await expect(writer.append([one()])).rejects.toThrow(
      /run: influx bucket create --name x --retention 0; .*--name x\/raw .*--name x-exercise .*--name x-exercise\/raw/,
    )
  })

  test('3.x: databases are made by its own call; token and precision travel with the write', async () => {
    const asked: string[] = []
    const token_file = join(place.folder, 'token')
    await writeFile(token_file, 'apiv3_secret\n')
    const settings = await serve((request, response) => {
      response.setHeader('X-Influxdb-Version', '3.10.1')
      if (request.url === '/ping') return response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      request.on('end', () => {
        if (request.url === '/query') return response.writeHead(200).end('{"results":[{"statement_id":0}]}')
        asked.push(`${request.headers.authorization} ${request.url} ${body.slice(0, 40)}`)
        response.writeHead(request.url!.startsWith('/write') ? 204 : body.includes('exercise') ? 409 : 200).end()
      })
    })
    const { writer } = await place.open({ ...settings, token_file })
    expect(await outcomes(writer, one())).toEqual(['stored'])
    expect(asked).toEqual([
      ...['x', 'x/raw', 'x-exercise', 'x-exercise/raw'].map(
        (name) => `Token apiv3_secret /api/v3/configure/database {"db":"${name}"}`,
      ),
      // The hour's rollups are told to be behind before the point that they do not know is written.
      'Token apiv3_secret /write?db=x&rp=autogen&precision=ns rollup_1h,channel=dead-run/stage,device=',
      'Token apiv3_secret /write?db=x&rp=autogen&precision=ns reading,channel=dead-run/stage,device=de',
    ])
  })

  test('a write is told stored only for 204: another success is not the word of an InfluxDB', async () => {
    const settings = await serve(
      influxLike((request, response) => {
        request.resume()
        response.writeHead(200).end('ok')
      }),
    )
    const { writer } = await place.open(settings)
    await expect(writer.append([one()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
