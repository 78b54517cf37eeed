// A store that is slow, hangs or fails for minutes of simulated time, under more load than it takes.
import { beforeEach, expect, test } from 'vitest'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock, SeriesWriter } from '../domain/ports.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { decodeState } from '../domain/sparkplug/topics.ts'
import { parseCommitted } from '../domain/wire/committed.ts'
import { BD_SEQ, COMMITTED, RESEND_RECORDS_MAX } from '../domain/wire/names.ts'
import { afterMs, SimulatedClock, sleepUntil } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { IngestService } from './service.ts'
import { MemoryMqtt } from './test/memory-mqtt.ts'
import { noHealth } from './test/no-health.ts'
import { at, gaugeBirth, payloadOf, readingRecord, T_MS, yard } from './test/yard.ts'

const PER_S = 200
/** A hundred and twenty-eight records a second, at 2 s a write; what waits is half a minute of them. */
const BATCH = { records: 256, bytes: 4 * 1024 * 1024 }
const WAITING_MAX = { records: 4096, bytes: 16 * 1024 * 1024 }
const S = 1_000_000_000n

/** The only gateway: sends what is new each second, and what it has kept while STATE says online. */
class Gateway {
  readonly mqtt = new MemoryMqtt((topic, payload) => this.#heard(topic, payload))
  readonly kept = new Map<number, ReturnType<typeof readingRecord>>()
  /** STATE as it changed, with the second in which it did. */
  readonly states: Array<[second: number, online: boolean, timestamp: number]> = []
  second = 0
  offset = 0
  #online = false
  #seq = 0

  birth(): void {
    this.#seq = 0
    this.#send('NBIRTH/gateway', [{ name: BD_SEQ, timestamp: T_MS, datatype: DataType.Int64, value: 0n }])
    this.#send('DBIRTH/gateway/gauge', gaugeBirth(false))
  }
  live(): void {
    const records = Array.from({ length: PER_S }, () => {
      const record = readingRecord(++this.offset, this.offset)
      this.kept.set(this.offset, record)
      return record
    })
    this.#data(records)
  }
  /** As fast as what comes live, oldest first. */
  resend(): void {
    if (this.#online) this.#data([...this.kept.values()].slice(0, PER_S))
  }

  #data(records: Array<ReturnType<typeof readingRecord>>): void {
    for (let i = 0; i < records.length; i += RESEND_RECORDS_MAX)
      this.#send('DDATA/gateway/gauge', payloadOf(...records.slice(i, i + RESEND_RECORDS_MAX)))
  }
  #send(rest: string, metrics: Parameters<typeof encodePayload>[0]['metrics']): void {
    const [type, ...node] = rest.split('/')
    const payload = encodePayload({ timestamp: T_MS, seq: this.#seq++ % 256, metrics })
    this.mqtt.send(`spBv1.0/yard/${type}/${node.join('/')}`, payload)
  }
  #heard(topic: string, payload: Uint8Array): void {
    const state = topic.startsWith('spBv1.0/STATE/') ? decodeState(payload) : undefined
    if (state !== undefined) {
      this.#online = state.online
      this.states.push([this.second, state.online, state.timestamp])
      return
    }
    for (const { name, value } of decodePayload(payload).metrics) {
      const committed = name === COMMITTED ? parseCommitted(String(value)) : undefined
      for (const [from, to] of committed?.ranges ?? [])
        for (let offset = from; offset <= to; offset++) this.kept.delete(offset)
    }
  }
}

let clock: SimulatedClock
let gateway: Gateway
let stored: number[]
let write: () => Promise<void>
let ingest: IngestService
let most: { records: number; bytes: number }

beforeEach(async () => {
  clock = new SimulatedClock(at(0))
  // Time goes on while the store writes.
  const free: Clock = Object.assign(Object.create(clock) as Clock, {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    at: (...args: Parameters<Clock['at']>) => clock.at(...args),
    hold: () => () => {},
  })
  gateway = new Gateway()
  stored = []
  most = { records: 0, bytes: 0 }
  const known = new Set<number>()
  const store: SeriesWriter = {
    append: async (records) => {
      await write()
      return records.map(({ identity: { offset } }) => {
        if (known.has(offset)) return { kind: 'duplicate' }
        known.add(offset)
        stored.push(offset)
        return { kind: 'stored' }
      })
    },
    quarantine: async () => {},
    committed: async () => [],
    health: noHealth,
    close: async () => {},
  }
  ingest = new IngestService({
    site: yard,
    brokerUrl: 'memory',
    clock: free,
    log: silentLog,
    connectMqtt: gateway.mqtt.connect,
    store,
    password: async () => '',
    limits: WAITING_MAX,
    batch: BATCH,
  })
  write = async () => {}
  await ingest.start()
  await clock.advance(0n)
  gateway.birth()
})

async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    gateway.second++
    gateway.live()
    gateway.resend()
    await clock.advance(S)
    const { waitingRecords, waitingBytes } = ingest.stats()
    most = { records: Math.max(most.records, waitingRecords), bytes: Math.max(most.bytes, waitingBytes) }
  }
}

const slow = () => sleepUntil(clock, afterMs(clock, 2_000))
const down = () => Promise.reject(new PlumblineError('STORE_UNAVAILABLE', 'series.db'))

test.each([
  ['takes 2 s for each write, for ten minutes', slow, 600],
  ['is down for two minutes', down, 120],
  ['hangs for two minutes', undefined, 120],
] as const)(
  'a store that %s: memory is bounded, STATE says so, nothing is lost',
  async (_, how, lasts_s) => {
    let release = () => {}
    const healed = new Promise<void>((resolve) => {
      release = resolve
    })
    await seconds(5)
    expect(gateway.kept.size).toBeLessThan(PER_S * 2)
    const before = stored.length
    write = how ?? (() => healed)
    await seconds(lasts_s)

    // Live data go on coming, more of them than are taken; what is not taken the gateway keeps.
    expect(most.records).toBe(WAITING_MAX.records)
    expect(most.bytes).toBeLessThanOrEqual(WAITING_MAX.bytes)
    expect(ingest.stats().dropped).toBeGreaterThan(0)
    expect(gateway.kept.size).toBe(gateway.offset - stored.length)
    if (how === slow) expect(stored.length - before).toBeGreaterThan(60_000)
    else expect(stored.length).toBe(before)
    const [second, online] = gateway.states[1]!
    expect(online).toBe(false)
    expect(second).toBeLessThan(5 + 30)
    expect(ingest.stats().serving).toBe(false)
    // At most a change in 10 s.
    expect(gateway.states.length).toBeLessThan(2 + lasts_s / 10)

    write = async () => {}
    release()
    await seconds(15)
    expect(ingest.stats()).toMatchObject({ serving: true, storeFailing: undefined })
    // The will of this session must not be older than its STATE.
    expect(new Set(gateway.states.map(([, , timestamp]) => timestamp)).size).toBe(1)
    while (gateway.kept.size > 0) {
      gateway.resend()
      await clock.advance(S)
    }
    expect(new Set(stored).size).toBe(stored.length)
    expect(stored.toSorted((a, b) => a - b)).toEqual(Array.from({ length: gateway.offset }, (_, i) => i + 1))
  },
  60_000,
)
