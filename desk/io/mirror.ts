/**
 * The plain mirror: an MQTT connection of its own, so that neither alarms nor acknowledgements ever wait behind it, that
 * says the newest reading of each channel and the state of each alarm as retained JSON. What it says is
 * `domain/wire/mirror.ts`'s, how often `newest.ts`'s.
 */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { LiveEvent } from '../../domain/api.ts'
import { deskMirrorId } from '../../domain/ids.ts'
import type { Clock, ConnectMqtt, Log, MqttConnection, MqttMessage } from '../../domain/ports.ts'
import { secondsToNs } from '../../domain/time.ts'
import {
  alarmTopic,
  isMirrored,
  MIRROR_OFFLINE,
  MIRROR_ONLINE,
  mirroredAlarm,
  mirroredReading,
  mirrorStateTopic,
  mirrorTopic,
  readingTopic,
} from '../../domain/wire/mirror.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { LiveModel } from '../live-model.ts'
import { Newest } from '../newest.ts'

const KEEPALIVE_S = 10
const TICK_MS = 100
/** Publications of one tick: a site of thousands of channels goes out over a second, not in a burst. */
const TICK_MOST = 500
/** A broker that takes nothing is not pushed further: the newest waits. */
const PENDING_MAX = 1024 * 1024
/** What is retained of channels that are no more comes in this time after a subscription. */
const SWEEP_MS = 5_000

export type MirrorOptions = {
  readonly site: string
  readonly every_s: number
  readonly url: string
  readonly username: string
  readonly password: () => Promise<string>
  readonly connectMqtt: ConnectMqtt
  readonly clock: Clock
  readonly log: Log
  readonly model: LiveModel
  readonly alarms: () => readonly AlarmJson[]
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')

export class Mirror {
  readonly #o: MirrorOptions
  readonly #mqtt: MqttConnection
  readonly #newest: Newest
  readonly #tree: readonly string[]
  #cancel: () => void = () => {}
  #cancelSweep: () => void = () => {}
  #sweeping = false
  #stopped = false

  constructor(options: MirrorOptions) {
    this.#o = options
    const { site } = options
    this.#newest = new Newest(secondsToNs(options.every_s))
    this.#tree = ['reading', 'alarm'].map((part) => `${mirrorTopic(site)}/${part}/#`)
    this.#mqtt = options.connectMqtt({
      url: options.url,
      clientId: deskMirrorId(site),
      username: options.username,
      password: options.password,
      keepalive_s: KEEPALIVE_S,
      will: () => ({ topic: mirrorStateTopic(site), payload: bytes(MIRROR_OFFLINE), qos: 1, retain: true }),
      onUp: () => void this.#up(),
      onDown: () => this.#down(),
      onMessage: (message) => this.#found(message),
    })
  }

  get up(): boolean {
    return this.#mqtt.up
  }

  start(): void {
    this.#mqtt.start()
    this.#tick()
  }

  async stop(deadline_ms: number): Promise<void> {
    this.#stopped = true
    this.#cancel()
    this.#cancelSweep()
    // A clean end takes the will with it: it is said instead.
    if (this.#mqtt.up) await this.#say(mirrorStateTopic(this.#o.site), MIRROR_OFFLINE, 0)
    await this.#mqtt.stop(deadline_ms)
  }

  live(events: readonly LiveEvent[]): void {
    for (const { event, data } of events) {
      if (event === 'readings') for (const { channel } of data) this.#reading(channel)
      // A device that answers or falls silent changes what its readings mean.
      else if (event === 'device') for (const { id } of data.channels) this.#reading(id)
    }
  }

  alarm(alarm: AlarmJson): void {
    this.#newest.put(alarmTopic(this.#o.site, alarm.id), mirroredAlarm(alarm))
  }

  #reading(channel: string): void {
    const { model, site } = this.#o
    const reading = model.reading(channel)
    const device = model.deviceOf(channel)
    if (reading === undefined || device === undefined) return
    const unit = device.channels.find(({ id }) => id === channel)?.unit ?? ''
    this.#newest.put(readingTopic(site, channel), mirroredReading(reading, unit, device.state))
  }

  /** Every topic that there should be now; what a drill or an older site file left is taken away. */
  #know(): Set<string> {
    const { model, alarms, site } = this.#o
    for (const { channel } of model.readings()) this.#reading(channel)
    for (const alarm of alarms()) this.alarm(alarm)
    const channels = model.devices().flatMap((device) => device.channels.map(({ id }) => readingTopic(site, id)))
    return new Set([...channels, ...alarms().map(({ id }) => alarmTopic(site, id))])
  }

  async #up(): Promise<void> {
    const { clock, log, site } = this.#o
    this.#newest.again()
    this.#know()
    await this.#say(mirrorStateTopic(site), MIRROR_ONLINE, 1)
    try {
      await this.#mqtt.subscribe(this.#tree, 0)
      this.#sweeping = true
      this.#cancelSweep = clock.at(afterMs(clock, SWEEP_MS), () => this.#swept())
    } catch (error) {
      log.warn('the mirror cannot look for what is retained of channels that are no more', {
        why: (error as Error).message,
      })
    }
  }

  #down(): void {
    this.#sweeping = false
    this.#cancelSweep()
  }

  #swept(): void {
    this.#sweeping = false
    this.#mqtt.unsubscribe(this.#tree).catch(() => {})
  }

  #found({ topic, payload, retain }: MqttMessage): void {
    if (!this.#sweeping || !retain || payload.length === 0 || !isMirrored(this.#o.site, topic)) return
    if (!this.#know().has(topic)) this.#clear(topic)
  }

  #clear(topic: string): void {
    this.#newest.forget(topic)
    void this.#say(topic, '', 0)
  }

  #tick(): void {
    const { clock } = this.#o
    this.#cancel = clock.at(afterMs(clock, TICK_MS), () => {
      this.#flush()
      this.#tick()
    })
  }

  #flush(): void {
    if (!this.#mqtt.up || this.#stopped || this.#mqtt.pendingBytes > PENDING_MAX) return
    for (const [topic, text] of this.#newest.due(this.#o.clock.monotonic(), TICK_MOST))
      this.#mqtt.publish(topic, bytes(text), { qos: 0, retain: true }).catch(() => this.#newest.failed(topic))
  }

  /** The shadows of a drill have gone, or come. */
  placed(): void {
    const known = this.#know()
    for (const topic of this.#newest.topics) if (!known.has(topic)) this.#clear(topic)
  }

  #say(topic: string, text: string, qos: 0 | 1): Promise<void> {
    return this.#mqtt.publish(topic, bytes(text), { qos, retain: true }).catch(() => {})
  }
}
