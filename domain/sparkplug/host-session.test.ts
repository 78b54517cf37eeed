import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Monotonic, monotonic } from '../time.ts'
import { encodePayload } from './codec.ts'
import { type HostEvent, HostSession, type HostSessionOptions } from './host-session.ts'
import { DataType, type Metric } from './payload.ts'

const T = DataType
const ms = (n: number): Monotonic => monotonic(BigInt(Math.round(n * 1e6)))
const UTC_MS = 1_528_048_800_000

const bdSeqMetric = (bdSeq: number): Metric => ({ name: 'bdSeq', datatype: T.Int64, value: BigInt(bdSeq) })
const heartbeat: Metric = { name: 'heartbeat', timestamp: UTC_MS, datatype: T.Int64, value: 0n }
const stage: Metric = { name: 'stage', timestamp: UTC_MS, datatype: T.Float, value: 0.5 }

/** An edge node as the wire shows it: one counter over all its messages. */
class Edge {
  readonly node: string
  seq = 0
  bdSeq = 0
  constructor(node = 'north') {
    this.node = node
  }
  message(type: string, device: string | undefined, metrics: readonly Metric[], seq: number | undefined) {
    const topic = `spBv1.0/yard/${type}/${this.node}${device === undefined ? '' : `/${device}`}`
    return { topic, payload: encodePayload({ timestamp: UTC_MS, seq, metrics }) }
  }
  next(type: string, device: string | undefined, metrics: readonly Metric[]) {
    this.seq = (this.seq + 1) % 256
    return this.message(type, device, metrics, this.seq)
  }
  birth(metrics: readonly Metric[] = [heartbeat]) {
    this.seq = 0
    return this.message('NBIRTH', undefined, [bdSeqMetric(this.bdSeq), ...metrics], 0)
  }
  deviceBirth(device = 'gauge', metrics: readonly Metric[] = [stage]) {
    return this.next('DBIRTH', device, metrics)
  }
  data(device = 'gauge', metrics: readonly Metric[] = [{ name: 'stage', value: 1.5 }]) {
    return this.next('DDATA', device, metrics)
  }
  death(bdSeq = this.bdSeq) {
    return this.message('NDEATH', undefined, [bdSeqMetric(bdSeq)], undefined)
  }
}

type Sent = { topic: string; payload: Uint8Array }
function host(options: Partial<HostSessionOptions> = {}) {
  const session = new HostSession({ group: 'yard', reorderTimeout_ms: 500, checkSeq: () => true, ...options })
  const take = ({ topic, payload }: Sent, at_ms = 0): HostEvent[] => session.receive(topic, payload, ms(at_ms))
  const kinds = (message: Sent, at_ms = 0) => take(message, at_ms).map((e) => e.kind)
  return { session, take, kinds }
}
/** A host that knows node and gauge. */
function born(options: Partial<HostSessionOptions> = {}) {
  const edge = new Edge()
  const h = host(options)
  h.take(edge.birth())
  h.take(edge.deviceBirth())
  return { edge, ...h }
}

describe('births', () => {
  test('of node and device are told with their metrics and kept for lookups', () => {
    const edge = new Edge()
    const { take, session } = host()
    expect(take(edge.birth())).toMatchObject([
      { kind: 'birth', node: 'north', timestamp: UTC_MS, metrics: [{ name: 'bdSeq', value: 0n }, heartbeat] },
    ])
    expect(take(edge.deviceBirth())).toMatchObject([
      { kind: 'device-birth', node: 'north', device: 'gauge', timestamp: UTC_MS, metrics: [stage] },
    ])
    expect(session.births('north')).toMatchObject({ timestamp: UTC_MS })
    expect([...session.births('north')!.devices.keys()]).toEqual(['gauge'])
    expect(session.births('south')).toBeUndefined()
  })

  test('of the node end all its devices', () => {
    const { edge, take, session } = born()
    take(edge.birth())
    expect(session.births('north')?.devices.size).toBe(0)
    expect(take(edge.data())).toMatchObject([
      { kind: 'refused', why: 'DDATA of north/gauge without a birth of the device' },
      { kind: 'rebirth-wanted', node: 'north' },
    ])
  })

  test('are taken in the order of arrival even when the clock of the edge stepped back', () => {
    const { edge, take } = born()
    const { topic } = edge.birth()
    const payload = encodePayload({ timestamp: UTC_MS - 3_600_000, seq: 0, metrics: [bdSeqMetric(1)] })
    expect(take({ topic, payload })).toMatchObject([{ kind: 'birth', timestamp: UTC_MS - 3_600_000 }])
    expect(take(edge.death(1))).toEqual([{ kind: 'death', node: 'north' }])
  })

  test.each([
    ['no seq', { timestamp: 1, metrics: [bdSeqMetric(0)] }, 'seq: expected 0 to 255, got none'],
    ['seq 256', { timestamp: 1, seq: 256, metrics: [bdSeqMetric(0)] }, 'seq: expected 0 to 255, got 256'],
    ['no bdSeq', { timestamp: 1, seq: 0, metrics: [heartbeat] }, 'bdSeq: expected a whole number, got none'],
    [
      'a textual bdSeq',
      { timestamp: 1, seq: 0, metrics: [{ name: 'bdSeq', datatype: T.String, value: 'x' }] },
      'bdSeq: expected a whole number, got x',
    ],
    ['no timestamp', { seq: 0, metrics: [bdSeqMetric(0)] }, 'timestamp: expected UTC milliseconds, got none'],
    [
      'a nameless metric',
      { timestamp: 1, seq: 0, metrics: [bdSeqMetric(0), { alias: 3n, datatype: T.Float, value: 1 }] },
      'a metric of a birth has no name',
    ],
  ])('with %s is refused with the reason', (_, payload, why) => {
    const { take } = host()
    const topic = 'spBv1.0/yard/NBIRTH/north'
    expect(take({ topic, payload: encodePayload(payload) })).toEqual([{ kind: 'refused', topic, why }])
  })
})

describe('data', () => {
  test('is typed by the birth', () => {
    const { edge, take } = born()
    take(edge.deviceBirth('counter', [{ name: 'net', datatype: T.Int32, value: 0 }]))
    // Int32 -7 travels as an unsigned int_value; only the birth says that it is signed.
    const { topic } = edge.data('counter')
    const payload = encodePayload(
      { timestamp: UTC_MS, seq: edge.seq, metrics: [{ name: 'net', value: -7 }] },
      () => T.Int32,
    )
    expect(take({ topic, payload })).toMatchObject([
      { kind: 'data', node: 'north', device: 'counter', timestamp: UTC_MS, metrics: [{ name: 'net', value: -7 }] },
    ])
  })

  test('tck-id-payloads-alias-data-cmd-requirement: an alias stands for the name of the birth', () => {
    const edge = new Edge()
    const { take } = host()
    take(edge.birth([{ ...heartbeat, alias: 1n }]))
    take(edge.deviceBirth('gauge', [{ ...stage, alias: 2n }]))
    expect(take(edge.data('gauge', [{ alias: 2n, value: 1.5 }]))).toMatchObject([
      { kind: 'data', device: 'gauge', metrics: [{ name: 'stage', alias: 2n, value: 1.5 }] },
    ])
    expect(take(edge.next('NDATA', undefined, [{ alias: 1n, value: 9n }]))).toMatchObject([
      { kind: 'data', metrics: [{ name: 'heartbeat', value: 9n }] },
    ])
  })

  test('with an alias that no birth names is refused and a rebirth wanted', () => {
    const { edge, take } = born()
    expect(take(edge.data('gauge', [{ alias: 99n, value: 1.5 }]))).toMatchObject([
      { kind: 'refused', why: 'metric with alias 99: not in the birth' },
      { kind: 'rebirth-wanted' },
    ])
  })

  test('with a number that the birth does not name is refused: its type would be a guess', () => {
    const { edge, take, kinds } = born()
    expect(take(edge.data('gauge', [{ name: 'flow', value: 1n }]))[0]).toMatchObject({
      kind: 'refused',
      why: 'metric flow: no datatype, neither here nor in the birth',
    })
    expect(kinds(edge.data('gauge', [{ name: 'flow', datatype: T.Int64, value: 1n }]))).toEqual(['data'])
    expect(kinds(edge.data('gauge', [{ name: 'gap', value: 'text' }]))).toEqual(['data'])
    expect(kinds(edge.data('gauge', [{ name: 'flow', value: null }]))).toEqual(['data'])
  })

  test('without a birth of the node is not delivered; a rebirth is wanted', () => {
    const { take } = host()
    expect(take(new Edge().data())).toEqual([
      {
        kind: 'refused',
        topic: 'spBv1.0/yard/DDATA/north/gauge',
        why: 'DDATA of north/gauge without a birth of the node',
      },
      { kind: 'rebirth-wanted', node: 'north', why: 'DDATA of north/gauge without a birth of the node' },
    ])
  })

  test('of a device that died is not delivered', () => {
    const { edge, kinds } = born()
    expect(kinds(edge.next('DDEATH', 'gauge', []))).toEqual(['device-death'])
    expect(kinds(edge.data())).toEqual(['refused', 'rebirth-wanted'])
  })

  test('without seq is refused', () => {
    const { edge, take } = born()
    expect(take(edge.message('DDATA', 'gauge', [{ name: 'stage', value: 1 }], undefined))).toMatchObject([
      { kind: 'refused', why: 'seq: expected 0 to 255, got none' },
    ])
  })

  test('takes the time of its first metric where the payload has none', () => {
    const { edge, take } = born()
    const { topic } = edge.data()
    const metrics = [{ name: 'stage', timestamp: 77, value: 1 }]
    expect(take({ topic, payload: encodePayload({ seq: edge.seq, metrics }) })).toMatchObject([{ timestamp: 77 }])
  })
})

describe('deaths', () => {
  test.each([
    'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-offline',
    'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale',
    'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-offline',
    'tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale',
  ])('%s: nothing that was born of node and devices holds any longer', () => {
    const { edge, take, kinds, session } = born()
    expect(take(edge.death())).toEqual([{ kind: 'death', node: 'north' }])
    expect(session.births('north')).toBeUndefined()
    expect(kinds(edge.data())).toEqual(['refused', 'rebirth-wanted'])
    take(edge.birth())
    expect(session.births('north')?.devices.size, 'its devices are to be born again').toBe(0)
  })

  test.each([
    'tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline',
    'tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale',
  ])('%s: a device is gone, with the time that the edge gives', () => {
    const { edge, take, kinds, session } = born()
    take(edge.deviceBirth('tilt'))
    expect(take(edge.next('DDEATH', 'gauge', []))).toEqual([
      { kind: 'device-death', node: 'north', device: 'gauge', timestamp: UTC_MS },
    ])
    expect([...session.births('north')!.devices.keys()]).toEqual(['tilt'])
    expect(kinds(edge.data('tilt'))).toEqual(['data'])
  })

  test('tck-id-payloads-ndeath-bdseq: a late NDEATH of an earlier session is ignored', () => {
    const { edge, take, kinds } = born()
    edge.bdSeq = 1
    take(edge.birth())
    take(edge.deviceBirth())
    expect(take(edge.death(0))).toEqual([])
    expect(kinds(edge.data())).toEqual(['data'])
  })

  test('of a node that was never born tells nothing', () => {
    expect(host().take(new Edge().death())).toEqual([])
  })

  test('of a device that is not known is out of place', () => {
    const { edge, take, session } = born()
    expect(take(edge.next('DDEATH', 'tilt', []))).toMatchObject([{ kind: 'refused' }])
    expect(session.nextTickAt()).toBeUndefined()
  })

  test('end the wish for a rebirth: the node will be born when it is back', () => {
    const { edge, take, session } = born()
    edge.seq += 3
    take(edge.data())
    take(edge.death())
    expect(session.nextTickAt()).toBeUndefined()
  })
})

test('tck-id-topic-structure-namespace-duplicate-device-id-across-edge-node: devices of one name are two', () => {
  const { edge: north, take, session } = born()
  const south = new Edge('south')
  take(south.birth())
  take(south.deviceBirth('gauge', [{ ...stage, datatype: T.Int32, value: -7 }]))
  expect(take(north.data())).toMatchObject([{ node: 'north', device: 'gauge', metrics: [{ value: 1.5 }] }])
  take(north.next('DDEATH', 'gauge', []))
  expect([...session.births('south')!.devices.keys()]).toEqual(['gauge'])
})

describe('the order of messages', () => {
  test('tck-id-operational-behavior-host-reordering-start: a gap starts the timer, its data is delivered at once', () => {
    const { edge, kinds, session } = born()
    edge.data()
    expect(kinds(edge.data(), 1_000)).toEqual(['data'])
    expect(session.nextTickAt()).toBe(ms(1_500))
    expect(session.tick(ms(1_499))).toEqual([])
  })

  test('tck-id-operational-behavior-host-reordering-rebirth: an expired timer asks for a rebirth, once', () => {
    const { edge, take, session } = born()
    edge.data()
    take(edge.data(), 1_000)
    expect(session.tick(ms(1_500))).toEqual([
      { kind: 'rebirth-wanted', node: 'north', why: '1 of its messages did not arrive in time' },
    ])
    expect(session.tick(ms(1_501))).toEqual([])
    edge.data()
    expect(take(edge.data(), 1_600)).toMatchObject([{ kind: 'data' }])
    expect(session.tick(ms(2_499))).toEqual([])
  })

  test('tck-id-operational-behavior-host-reordering-success: what arrives late in time stops the timer', () => {
    const { edge, kinds, session } = born()
    const late = [edge.data(), edge.data()]
    kinds(edge.data(), 1_000)
    expect(kinds(late[1]!, 1_100)).toEqual(['data'])
    expect(session.nextTickAt()).toBe(ms(1_500))
    expect(kinds(late[0]!, 1_200)).toEqual(['data'])
    expect(session.nextTickAt()).toBeUndefined()
    expect(kinds(edge.data(), 1_300)).toEqual(['data'])
    expect(session.nextTickAt()).toBeUndefined()
  })

  test('tck-id-operational-behavior-host-reordering-param: the time-out can be set', () => {
    const { edge, take, session } = born({ reorderTimeout_ms: 50 })
    edge.data()
    take(edge.data(), 1_000)
    expect(session.nextTickAt()).toBe(ms(1_050))
  })

  test('a second gap does not put off the first', () => {
    const { edge, take, session } = born()
    edge.data()
    take(edge.data(), 1_000)
    edge.data()
    take(edge.data(), 1_400)
    expect(session.nextTickAt()).toBe(ms(1_500))
    expect(session.tick(ms(1_500))).toMatchObject([{ why: '2 of its messages did not arrive in time' }])
  })

  test('tck-id-payloads-sequence-num-incrementing: the count goes from 255 to 0', () => {
    const { edge, kinds, session } = born()
    for (let i = 0; i < 600; i++) expect(kinds(edge.data())).toEqual(['data'])
    expect(session.nextTickAt()).toBeUndefined()
  })

  test('device births and deaths count in it', () => {
    const { edge, take, session } = born()
    edge.deviceBirth('tilt')
    take(edge.data())
    expect(session.nextTickAt()).toBeDefined()
  })

  test('a lost birth of the node shows as a gap', () => {
    const { edge, take, session } = born()
    for (let i = 0; i < 10; i++) take(edge.data())
    edge.birth()
    take(edge.deviceBirth(), 1_000)
    expect(session.tick(ms(1_500))).toMatchObject([{ kind: 'rebirth-wanted' }])
  })

  test('a birth ends the gap', () => {
    const { edge, take, session } = born()
    edge.data()
    take(edge.data(), 1_000)
    take(edge.birth(), 1_100)
    expect(session.nextTickAt()).toBeUndefined()
  })

  test('of a node that is not checked is never asked about', () => {
    const { edge, kinds, take, session } = born({ checkSeq: () => false })
    edge.seq += 100
    expect(kinds(edge.data())).toEqual(['data'])
    expect(kinds(edge.message('DDATA', 'gauge', [{ name: 'stage', value: 1 }], undefined))).toEqual(['data'])
    expect(kinds(edge.data('unknown'))).toEqual(['refused'])
    take(edge.death())
    expect(kinds(edge.data())).toEqual(['refused'])
    expect(session.nextTickAt()).toBeUndefined()
  })
})

describe('asking for a rebirth', () => {
  test('goes on after 1 s, doubling to 30 s, until the birth comes', () => {
    const { take, session } = host()
    const edge = new Edge()
    take(edge.data(), 0)
    const asked: number[] = []
    for (let at = 1; at <= 130_000; at += 1) {
      const next = session.nextTickAt()
      if (next !== undefined && ms(at) >= next) {
        expect(session.tick(ms(at))).toMatchObject([{ kind: 'rebirth-wanted', node: 'north' }])
        asked.push(at / 1_000)
      }
    }
    expect(asked).toEqual([1, 3, 7, 15, 31, 61, 91, 121])
    take(edge.birth(), 130_000)
    expect(session.nextTickAt()).toBeUndefined()
  })

  test('a node that loses messages right after each birth is asked ever more slowly', () => {
    const { take, session } = host()
    const edge = new Edge()
    expect(take(edge.data(), 0)).toHaveLength(2)
    take(edge.birth(), 100)
    expect(take(edge.data(), 200), 'within the second').toMatchObject([{ kind: 'refused' }])
    expect(session.tick(ms(1_000))).toMatchObject([{ kind: 'rebirth-wanted' }])
    take(edge.birth(), 1_100)
    take(edge.data(), 1_200)
    expect(session.nextTickAt()).toBe(ms(3_000))
    take(edge.birth(), 1_300)
    expect(take(edge.data(), 62_000), 'forgotten after a quiet minute').toMatchObject([{}, { kind: 'rebirth-wanted' }])
    expect(session.nextTickAt()).toBe(ms(63_000))
  })

  test('by the room is limited in the same way', () => {
    const { session } = host()
    expect(session.wantRebirth('north', 'start', ms(0))).toEqual([
      { kind: 'rebirth-wanted', node: 'north', why: 'start' },
    ])
    expect(session.wantRebirth('north', 'again', ms(10))).toEqual([])
  })
})

describe('what does not belong here', () => {
  test.each([
    ['another group', 'spBv1.0/field/NDATA/north', 'expected group yard, got field'],
    ['no Sparkplug topic', 'spBv1.0/yard/NOISE/north', 'not a Sparkplug topic of a node or device'],
    ['an old STATE', 'STATE/yard-ingest', 'not a Sparkplug topic of a node or device'],
  ])('%s is refused', (_, topic, why) => {
    expect(host().take({ topic, payload: new Uint8Array() })).toEqual([{ kind: 'refused', topic, why }])
  })

  test('bytes that are no payload are refused with the reason, and the gap they leave is noticed', () => {
    const { edge, take, session } = born()
    const { topic } = edge.data()
    expect(take({ topic, payload: Buffer.from('{"stage":1.5}') })).toMatchObject([{ kind: 'refused', topic }])
    take(edge.data(), 1_000)
    expect(session.tick(ms(1_500))).toMatchObject([{ kind: 'rebirth-wanted' }])
  })

  test('commands of other hosts are passed over', () => {
    expect(host().take({ topic: 'spBv1.0/yard/NCMD/north', payload: new Uint8Array() })).toEqual([])
  })

  test('after the connection was lost everything is unknown', () => {
    const { edge, kinds, session } = born()
    session.connectionLost()
    expect(session.births('north')).toBeUndefined()
    expect(kinds(edge.data())).toEqual(['refused', 'rebirth-wanted'])
  })

  test('more nodes than any site has are refused and take no memory', () => {
    const { take } = host()
    for (let i = 0; i < 4096; i++) take(new Edge(`n${i}`).birth())
    expect(take(new Edge('one-more').data())).toMatchObject([
      { kind: 'refused', why: 'more than 4096 nodes in the group' },
    ])
  })

  test('anything at all never throws', () => {
    const topics = fc.constantFrom('NBIRTH/north', 'NDEATH/north', 'NDATA/north', 'DBIRTH/north/g', 'DDATA/north/g')
    fc.assert(
      fc.property(fc.array(fc.tuple(topics, fc.uint8Array({ maxLength: 40 }))), (messages) => {
        const { session } = host()
        for (const [rest, payload] of messages) session.receive(`spBv1.0/yard/${rest}`, payload, ms(0))
      }),
    )
  })
})

/** What happens to one message of a valid sequence on its way. */
type Fate = { step: 'data' | 'birth' | 'death'; device: 0 | 1; lost: boolean; later: number; wait_ms: number }
const fate: fc.Arbitrary<Fate> = fc.record({
  step: fc.oneof(
    { weight: 12, arbitrary: fc.constant('data' as const) },
    { weight: 1, arbitrary: fc.constant('birth' as const) },
    { weight: 1, arbitrary: fc.constant('death' as const) },
  ),
  device: fc.constantFrom(0, 1),
  lost: fc.boolean().chain((lost) => (lost ? fc.boolean() : fc.constant(false))),
  later: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) }),
  wait_ms: fc.oneof(fc.nat(50), fc.nat(2_000)),
})

/** The messages of an edge node in the order and at the times at which they arrive. */
function arrivals(fates: readonly Fate[]): { sent: Sent; at_ms: number }[] {
  const edge = new Edge()
  const devices = ['gauge', 'tilt']
  const out: { sent: Sent; at_ms: number; order: number }[] = []
  let at_ms = 0
  const send = (sent: Sent, order: number) => out.push({ sent, at_ms, order })
  const births = (order: number) =>
    [edge.birth(), ...devices.map((d) => edge.deviceBirth(d))].map((m) => send(m, order))
  births(0)
  fates.forEach(({ step, device, lost, later, wait_ms }, i) => {
    at_ms += wait_ms
    if (step === 'birth') births(i)
    else if (step === 'death') {
      send(edge.death(), i)
      edge.bdSeq++
      births(i)
    } else {
      const message = edge.data(devices[device])
      if (!lost) send(message, i + later)
    }
  })
  const times = out.map((m) => m.at_ms)
  return out.sort((a, b) => a.order - b.order).map(({ sent }, i) => ({ sent, at_ms: times[i]! }))
}

describe('whatever is lost or reordered', () => {
  test('data delivered belongs to a birth, and a rebirth is wanted from each open gap exactly until a birth', () => {
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 120 }), (fates) => {
        const { session } = host()
        const known = new Set<string>()
        /** The model: seqs that are missing since when, and whether a birth is awaited. */
        let next = 0
        let missing = new Set<number>()
        let open: number | undefined
        let wanted = false
        const follow = (event: HostEvent) => {
          if (event.kind === 'birth') known.clear()
          if (event.kind === 'device-birth') known.add(event.device)
          if (event.kind === 'data') expect(known.has(event.device!)).toBe(true)
          if (event.kind === 'rebirth-wanted') expect(wanted, 'asked only while a birth is wanted').toBe(true)
        }
        for (const { sent, at_ms } of arrivals(fates)) {
          for (let due = session.nextTickAt(); due !== undefined && due <= ms(at_ms); due = session.nextTickAt()) {
            if (open !== undefined && due >= ms(open + 500)) [wanted, open, missing] = [true, undefined, new Set()]
            session.tick(due).map(follow)
          }
          const type = sent.topic.split('/')[2]
          const events = session.receive(sent.topic, sent.payload, ms(at_ms))
          if (type === 'NBIRTH') [next, missing, open, wanted] = [1, new Set(), undefined, false]
          else if (type === 'NDEATH') [missing, open, wanted] = [new Set(), undefined, false]
          else {
            const seq = seqOfBytes(sent.payload)
            if (seq !== next && missing.delete(seq)) {
              if (missing.size === 0) open = undefined
            } else {
              if (!wanted) for (let n = next; n !== seq; n = (n + 1) % 256) missing.add(n)
              next = (seq + 1) % 256
              if (missing.size > 0) open ??= at_ms
            }
          }
          events.map(follow)
          const waits = session.nextTickAt() !== undefined
          expect(waits, 'a timer runs exactly while a gap is open or a birth wanted').toBe(wanted || open !== undefined)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('nothing of a sequence that arrives whole and in order is refused', () => {
    const whole = fate.map((f) => ({ ...f, lost: false, later: 0 }))
    fc.assert(
      fc.property(fc.array(whole, { maxLength: 100 }), (fates) => {
        const { take, session } = host()
        for (const { sent, at_ms } of arrivals(fates))
          expect(take(sent, at_ms).filter((e) => e.kind === 'refused' || e.kind === 'rebirth-wanted')).toEqual([])
        expect(session.nextTickAt()).toBeUndefined()
      }),
    )
  })
})

/** `encodePayload` writes seq last: tag 0x18 and one or two varint bytes. */
function seqOfBytes(bytes: Uint8Array): number {
  const [a, b, c] = bytes.slice(-3)
  return a === 0x18 ? (b! & 0x7f) | (c! << 7) : c!
}

describe('history that is not wanted', () => {
  const HOUR_MS = 3_600_000
  const past = (ago_ms: number): Metric => ({
    name: 'stage',
    timestamp: UTC_MS - ago_ms,
    historical: true,
    value: 1.5,
  })
  const sentNow: Metric = { name: 'offset', timestamp: UTC_MS, historical: true, value: '7' }
  /** Wants what is newer than an hour ago. */
  const asked: number[] = []
  const wanting = () =>
    born({
      history: {
        undated: new Set(['offset']),
        wanted: (_node, _device, newest_ms) => {
          asked.push(newest_ms)
          return newest_ms > UTC_MS - HOUR_MS
        },
      },
    })

  test('is passed over by its newest time, whatever bears the time of sending', () => {
    const { edge, take } = wanting()
    asked.length = 0
    expect(take(edge.data('gauge', [sentNow, past(2 * HOUR_MS), past(HOUR_MS)]))).toEqual([])
    expect(asked).toEqual([UTC_MS - HOUR_MS])
    expect(take(edge.data('gauge', [sentNow, past(2 * HOUR_MS), past(HOUR_MS - 1)]))).toMatchObject([
      { kind: 'data', metrics: [{ value: '7' }, { value: 1.5 }, { value: 1.5 }] },
    ])
  })

  test.each([
    ['one metric of the present', [past(2 * HOUR_MS), { ...past(2 * HOUR_MS), historical: false }]],
    ['a metric without time', [{ ...past(0), timestamp: undefined }]],
    ['no metric', []],
  ])('is read all the same with %s', (_, metrics) => {
    const { edge, kinds } = wanting()
    expect(kinds(edge.data('gauge', metrics))).toEqual(['data'])
  })

  test('counts in the order of messages', () => {
    const { edge, session, kinds } = wanting()
    const old = () => edge.data('gauge', [past(2 * HOUR_MS)])
    kinds(old())
    edge.seq++
    kinds(old(), 10)
    expect(session.tick(ms(600))).toMatchObject([{ kind: 'rebirth-wanted', node: 'north' }])
  })

  test('needs the births, a seq and a payload as any other', () => {
    const { edge, take } = wanting()
    expect(take(edge.data('siren', [past(2 * HOUR_MS)]))).toMatchObject([
      { kind: 'refused', why: 'DDATA of north/siren without a birth of the device' },
      { kind: 'rebirth-wanted' },
    ])
    const { topic, payload } = edge.data('gauge', [past(2 * HOUR_MS)])
    expect(take({ topic, payload: encodePayload({ timestamp: UTC_MS, metrics: [past(2 * HOUR_MS)] }) })).toMatchObject([
      { kind: 'refused', why: 'seq: expected 0 to 255, got none' },
    ])
    expect(take({ topic, payload: payload.subarray(0, payload.length - 1) })).toMatchObject([{ kind: 'refused' }])
  })
})
