/** One sender for each kind of channel. */

import type { Site } from '../../../domain/channel.ts'
import { noticeTopic } from '../../../domain/notice-topics.ts'
import type { Clock } from '../../../domain/ports.ts'
import type { ChannelKind, SiteNotices } from '../../../domain/site-notices.ts'
import { toIso } from '../../../domain/time.ts'
import type { AskedCommand, CommandOutcome } from '../command-teller.ts'
import { mailSender } from './mail.ts'
import { failed, refused, type Send } from './outgoing.ts'
import { webhookSender } from './webhook.ts'

export type Senders = Readonly<Record<ChannelKind, Send>>

export type SendersOptions = {
  readonly site: Site
  readonly notices: SiteNotices
  readonly clock: Clock
  /** QoS 1; rejects while the broker is away. */
  readonly publish: (topic: string, payload: Uint8Array) => Promise<void>
  readonly command: (node: string, body: AskedCommand, by: string) => Promise<CommandOutcome<AskedCommand>>
}

export function sendersOf({ site, notices, clock, publish, command }: SendersOptions): Senders {
  const id = site.file.site
  return {
    email: mailSender(id, notices.smtp),
    webhook: webhookSender(id, notices, clock),
    mqtt: async ({ delivery, channel, message, priority, language, link }, signal) => {
      if (channel.mqtt === undefined) return refused('the channel is no MQTT topic any more')
      const topic = noticeTopic(id, channel.mqtt.topic)
      const { subject, text } = message
      const alarms = delivery.members.map(({ alarm, occurrence }) => ({ alarm, occurrence }))
      const about = {
        delivery: delivery.id,
        site: id,
        at: toIso(clock.now()),
        kind: delivery.action,
        priority,
        language,
      }
      const payload = JSON.stringify({ ...about, exercise: delivery.exercise, subject, text, alarms, link })
      const { promise: late, resolve } = Promise.withResolvers<'late'>()
      signal.addEventListener('abort', () => resolve('late'), { once: true })
      try {
        const done = await Promise.race([publish(topic, new TextEncoder().encode(payload)), late])
        return done === 'late' ? failed('the broker did not confirm it in time') : { ok: true, detail: topic }
      } catch (error) {
        return failed(`broker: ${(error as Error).message}`)
      }
    },
    output: async ({ delivery, channel }) => {
      const wanted = channel.output
      const node = site.file.nodes.find(({ outputs = [] }) => outputs.some((output) => output.id === wanted?.output))
      if (wanted === undefined || node === undefined) return refused('there is no such output any more')
      if (delivery.exercise) return refused('an exercise sounds nothing')
      try {
        const body: AskedCommand = { kind: 'sound', output: wanted.output, for_s: wanted.for_s }
        const { outcome, detail } = await command(node.id, body, `desk (${delivery.id})`)
        if (outcome === 'done') return { ok: true, detail: `${node.id}: ${detail}` }
        return outcome === 'refused' ? refused(`${node.id}: ${detail}`) : failed(`${node.id}: ${detail}`)
      } catch (error) {
        return failed((error as Error).message)
      }
    },
  }
}
