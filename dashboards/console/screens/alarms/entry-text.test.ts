/** Entries as the desk writes them, as people read them: no name of a field, no hash in full, no SI figure of nine digits. */
import { expect, test } from 'vitest'
import type { JournalKind } from '../../../../domain/alarm.ts'
import { createFormat, type Language } from '../../format.ts'
import { WORDS } from '../../i18n/index.ts'
import { entryText } from './entry-text.ts'
import { words as entryWords } from './entry-words.ts'
import { words } from './words.ts'

const NOON = Date.UTC(2026, 5, 3, 4)
const ns = (s: number) => String(BigInt(NOON + s * 1000) * 1_000_000n)
const read = (language: Language, kind: JournalKind, body: unknown, limitKind?: string) =>
  entryText(
    { kind, body, alarm: null },
    {
      ...{ words: WORDS[language], format: createFormat(language, 'Asia/Taipei'), own: entryWords[language] },
      ...{ groupKind: words[language].groupKind, now_ms: NOON + 60_000 },
    },
    limitKind,
  )

const RISE = { value: 0.0003, peak: 0.00032, limit: 1 / 3600, unit: 'm/s', flag: 1, exercise: true, outbox: 'a3d2' }

test.each<[JournalKind, unknown, string, string]>([
  [
    'onset',
    { ...RISE, onset_ns: ns(0), late: false },
    '1.08 m/h, limit 1.00 m/h, since 12:00:00 +08:00',
    '1.08 m/h，限值 1.00 m/h、自 12:00:00 +08:00 起',
  ],
  ['return', { ...RISE, returned_ns: ns(9) }, 'peak 1.15 m/h, at 12:00:09 +08:00', '峰值 1.15 m/h、於 12:00:09 +08:00'],
  [
    'onset',
    { value: 1, peak: 1, limit: 1, unit: '1', onset_ns: ns(0), late: false, overdue_since_ns: ns(30) },
    'since 12:00:00 +08:00, late: due 12:00:30 +08:00, the desk was away',
    '自 12:00:00 +08:00 起、延遲：應於 12:00:30 +08:00 通知，當時值班台並未運作',
  ],
  [
    'acknowledge',
    { late: [1, 2], comment: 'On my way' },
    'On my way, covers 2 that came unseen',
    'On my way、包含 2 次未及得知者',
  ],
  [
    'shelve',
    { until_ns: ns(60), reason: 'cleaned', one_shot: false },
    'cleaned, until 12:01:00 +08:00',
    'cleaned、至 12:01:00 +08:00',
  ],
  ['unshelve', { because: 'time', due_ns: ns(0), late: true }, 'its time was over', '時間已到'],
  [
    'session',
    { what: 'first user made', address: '127.0.0.1', role: 'admin' },
    'first user made, administrator, from 127.0.0.1',
    '建立第一位使用者、管理員、來自 127.0.0.1',
  ],
  [
    'start',
    { software: 'Plumbline 0.1.0', site_hash: '0ff0cdf9417363ae616f' },
    'Plumbline 0.1.0, site file 0ff0cdf94173',
    'Plumbline 0.1.0，場址檔 0ff0cdf94173',
  ],
  [
    'config',
    { what: 'site-file', from: 'aaaaaaaaaaaaaaa', to: 'b' },
    'site file aaaaaaaaaaaa → b',
    '場址檔 aaaaaaaaaaaa → b',
  ],
  ['node', { from: 'unknown', to: 'online', reason: null }, 'unknown → online', '不明 → 上線'],
  [
    'group',
    { what: 'began', group: 'g-1', kind: 'ground-motion', about: 'tower-a', began_ns: '1' },
    'Ground motion, tower-a, began',
    '地動、tower-a、開始',
  ],
  [
    'delivery',
    { what: 'planned', id: 'x', contact: 'mei', channel: 'mail', text: 'EXERCISE\nsecond line' },
    'on its way, to mei by mail\nEXERCISE\nsecond line',
    '寄送中、給 mei（mail）\nEXERCISE\nsecond line',
  ],
  ['delivery', { what: 'sent', id: 'x', tries: 1, detail: '250 OK' }, 'sent, 250 OK', '已送出、250 OK'],
])('%s', (kind, body, en, zh) => {
  const limitKind = 'rising_faster_than'
  expect(read('en', kind, body, limitKind)).toBe(en)
  expect(read('zh-TW', kind, body, limitKind)).toBe(zh)
})

test('a notice is read as it was told; in Chinese by its own figures and rule', () => {
  const body = { ...RISE, text: 'EXERCISE Creek rising', name: 'Creek rising', onset_ns: ns(0), late: true }
  expect(read('en', 'notice', body)).toBe('EXERCISE Creek rising')
  expect(read('zh-TW', 'notice', { ...body, rule: { en: 'x', 'zh-TW': '上升過快' } }, 'rising_faster_than')).toBe(
    'Creek rising、上升過快、1.08 m/h，限值 1.00 m/h、自 12:00:00 +08:00 起、延遲得知：當時已結束',
  )
})

test('what a newer desk says, or nobody has words for, stands as it came', () => {
  expect(read('en', 'session', { what: 'passkey added', address: '::1' })).toBe('passkey added, from ::1')
  expect(read('en', 'silenced', { output: 'siren', until: 3 })).toBe('output siren, until 3')
  expect(read('en', 'hologram' as JournalKind, { reason: 'x' })).toBe('x')
  expect(read('en', 'node', null)).toBe('')
})
