import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { have } from '../../broker/real-tools.fixture.ts'
import { fromIso } from '../../domain/time.ts'
import { type CapMessage, capInstant, capXml, escapeXml } from './cap-xml.ts'

const at = (text: string) => fromIso(text)!
const message: CapMessage = {
  identifier: 'demo-dead-run-flood-1',
  sender: 'desk@example.org',
  sent: at('2026-03-02T02:00:00.5Z'),
  status: 'Exercise',
  msgType: 'Update',
  scope: 'Public',
  note: 'EXERCISE 演習',
  references: [{ sender: 'desk@example.org', identifier: 'demo-dead-run-action-1', sent: at('2026-03-02T01:00:00Z') }],
  info: ['en', 'zh-TW'].map((language) => ({
    ...{
      language,
      category: ['Met'],
      event: 'Flood',
      responseType: ['Prepare'],
      urgency: 'Immediate',
      severity: 'Severe',
    },
    ...{
      certainty: 'Observed',
      onset: at('2026-03-02T01:59:00Z'),
      expires: at('2026-03-02T03:00:00Z'),
      senderName: 'Desk',
    },
    ...{ headline: 'Dead Run <above> "flood" & level', description: 'a\nb' },
    area: {
      areaDesc: 'Dead Run',
      polygon: [
        [39.3, -76.7],
        [39.31, -76.7],
        [39.31, -76.69],
        [39.3, -76.7],
      ] as const,
      circle: { at: [39.3, -76.7], radius_km: 1.5 } as const,
      geocode: [{ valueName: 'FIPS6', value: '024005' }],
    },
  })),
}

const lint = have('xmllint', 'libxml2-utils', 'xmllint', ['--version'])

function xmllint(xml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cap-'))
  writeFileSync(join(folder, 'a.xml'), xml)
  try {
    execFileSync('xmllint', ['--noout', '--schema', join(import.meta.dirname, 'cap-1.2.xsd'), join(folder, 'a.xml')], {
      stdio: 'pipe',
    })
    return 'valid'
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr)
  }
}

test.runIf(lint)('a message is valid against the schema written from the standard; a broken one is not', () => {
  const xml = capXml(message, 'Asia/Taipei')
  expect(xmllint(xml)).toBe('valid')
  expect(xml).toContain('<references>desk@example.org,demo-dead-run-action-1,2026-03-02T09:00:00+08:00</references>')
  expect(xmllint(xml.replace('+08:00</sent>', 'Z</sent>'))).toContain('sent')
  expect(xmllint(xml.replace('<status>Exercise</status>', '<status>Drill</status>'))).toContain('status')
  expect(xmllint(xml.replace(/<area>[\s\S]*?<\/area>/, '<area/>'))).toContain('areaDesc')
})

// CAP 1.2, 3.3.2: "2002-05-24T16:49:00-07:00"; alphabetic time zones are not allowed, UTC is -00:00.
test.each([
  ['2002-05-24T23:49:00Z', 'America/Los_Angeles', '2002-05-24T16:49:00-07:00'],
  ['2026-03-02T02:00:00Z', 'Asia/Taipei', '2026-03-02T10:00:00+08:00'],
  ['2026-03-02T02:00:00.999Z', 'UTC', '2026-03-02T02:00:00-00:00'],
  ['2026-03-02T02:00:00Z', 'Asia/Kathmandu', '2026-03-02T07:45:00+05:45'],
])('%s in %s is %s', (iso, zone, told) => expect(capInstant(at(iso), zone)).toBe(told))

test('whatever a text holds, the document stays one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const escaped = escapeXml(text)
      expect(escaped).not.toMatch(/[<>"']|&(?!#\d+;)/)
    }),
  )
})
