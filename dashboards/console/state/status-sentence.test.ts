import { describe, expect, test } from 'vitest'
import type { ReadingJson } from '../../../domain/api.ts'
import { ns, SITE } from '../test/fake-world.ts'
import { alarm, device, NOW_MS, quietAlarm, quietSite, reading, speech } from '../test/fixtures.ts'
import { applyEvent } from './live-state.ts'
import { statusParts } from './status-parts.ts'
import { sentenceParts, sentenceText } from './status-sentence.ts'

type Changes = Parameters<typeof quietSite>[0]
const parts = (more: Changes = {}, language: 'en' | 'zh-TW' = 'en', site = SITE) =>
  sentenceParts(statusParts(site, quietSite(more), NOW_MS), speech(language))
const say = (more: Changes = {}, language: 'en' | 'zh-TW' = 'en', site = SITE) =>
  sentenceText(parts(more, language, site), speech(language))

const FLOOD = [reading('dead-run/stage', 1.52), reading('dead-run/rate_of_rise', 0.43 / 3600)]
const SHAKING = [reading('tower-a-roof/pga', 2.12)]

describe('the status sentence', () => {
  test('of a quiet site says how many waters are normal and that nothing shakes', () =>
    expect(say()).toBe('1 of 1 waters normal (Dead Run 0.52 m, steady); Tower A: no shaking; all 3 sensors fresh.'))

  test('of a flood and a shaking says the worst first', () =>
    expect(say({ readings: [...FLOOD, ...SHAKING], alarms: [alarm('roof-pga'), alarm('run-2')] })).toBe(
      'Dead Run above Level 2 (orange) since 14:04, rising 0.43 m/h; ' +
        'Tower A: shaking, PGA 212.0 gal, limit exceeded (Roof shaking above 80 gal, peak 212.0 gal); ' +
        '2 alarms not acknowledged; all 3 sensors fresh.',
    ))

  test('a sensor that is silent is an alarm of its own, not a limit that the building exceeded', () => {
    const silent = { name: 'Roof silent', kind: 'stale_s', limit: 60, unit: 's', value: 60, peak: 60, latch: false }
    const text = say({ alarms: [alarm('roof-pga', { ...silent, state: 'acknowledged' })] })
    expect(text).toContain('1 other alarm active (Roof silent);')
    expect(text).not.toContain('limit exceeded')
  })

  test('a silent gauge is told beside the level that is exceeded', () => {
    const silent = alarm('run-3', { name: 'Gauge silent', kind: 'stale_s', limit: 60, unit: 's' })
    expect(say({ readings: FLOOD, alarms: [alarm('run-2'), silent] })).toContain('1 other alarm active (Gauge silent)')
  })

  test('a vote of shaking limits is told without a number that is no shaking', () => {
    const vote = { name: 'Two sensors shaking', kind: 'k_of_n', limit: 2, unit: '1', value: 2, peak: 3 }
    expect(say({ readings: SHAKING, alarms: [alarm('roof-pga', vote)] })).toContain(
      'limit exceeded (Two sensors shaking);',
    )
  })

  test('reads in Traditional Chinese', () =>
    expect(say({ readings: [...FLOOD, ...SHAKING], alarms: [alarm('roof-pga')] }, 'zh-TW')).toBe(
      'Dead Run 高於 Level 2 (orange)，上升 0.43 m/h；' +
        'Tower A：搖晃中，PGA 212.0 gal，超過限值（Roof shaking above 80 gal，峰值 212.0 gal）；' +
        '1 則警報未確認；3 個感測器資料皆為最新。',
    ))

  test('a stale gauge makes the water unknown, with its age, and names no stage', () => {
    const text = say({ readings: [reading('dead-run/stage', 0.4, { t_ns: ns(NOW_MS - 45_000) })] })
    expect(text).toMatch(/^Dead Run: stage unknown \(stale, last heard 45 s ago\); 1 of 3 sensors silent/)
    expect(text).not.toContain('0.40 m')
  })

  test('a water whose alarm stands while its gauge is silent keeps its place at the front', () =>
    expect(
      say({
        readings: [reading('dead-run/stage', 1.5, { t_ns: ns(NOW_MS - 45_000) })],
        alarms: [alarm('run-2', { state: 'acknowledged' })],
      }),
    ).toMatch(/^Dead Run was above Level 2 \(orange\) when last heard; stage now unknown: stale, last heard 45 s ago/))

  test('an offline sensor says why', () =>
    expect(say({ devices: [device('dead-run', { state: 'offline', reason: 'closed' })] })).toContain(
      'Dead Run: stage unknown (offline, connection closed or refused, last heard 0 s ago)',
    ))

  test('a building with one of two sensors silent is not called quiet', () => {
    const text = say({ readings: [reading('tower-a-base/pga', 0.001, { t_ns: ns(NOW_MS - 60_000) })] })
    expect(text).toContain('Tower A: only 1 of 2 sensors give usable data (PGA 0.3 gal)')
    expect(text).not.toContain('Tower A: PGA')
  })

  test('a building that shook past its limit keeps saying so until it is reset', () =>
    expect(say({ alarms: [alarm('base-pga')] })).toContain(
      'Tower A: limit was exceeded (Base shaking above 25 gal, peak 63.4 gal); now PGA 0.3 gal',
    ))

  test('shaking below every limit is named as shaking', () =>
    expect(say({ readings: [reading('tower-a-roof/pga', 0.05)] })).toContain(
      'Tower A: shaking, PGA 5.0 gal, no threshold exceeded in the recorded data',
    ))

  test('a late occurrence is unanswered business', () =>
    expect(say({ alarms: [alarm('run-rise')] })).toContain('1 alarm not acknowledged (2 learned late)'))

  test('an alarm that belongs to no named level or building is told as well', () =>
    expect(say({ alarms: [quietAlarm('run-rise', { state: 'acknowledged', occurrence: 1 })] })).toContain(
      '1 other alarm active (Dead Run rising fast)',
    ))

  test('a limit below every level still counts as an active alarm of that water', () =>
    expect(say({ alarms: [quietAlarm('run-3', { state: 'acknowledged', limit: 0.5, occurrence: 1 })] })).toContain(
      '1 other alarm active (Dead Run above level 3)',
    ))

  test('suspect values are used and called suspect', () =>
    expect(say({ readings: [reading('dead-run/stage', 0.5, { flag: 3 })] })).toContain(
      '1 of 3 sensors suspect (Dead Run gauge)',
    ))

  test('says when the store, an edge node or its site file is amiss', () => {
    const live = applyEvent(quietSite({ store_available: false }), {
      event: 'node',
      data: { id: 'gateway-1', state: 'offline', since_ns: null, reason: null, site_hash_agrees: false },
    })
    const text = sentenceText(sentenceParts(statusParts(SITE, live, NOW_MS), speech()), speech())
    expect(text).toMatch(
      /; edge node gateway-1 away; edge node gateway-1 runs another site file than the desk; the series store cannot be read;/,
    )
  })

  test('without limits it does not claim that none was exceeded', () => {
    const bare = { ...SITE, limits: [], waters: [{ ...SITE.waters[0]!, levels: [] }] }
    expect(say({}, 'en', bare)).toContain(
      'Dead Run 0.52 m, steady, no levels are set; Tower A: no shaking, no limits are set',
    )
  })

  test('no state of any kind is ever called safe, and a water is normal only while it is known and below its levels', () => {
    const many: Changes[] = [
      {},
      { readings: FLOOD },
      { readings: [reading('dead-run/stage', null)] },
      { alarms: [alarm('roof-pga')] },
    ]
    for (const more of many) expect(`${say(more)} ${say(more, 'zh-TW')}`).not.toMatch(/\bsafe|安全/i)
    const two = {
      ...SITE,
      waters: [SITE.waters[0]!, { ...SITE.waters[0]!, id: 'ditch', name: 'Ditch', gauge: 'ditch/stage' }],
    }
    expect(say({}, 'en', two)).toMatch(/^1 of 2 waters normal \(Dead Run 0\.52 m, steady\); Ditch: stage unknown/)
    expect(say({ readings: FLOOD }, 'en', two)).toMatch(/^0 of 2 waters normal; Dead Run above Level 2/)
  })

  test('marks each part: what was exceeded, what is unknown, what is quiet', () =>
    expect(
      parts({ readings: [...FLOOD, reading('tower-a-base/pga', 0.001, { t_ns: ns(NOW_MS - 60_000) })] }).map(
        (p) => p.tone,
      ),
    ).toEqual(['exceeded', 'unknown', 'unknown']))

  test('says what a rising water would reach next, as the officer’s own arithmetic would', () => {
    const level = SITE.waters[0]!.levels[0]!
    const reach = { likely_s: 2900, soonest_s: 2600, latest_s: 3600, rate_m_s: 0.43 / 3600 }
    const with_ = (readings: ReadingJson[]) =>
      sentenceText(
        sentenceParts(
          statusParts(SITE, quietSite({ readings }), NOW_MS, () => ({ level, reach })),
          speech(),
        ),
        speech(),
      )
    expect(with_(FLOOD)).toMatch(
      /^Dead Run above Level 2 \(orange\), rising 0\.43 m\/h, Level 1 \(red\) in about 50 min;/,
    )
    expect(with_([reading('dead-run/rate_of_rise', 0.43 / 3600)])).toContain(
      'Dead Run rising 0.43 m/h, Level 1 (red) in about 50 min;',
    )
  })
})
