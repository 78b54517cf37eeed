import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instant } from '../time.ts'
import { decodeIngestHealth, encodeIngestHealth, type IngestHealth, ingestHealthTopic } from './ingest-health.ts'

const health: IngestHealth = {
  t_ns: instant(1_796_083_200_000_000_001n),
  boot: '9a1b6f0e-6f0c-4c0f-8f57-0c8f2f5c1a01',
  taking: false,
  why: 'DATA_FULL',
  lag_s: 12.5,
  waiting_records: 4096,
  quarantined_total: 1,
  last_quarantined: { t_ns: instant(1_796_083_199_000_000_000n), device: 'dead-run', reason: 'stored is 1, came 2' },
  dead_letter_total: 3,
  store: { kind: 'embedded', bytes: 1e9, free_bytes: 0, oldest_ns: instant(1n), newest_ns: instant(2n ** 60n) },
  last_backup_ns: null,
  foreign_lost: [
    { node: 'plant', messages: 3, gaps: 2, since_ns: instant(2n ** 60n), last_ns: instant(2n ** 60n + 1n) },
    { node: 'pump plc', messages: 0, gaps: 1, since_ns: instant(5n), last_ns: instant(5n) },
  ],
}

test('it stands beside Sparkplug, not in it', () => {
  expect(ingestHealthTopic('demo')).toBe('plumbline/demo/ingest/health')
})

test('instants travel as text and come back to the nanosecond', () => {
  const bytes = encodeIngestHealth(health)
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ t_ns: '1796083200000000001', taking: false })
  expect(decodeIngestHealth(bytes)).toEqual(health)
  const bare: IngestHealth = { ...health, store: null, last_quarantined: null, dead_letter_total: null, why: null }
  expect(decodeIngestHealth(encodeIngestHealth(bare))).toEqual(bare)
})

test('fields of a later version are passed over; a broken or missing field makes it no message', () => {
  const said = JSON.parse(new TextDecoder().decode(encodeIngestHealth(health))) as Record<string, unknown>
  const told = (body: unknown) => decodeIngestHealth(new TextEncoder().encode(JSON.stringify(body)))
  expect(told({ ...said, later: 1 })).toEqual(health)
  for (const key of Object.keys(said)) expect(told({ ...said, [key]: undefined }), key).toBeUndefined()
  for (const key of Object.keys(said)) expect(told({ ...said, [key]: [1] }), key).toBeUndefined()
  for (const body of [null, 1, 'x', [], { ...said, t_ns: '1e3' }, { ...said, lag_s: -1 }])
    expect(told(body)).toBeUndefined()
})

test('any bytes are taken or refused, never thrown at', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeIngestHealth(bytes) === undefined))
  fc.assert(
    fc.property(fc.json(), (text) => {
      decodeIngestHealth(new TextEncoder().encode(text))
    }),
  )
})
