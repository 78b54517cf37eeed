/**
 * The live stream of a desk alone in its process, sending alarms as fast as it is told; row
 * `fan-out` measures this process. With `each`, the naive way: every client's message is made anew.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventStream } from '../desk/io/event-stream.ts'
import type { AlarmJson } from '../domain/alarm.ts'
import { SystemClock } from '../runtime/clock.ts'

const [per_s, each] = [Number(process.argv[2]), process.argv[3] === 'each']
const clock = new SystemClock()
/** As large as an alarm of the demo site. */
const alarm = (n: number): AlarmJson =>
  ({
    id: 'gateway-1:tower-a-roof-shaking',
    ...{
      node: 'gateway-1',
      limit_id: 'tower-a-roof-shaking',
      name: 'Tower A, roof: strong shaking',
      channel: 'tower-a-roof/pga',
    },
    ...{ kind: 'above', parameters: null, state: 'unacknowledged', priority: 'critical', latch: true, occurrence: n },
    ...{
      onset_ns: '1790000000000000000',
      returned_ns: null,
      learned_ns: '1790000000010000000',
      value: 0.81,
      peak: 1.27,
    },
    ...{
      limit: 0.8,
      unit: 'm/s²',
      flag: 1,
      unconfirmed: false,
      exercise: true,
      drill: null,
      late: [],
      late_unlisted: 0,
    },
    ...{
      acknowledged_by: null,
      acknowledged_ns: null,
      comments: [],
      aside: null,
      unknown: null,
      group: null,
      etag: `${n}`,
    },
  }) as AlarmJson
const snapshot = { now_ns: '0', alarms: [], devices: [], nodes: [], readings: [], store_available: true, drill: null }
const stream = new EventStream({
  clock,
  snapshot: () => snapshot,
  tick: () => ({ now_ns: String(clock.now()), store_available: true }),
})
const responses: ServerResponse[] = []
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  if (each) responses.push(response)
  else stream.add(response, () => true)
}).listen(0, '127.0.0.1', () => {
  stream.start()
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
let n = 0
setInterval(() => {
  const data = alarm(++n)
  if (each) for (const to of responses) to.write(`id: ${n}\nevent: alarm\ndata: ${JSON.stringify(data)}\n\n`)
  else stream.send({ event: 'alarm', data })
}, 1000 / per_s)
