/**
 * Tests only: one life of a gateway on a real broker, written down byte by byte: births, data of every kind, a rebirth, a
 * lost device, a cut line with a backlog that is sent again, and a clean end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Gap, Reading } from '../../domain/reading.ts'
import { encodePayload } from '../../domain/sparkplug/codec.ts'
import { type RawPayload, rawPayload } from '../../domain/sparkplug/raw-payload.fixture.ts'
import { parseTopic } from '../../domain/sparkplug/topics.ts'
import { instantFromMs } from '../../domain/time.ts'
import { rebirthMetric } from '../../domain/wire/committed.ts'
import { COMMAND_RESULT } from '../../domain/wire/names.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { connectMqtt } from '../../runtime/mqtt-connection.ts'
import { type Published, type Session, type Tap, tappedBroker } from '../../runtime/mqtt-tap.fixture.ts'
import { clockMetrics } from '../births.ts'
import { Recording } from '../io/recording.ts'
import { block, condition, reading, testSite } from '../testing-site.ts'
import { Owner } from '../testing-uplink.ts'

export const GROUP = 'test'
export const NODES = ['edge-1', 'edge-1-blocks'] as const

/** So many messages that the sequence number begins again. */
const COUNT_ROUND = 260

export type Message = Published & {
  readonly node: string
  /** Of the node, from 0. */
  readonly session: number
  readonly type: string
  readonly device: string | undefined
  readonly raw: RawPayload
}
export type Life = {
  /** What the gateway published, each node in its order. */
  readonly messages: readonly Message[]
  readonly sessions: Readonly<Record<string, readonly Session[]>>
  readonly delivered: Tap['delivered']
  /** Of `edge-1`: how many of its messages had been sent when the rebirth was asked for. */
  readonly beforeRebirth: number
  of(type: string, node?: string): Message[]
}

const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 9_000, interval: 5 })

export async function liveOnce(): Promise<Life> {
  const dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  const tap = await tappedBroker()
  const clock = new SystemClock()
  const { site, node } = testSite()
  const recording = new Recording({
    ...{ site, node, dataDir, clock, log: silentLog, brokerUrl: tap.url, password: async () => 'secret' },
    connectMqtt: connectMqtt(clock, silentLog),
    clockProbe: async () => ({ synchronised: true }),
  })
  try {
    await recording.start()
    const beforeRebirth = await sayEverything(recording, tap)
    await cutAndResend(recording, tap)
    await recording.stop(2_000)
    await until(() => NODES.every((id) => tap.of(id).at(-1)?.packets.at(-1)?.kind === 'disconnect'))
    return lifeOf(tap, beforeRebirth)
  } finally {
    await recording.stop(100)
    await tap.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

const births = (tap: Tap, node: string) => tap.published(node).filter(({ topic }) => topic.includes('/NBIRTH/')).length
const now_ms = () => Date.now()
const bad = (ms: number): Reading => ({ ...reading(ms, 0), value: null, flag: 9, reason: 'timeout' })

async function sayEverything(recording: Recording, tap: Tap): Promise<number> {
  await until(() => NODES.every((node) => births(tap, node) === 1))
  const bornAt = now_ms()
  const { recorder, life } = recording.seam
  life.online('dead-run', { serial_number: '17' })
  life.online('roof')
  const [from_ns, to_ns] = [instantFromMs(1), instantFromMs(2)]
  const gap: Gap = { channels: ['dead-run/stage'], from_ns, to_ns, expected: 1, missing: 1, reason: 'timeout' }
  recorder.readings('dead-run', { readings: [reading(now_ms(), 0.5)] })
  recorder.readings('dead-run', { readings: [{ ...reading(now_ms(), 9), flag: 3, reason: 'spike' }] })
  recorder.readings('dead-run', { readings: [bad(now_ms())], gaps: [gap] })
  for (let i = 0; i < COUNT_ROUND; i++) recorder.readings('dead-run', { readings: [reading(now_ms(), i / 1000)] })
  recorder.block(block(1))
  recorder.condition(condition(1, true, now_ms()))
  recording.sendNode(clockMetrics({ trusted: true, steps: 1, last_step_s: null, offset_s: null }, now_ms()))
  recording.sendNode([{ name: COMMAND_RESULT, timestamp: now_ms(), value: '{}' }])
  await new Promise((resolve) => setTimeout(resolve, bornAt + 1_100 - now_ms()))
  const before = tap.published('edge-1').length
  const rebirth = encodePayload({ timestamp: now_ms(), metrics: [rebirthMetric(now_ms())] })
  await tap.send(`spBv1.0/${GROUP}/NCMD/edge-1`, rebirth)
  await until(() => births(tap, 'edge-1') === 2)
  recorder.readings('dead-run', { readings: [reading(now_ms(), 0.6)] })
  recorder.readings('roof', { readings: [{ ...bad(now_ms()), channel: 'roof/pga' }] })
  life.offline('roof', 'timeout')
  await until(() => tap.published('edge-1').at(-1)?.topic.includes('/DDEATH/'))
  return before
}

async function cutAndResend(recording: Recording, tap: Tap): Promise<void> {
  for (const node of NODES) tap.of(node).at(-1)!.socket.destroy()
  await until(() => tap.delivered.filter(({ topic }) => topic.includes('/NDEATH/')).length === 2)
  recording.seam.recorder.readings('dead-run', { readings: [reading(now_ms(), 0.7)] })
  recording.seam.recorder.condition(condition(1, false, now_ms()))
  const owner = new Owner(GROUP, (topic, payload, retain) => void tap.send(topic, payload, retain))
  tap.aedes.on('publish', ({ topic, payload }) => owner.take({ topic, payload: payload as Buffer }))
  owner.state(true, now_ms())
  await until(() => Object.values(recording.stats()!.streams).every(({ backlog_records }) => backlog_records === 0))
}

function lifeOf(tap: Tap, beforeRebirth: number): Life {
  const sessions = Object.fromEntries(NODES.map((node) => [node, tap.of(node)]))
  const messages = NODES.flatMap((node) =>
    sessions[node]!.flatMap(({ packets }, session) =>
      packets.flatMap((packet): Message[] => {
        if (packet.kind !== 'publish') return []
        const { type = '', device } = parseTopic(packet.topic) ?? {}
        return [{ ...packet, node, session, type, device, raw: rawPayload(packet.payload) }]
      }),
    ),
  )
  const of = (type: string, node?: string) =>
    messages.filter((message) => message.type === type && (node === undefined || message.node === node))
  return { messages, sessions, delivered: tap.delivered, beforeRebirth, of }
}
