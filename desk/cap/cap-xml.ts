/** A CAP 1.2 message as XML: elements in the order of the standard, every text escaped, instants with a numeric offset. Pure. */
import { type Instant, instantToMs } from '../../domain/time.ts'

export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2'

export type CapArea = {
  readonly areaDesc: string
  /** Latitude and longitude [deg], WGS 84; closed. */
  readonly polygon?: ReadonlyArray<readonly [latitude: number, longitude: number]>
  readonly circle?: { readonly at: readonly [latitude: number, longitude: number]; readonly radius_km: number }
  readonly geocode?: ReadonlyArray<{ readonly valueName: string; readonly value: string }>
}
export type CapInfo = {
  readonly language: string
  readonly category: readonly string[]
  readonly event: string
  readonly responseType: readonly string[]
  readonly urgency: string
  readonly severity: string
  readonly certainty: string
  readonly onset?: Instant
  readonly expires?: Instant
  readonly senderName: string
  readonly headline: string
  readonly description: string
  readonly instruction?: string
  readonly web?: string
  readonly area: CapArea
}
export type CapReference = { readonly sender: string; readonly identifier: string; readonly sent: Instant }
export type CapMessage = {
  readonly identifier: string
  readonly sender: string
  readonly sent: Instant
  readonly status: 'Actual' | 'Exercise' | 'Test' | 'Draft'
  readonly msgType: 'Alert' | 'Update' | 'Cancel'
  readonly scope: 'Public' | 'Restricted' | 'Private'
  readonly restriction?: string
  readonly addresses?: string
  readonly note?: string
  readonly references: readonly CapReference[]
  readonly info: readonly CapInfo[]
}

/** XML 1.0, 2.2 and 2.4: what no document may hold is left out, the rest stands for itself. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
    .replace(/\r/g, '&#13;')

/** CAP 1.2, 3.3.2: local time with its offset; UTC itself is "-00:00". Fractions of a second are cut off. */
export function capInstant(at: Instant, time_zone: string): string {
  const ms = Math.floor(instantToMs(at) / 1000) * 1000
  const parts = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: time_zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', calendar: 'iso8601' },
  }).format(ms)
  const local = parts.replace(' ', 'T')
  const offset_min = Math.round((Date.parse(`${local}Z`) - ms) / 60_000)
  const abs = Math.abs(offset_min)
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${local}${offset_min > 0 ? '+' : '-'}${pad(Math.floor(abs / 60))}:${pad(abs % 60)}`
}

const element = (name: string, text: string | undefined, pad: string): string =>
  text === undefined || text === '' ? '' : `${pad}<${name}>${escapeXml(text)}</${name}>\n`

export const referenceOf = ({ sender, identifier, sent }: CapReference, time_zone: string): string =>
  `${sender},${identifier},${capInstant(sent, time_zone)}`

export function capXml(message: CapMessage, time_zone: string): string {
  const { identifier, sender, sent, status, msgType, scope, restriction, addresses, note, references, info } = message
  const chain = references.map((reference) => referenceOf(reference, time_zone)).join(' ')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<alert xmlns="${CAP_NAMESPACE}">\n`,
    element('identifier', identifier, '  '),
    element('sender', sender, '  '),
    element('sent', capInstant(sent, time_zone), '  '),
    element('status', status, '  '),
    element('msgType', msgType, '  '),
    element('scope', scope, '  '),
    element('restriction', restriction, '  '),
    element('addresses', addresses, '  '),
    element('note', note, '  '),
    element('references', chain, '  '),
    ...info.map((one) => infoXml(one, time_zone)),
    '</alert>\n',
  ].join('')
}

function infoXml(info: CapInfo, time_zone: string): string {
  const pad = '    '
  const instant = (at: Instant | undefined) => (at === undefined ? undefined : capInstant(at, time_zone))
  return [
    '  <info>\n',
    element('language', info.language, pad),
    ...info.category.map((one) => element('category', one, pad)),
    element('event', info.event, pad),
    ...info.responseType.map((one) => element('responseType', one, pad)),
    element('urgency', info.urgency, pad),
    element('severity', info.severity, pad),
    element('certainty', info.certainty, pad),
    element('onset', instant(info.onset), pad),
    element('expires', instant(info.expires), pad),
    element('senderName', info.senderName, pad),
    element('headline', info.headline, pad),
    element('description', info.description, pad),
    element('instruction', info.instruction, pad),
    element('web', info.web, pad),
    areaXml(info.area),
    '  </info>\n',
  ].join('')
}

function areaXml({ areaDesc, polygon, circle, geocode }: CapArea): string {
  const pad = '      '
  const pair = ([latitude, longitude]: readonly [number, number]) => `${latitude},${longitude}`
  return [
    '    <area>\n',
    element('areaDesc', areaDesc, pad),
    element('polygon', polygon?.map(pair).join(' '), pad),
    element('circle', circle && `${pair(circle.at)} ${circle.radius_km}`, pad),
    ...(geocode ?? []).map(
      ({ valueName, value }) =>
        `${pad}<geocode>\n${element('valueName', valueName, `${pad}  `)}${element('value', value, `${pad}  `)}${pad}</geocode>\n`,
    ),
    '    </area>\n',
  ].join('')
}
