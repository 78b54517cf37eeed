/**
 * Messages that no edge node would send, under topics that some would: to ingest and desk, and commands to the edge. Whole
 * services on the simulated clock; after each hundred attacks a reading must still find its way to the desk's screen.
 */
import type { ReadingJson } from '../../domain/api.ts'
import { decodePayload, PayloadError } from '../../domain/sparkplug/codec.ts'
import { below, oneOf, type Random } from '../seeded.ts'
import { SimulatedLine } from '../stories/simulated-line.ts'
import { gaugeOf, riverSite } from '../stories/waters.ts'
import { mutated } from './mutate.ts'
import type { Target } from './target.ts'

const BEGUN = new Date('2026-01-15T00:00:00Z')
const stage = (at_s: number): number => 1 + 0.2 * Math.sin(at_s / 100)

async function lineThatTalks() {
  const line = await SimulatedLine.of({
    begun: BEGUN,
    store: true,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: 1.1, deadband_m: 0.05 }]),
    devices: { quay: gaugeOf(BEGUN, stage) },
  })
  /** What was really said, by topic: births, data, commands, STATE. */
  const said: Array<{ topic: string; payload: Uint8Array }> = []
  const publish = line.broker.publish.bind(line.broker)
  line.broker.publish = (topic, payload, retain) => {
    if (said.length < SAID_MAX) said.push({ topic, payload: Uint8Array.from(payload) })
    publish(topic, payload, retain)
  }
  await line.seconds(30)
  line.cut('n1')
  line.heal('n1')
  await line.seconds(30)
  line.broker.publish = publish
  return { line, said }
}
const SAID_MAX = 400

export const sparkplugHosts: Target = {
  id: 'sparkplug',
  what: 'hostile births, data, commands and STATE: hosts and edge go on, a reading still arrives',
  open: async () => {
    const { line, said } = await lineThatTalks()
    const payloads = said.map(({ payload }) => payload)
    const topics = [...new Set(said.map(({ topic }) => topic))]
    return {
      attack: async (random) => {
        const topic = random() < 0.9 ? oneOf(random, topics) : mutatedTopic(oneOf(random, topics), random)
        const own = said.filter((one) => one.topic === topic).map(({ payload }) => payload)
        const payload = mutated(own.length > 0 && random() < 0.8 ? own : payloads, random)
        line.broker.publish(topic, payload)
        if (random() < 0.2) await line.seconds(1)
        return topics.includes(topic) ? topic.split('/')[2]! : 'odd topic'
      },
      healthy: async () => {
        // Whatever the attack made hosts believe, it is mended by the rebirth that they ask for.
        for (let tries = 0; tries < HEALTHY_WITHIN_S; tries += 10) {
          await line.seconds(10)
          const { readings } = await line.get<{ readings: ReadingJson[] }>('/readings/latest')
          const latest = readings.find(({ channel }) => channel === 'quay/stage')
          const age_s = Number(line.clock.now() - BigInt(latest?.t_ns ?? 0)) / 1e9
          if (latest?.value != null && age_s >= 0 && age_s < 60) return
        }
        throw new Error(`no fresh reading at the desk for ${HEALTHY_WITHIN_S} s`)
      },
      close: () => line.end(),
    }
  },
}
const HEALTHY_WITHIN_S = 600

const mutatedTopic = (topic: string, random: Random): string => {
  const parts = topic.split('/')
  const odd = ['', '+', '#', '$SYS', '..', 'a'.repeat(300), 'n1', 'NBIRTH', 'STATE', 'drill.x.quay', '水']
  parts[below(random, parts.length)] = oneOf(random, odd)
  return parts.join('/')
}

export const payloads: Target = {
  id: 'payloads',
  what: 'a Sparkplug payload is decoded, or refused as one that cannot be',
  open: async () => {
    const { line, said } = await lineThatTalks()
    await line.end()
    const seeds = said.map(({ payload }) => payload)
    return {
      attack: async (random) => {
        try {
          return `${Math.min(9, decodePayload(mutated(seeds, random)).metrics.length)} metrics`
        } catch (error) {
          if (error instanceof PayloadError) return 'refused'
          throw error
        }
      },
    }
  },
}
