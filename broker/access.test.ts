import { describe, expect, test } from 'vitest'
import { identitiesOf, mayPublish, mayRetain, maySubscribe, mayWill, observerOf } from './access.ts'

const [edge, , ingest, desk] = identitiesOf('yard', ['north', 'south'])

describe('identities of a site', () => {
  test('are its edge nodes and its two hosts, each with its client ids', () => {
    expect(identitiesOf('yard', ['north']).map(({ user, clientIds }) => [user, clientIds])).toEqual([
      ['north', ['north', 'north-blocks']],
      ['yard-ingest', ['yard-ingest']],
      ['yard-desk', ['yard-desk', 'yard-desk-mirror']],
    ])
  })
})

describe('publishing', () => {
  test.each([
    'spBv1.0/yard/NBIRTH/north',
    'spBv1.0/yard/NDEATH/north',
    'spBv1.0/yard/NDATA/north',
    'spBv1.0/yard/DBIRTH/north/gauge',
    'spBv1.0/yard/DDEATH/north/gauge',
    'spBv1.0/yard/DDATA/north/drill.d1.gauge',
    'spBv1.0/yard/NBIRTH/north-blocks',
    'spBv1.0/yard/DDATA/north-blocks/acc',
  ])('an edge node may %s', (topic) => {
    expect(mayPublish(edge!, topic)).toBe(true)
    expect(mayPublish(ingest!, topic), 'a host never speaks for a node').toBe(false)
    expect(mayRetain(edge!, topic), 'nothing of it is retained').toBe(false)
  })

  test.each([
    ['for another node', 'spBv1.0/yard/NDATA/south'],
    ["for another node's blocks", 'spBv1.0/yard/DDATA/south-blocks/acc'],
    ['for a node whose name only begins alike', 'spBv1.0/yard/NDATA/north2'],
    ['in another group', 'spBv1.0/field/NDATA/north'],
    ['commands', 'spBv1.0/yard/NCMD/north'],
    ['device commands', 'spBv1.0/yard/DCMD/north/gauge'],
    ['STATE of a host', 'spBv1.0/STATE/yard-ingest'],
    ['STATE of its own name', 'spBv1.0/STATE/north'],
    ['a device message without device', 'spBv1.0/yard/DDATA/north'],
    ['a node message with a device', 'spBv1.0/yard/NDATA/north/gauge'],
    ['a deeper topic', 'spBv1.0/yard/DDATA/north/gauge/stage'],
    ['another namespace', 'spAv1.0/yard/NDATA/north'],
    ['$SYS', '$SYS/broker/heartbeat'],
    ['anything else', 'stage'],
    ['nothing', ''],
  ])('an edge node may not publish %s', (_, topic) => {
    expect(mayPublish(edge!, topic)).toBe(false)
  })

  test.each(['spBv1.0/yard/NCMD/north', 'spBv1.0/yard/NCMD/south-blocks', 'spBv1.0/yard/DCMD/south/gauge'])(
    'a host may command by %s',
    (topic) => {
      expect(mayPublish(ingest!, topic)).toBe(true)
      expect(mayPublish(desk!, topic)).toBe(true)
      expect(mayRetain(desk!, topic)).toBe(false)
    },
  )

  test('a host publishes and retains its own STATE, never that of the other', () => {
    expect(mayPublish(ingest!, 'spBv1.0/STATE/yard-ingest')).toBe(true)
    expect(mayRetain(ingest!, 'spBv1.0/STATE/yard-ingest')).toBe(true)
    expect(mayPublish(ingest!, 'spBv1.0/STATE/yard-desk')).toBe(false)
    expect(mayRetain(ingest!, 'spBv1.0/STATE/yard-desk')).toBe(false)
    expect(mayPublish(ingest!, 'STATE/yard-ingest')).toBe(false)
  })

  test('the mirror is told and retained by the desk alone, and read by hosts and observers', () => {
    const observer = observerOf('yard', 'wallboard')
    const everybody = [desk!, ingest!, observer, edge!]
    for (const topic of ['reading/creek/stage', 'alarm/north:creek-red', 'mirror'].map((t) => `plumbline/yard/${t}`)) {
      expect(everybody.map((one) => mayPublish(one, topic))).toEqual([true, false, false, false])
      expect(everybody.map((one) => mayRetain(one, topic))).toEqual([true, false, false, false])
      expect(everybody.map((one) => maySubscribe(one, topic))).toEqual([true, true, true, false])
    }
    expect(everybody.map((one) => maySubscribe(one, 'plumbline/yard/#'))).toEqual([true, true, true, false])
    for (const topic of ['plumbline/field/reading/a/b', 'plumbline/yard/ingest/health', 'plumbline/yard/else'])
      expect(mayPublish(desk!, topic), topic).toBe(false)
  })

  test('the will of the mirror is its own state, and only under its own client id', () => {
    const will = { topic: 'plumbline/yard/mirror', retain: true }
    expect(mayWill(desk!, 'yard-desk-mirror', will)).toBe(true)
    expect(mayWill(desk!, 'yard-desk', will)).toBe(false)
    expect(mayWill(ingest!, 'yard-desk-mirror', will)).toBe(false)
    expect(mayWill(desk!, 'yard-desk-mirror', { topic: 'spBv1.0/STATE/yard-desk', retain: true })).toBe(false)
  })

  test('ingest tells and retains how it stands; hosts and observers hear it, edge nodes do not', () => {
    const topic = 'plumbline/yard/ingest/health'
    expect([ingest, desk, edge].map((one) => mayPublish(one!, topic))).toEqual([true, false, false])
    expect([ingest, desk, edge].map((one) => mayRetain(one!, topic))).toEqual([true, false, false])
    const observer = observerOf('yard', 'wallboard')
    expect([ingest, desk, observer, edge].map((one) => maySubscribe(one!, topic))).toEqual([true, true, true, false])
    expect(mayPublish(observer, topic)).toBe(false)
    for (const filter of ['plumbline/#', 'plumbline/+/ingest/health', 'plumbline/field/ingest/health', 'plumbline'])
      expect(maySubscribe(desk!, filter), filter).toBe(false)
    expect(mayPublish(ingest!, 'plumbline/field/ingest/health')).toBe(false)
  })

  test('a host commands no other group', () => {
    expect(mayPublish(desk!, 'spBv1.0/field/NCMD/north')).toBe(false)
  })
})

describe('subscribing', () => {
  test.each([
    'spBv1.0/yard/NCMD/north',
    'spBv1.0/yard/NCMD/north-blocks',
    'spBv1.0/yard/DCMD/north/#',
    'spBv1.0/yard/DCMD/north/+',
    'spBv1.0/yard/DCMD/north-blocks/acc',
    'spBv1.0/STATE/yard-ingest',
    'spBv1.0/STATE/yard-desk',
    'spBv1.0/STATE/+',
  ])('an edge node may to %s', (filter) => {
    expect(maySubscribe(edge!, filter)).toBe(true)
  })

  test.each([
    'spBv1.0/yard/NCMD/south',
    'spBv1.0/yard/NCMD/+',
    'spBv1.0/yard/NCMD/#',
    'spBv1.0/yard/NCMD/north/#',
    'spBv1.0/yard/DCMD/+/gauge',
    'spBv1.0/yard/DCMD/south/#',
    'spBv1.0/yard/DCMD/north',
    'spBv1.0/yard/DCMD/north/+/more',
    'spBv1.0/yard/DCMD/north/',
    'spBv1.0/yard/NDATA/north',
    'spBv1.0/yard/+/north',
    'spBv1.0/yard/#',
    'spBv1.0/STATE/#',
    'spBv1.0/STATE/field-ingest',
    'spBv1.0/STATE',
    'spBv1.0/#',
    '#',
    '+/yard/NCMD/north',
    '$SYS/#',
    '$share/g/spBv1.0/yard/NCMD/north',
  ])('an edge node may not to %s', (filter) => {
    expect(maySubscribe(edge!, filter)).toBe(false)
  })

  test.each([
    'spBv1.0/yard/#',
    'spBv1.0/yard/+/north',
    'spBv1.0/yard/DDATA/+/+',
    'spBv1.0/yard/NBIRTH/north-blocks',
    'spBv1.0/STATE/yard-ingest',
    'spBv1.0/STATE/yard-desk',
    'spBv1.0/STATE/+',
  ])('a host may to %s', (filter) => {
    expect(maySubscribe(desk!, filter)).toBe(true)
  })

  test.each([
    'spBv1.0/field/#',
    'spBv1.0/+/NDATA/north',
    'spBv1.0/yar+/#',
    'spBv1.0/#',
    'spBv1.0/yard',
    'spBv1.0/STATE/#',
    'spBv1.0/STATE/field-desk',
    '#',
    '+/yard/#',
    '$SYS/broker/#',
    '$share/g/spBv1.0/yard/#',
    '',
  ])('a host may not to %s', (filter) => {
    expect(maySubscribe(desk!, filter)).toBe(false)
  })
})

describe('wills', () => {
  const ndeath = (node: string, retain = false) => ({ topic: `spBv1.0/yard/NDEATH/${node}`, retain })

  test('of an edge node are the NDEATH of the Sparkplug node that connects', () => {
    expect(mayWill(edge!, 'north', ndeath('north'))).toBe(true)
    expect(mayWill(edge!, 'north-blocks', ndeath('north-blocks'))).toBe(true)
    expect(mayWill(edge!, 'north', ndeath('north-blocks')), 'of its other half').toBe(false)
    expect(mayWill(edge!, 'north', ndeath('south'))).toBe(false)
    expect(mayWill(edge!, 'south', ndeath('south'))).toBe(false)
    expect(mayWill(edge!, 'north', ndeath('north', true)), 'retained').toBe(false)
    expect(mayWill(edge!, 'north', { topic: 'spBv1.0/yard/NDATA/north', retain: false })).toBe(false)
    expect(mayWill(edge!, 'north', { topic: 'spBv1.0/STATE/yard-desk', retain: true })).toBe(false)
  })

  test('of a host are its own STATE', () => {
    expect(mayWill(desk!, 'yard-desk', { topic: 'spBv1.0/STATE/yard-desk', retain: true })).toBe(true)
    expect(mayWill(desk!, 'yard-desk', { topic: 'spBv1.0/STATE/yard-ingest', retain: true })).toBe(false)
    expect(mayWill(desk!, 'yard-desk', ndeath('north'))).toBe(false)
  })
})

describe('messages to people', () => {
  const observer = observerOf('yard', 'wallboard')
  test('are published by the desk alone, in its own site, and not retained', () => {
    const topic = 'plumbline/yard/notices/duty'
    expect([desk, ingest, edge, observer].map((one) => mayPublish(one!, topic))).toEqual([true, false, false, false])
    expect(mayPublish(desk!, 'plumbline/field/notices/duty')).toBe(false)
    expect(mayPublish(desk!, 'plumbline/yard/other')).toBe(false)
    expect(mayRetain(desk!, topic)).toBe(false)
  })
  test('are heard by hosts and observers of the site', () => {
    for (const filter of ['plumbline/yard/notices/#', 'plumbline/yard/notices/duty'])
      expect([desk, observer, edge].map((one) => maySubscribe(one!, filter))).toEqual([true, true, false])
    for (const filter of ['plumbline/field/notices/#', 'plumbline/+/notices/#', 'plumbline/#', '#'])
      expect(maySubscribe(observer, filter)).toBe(false)
  })
})
