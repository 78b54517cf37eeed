import { expect, test } from 'vitest'
import { noticeTopic } from '../../../domain/notice-topics.ts'
import { SimulatedClock } from '../../../runtime/clock.ts'
import type { Delivery } from '../../telling/incident.ts'
import { siteWith } from '../../telling/testing-telling.ts'
import { at } from '../../testing-site.ts'
import type { Outgoing } from './outgoing.ts'
import { sendersOf } from './senders.ts'

const SITE = siteWith()
/** A site with a siren, as far as a sender looks. */
const SIREN = { ...SITE, file: { ...SITE.file, nodes: [{ ...SITE.file.nodes[0]!, outputs: [{ id: 'siren' }] }] } }

function outgoing(channel: object, exercise = false): Outgoing {
  const delivery = { id: 'd-1', action: 'alarm', exercise, members: [{ alarm: 'north:creek-red', occurrence: 3 }] }
  return {
    ...{ delivery: delivery as unknown as Delivery, contact: SITE.file.notices!.contacts[0]! },
    channel: { id: 'c', timeout_s: 5, give_up_min: 60, ...channel },
    ...{ message: { subject: 'Creek above red', text: 'leave', short: 'red' }, priority: 'high', language: 'en' },
    ...{ answer_link: undefined, link: undefined },
  } as Outgoing
}

function senders(answers: { publish?: () => Promise<void>; command?: () => Promise<object> } = {}) {
  const published: Array<[string, unknown]> = []
  const commands: unknown[][] = []
  const made = sendersOf({
    ...{ site: SIREN as never, notices: SITE.file.notices!, clock: new SimulatedClock(at(0)) },
    publish: async (topic, payload) => {
      published.push([topic, JSON.parse(new TextDecoder().decode(payload))])
      await answers.publish?.()
    },
    command: async (...call) => {
      commands.push(call)
      return ((await answers.command?.()) ?? { outcome: 'done', detail: 'sounds for 30 s' }) as never
    },
  })
  return { made, published, commands }
}
const signal = () => new AbortController().signal
const mqtt = { mqtt: { topic: 'duty/lin' } }
const siren = { output: { output: 'siren', for_s: 30 } }

test('MQTT: one JSON message on a topic of the site, which says what it is about and that it is an exercise', async () => {
  const { made, published } = senders()
  expect(await made.mqtt(outgoing(mqtt, true), signal())).toEqual({ ok: true, detail: noticeTopic('yard', 'duty/lin') })
  expect(published).toEqual([
    [
      'plumbline/yard/notices/duty/lin',
      {
        ...{ delivery: 'd-1', site: 'yard', at: '2018-06-03T06:00:00.000Z', kind: 'alarm', priority: 'high' },
        ...{ language: 'en', exercise: true, subject: 'Creek above red', text: 'leave' },
        alarms: [{ alarm: 'north:creek-red', occurrence: 3 }],
      },
    ],
  ])
})

test('MQTT: a broker that is away or confirms nothing in time is tried again', async () => {
  const away = senders({ publish: () => Promise.reject(new Error('not connected')) })
  expect(await away.made.mqtt(outgoing(mqtt), signal())).toMatchObject({
    ...{ ok: false, permanent: false, detail: 'broker: not connected' },
  })
  const silent = senders({ publish: () => new Promise(() => {}) })
  const end = new AbortController()
  const sent = silent.made.mqtt(outgoing(mqtt), end.signal)
  end.abort()
  expect(await sent).toMatchObject({ ok: false, permanent: false, detail: expect.stringContaining('in time') })
})

test('siren: asked of the edge node that has it, by the delivery, for so long; never in an exercise', async () => {
  const { made, commands } = senders()
  expect(await made.output(outgoing(siren), signal())).toEqual({ ok: true, detail: 'north: sounds for 30 s' })
  expect(commands).toEqual([['north', { kind: 'sound', output: 'siren', for_s: 30 }, 'desk (d-1)']])

  const exercise = senders()
  expect(await exercise.made.output(outgoing(siren, true), signal())).toMatchObject({ ok: false, permanent: true })
  expect(exercise.commands).toEqual([])
})

test('siren: refused is for good, a node that does not answer is asked again, one that is gone never', async () => {
  const said = (outcome: string) => senders({ command: async () => ({ outcome, detail: 'held at the panel' }) })
  expect(await said('refused').made.output(outgoing(siren), signal())).toMatchObject({ ok: false, permanent: true })
  expect(await said('unknown').made.output(outgoing(siren), signal())).toMatchObject({ ok: false, permanent: false })
  const broken = senders({ command: () => Promise.reject(new Error('not started')) })
  expect(await broken.made.output(outgoing(siren), signal())).toMatchObject({
    ...{ ok: false, permanent: false, detail: 'not started' },
  })
  const gone = { output: { output: 'horn', for_s: 30 } }
  expect(await senders().made.output(outgoing(gone), signal())).toMatchObject({ ok: false, permanent: true })
})
