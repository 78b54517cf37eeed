/** The one sentence of the page: puts the facts of `status-parts.ts` into words, worst first, without judging anew. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import type { Format } from '../format.ts'
import { reasonWords, type Words } from '../i18n/index.ts'
import type { Health } from './health.ts'
import type { Outlook } from './outlook.ts'
import { type StatusPart, type Tone, toneOf } from './status-parts.ts'
import { isShaking, type StructureView } from './structure.ts'
import { trendOf, type WaterView } from './water.ts'

export type SentencePart = { readonly text: string; readonly tone: Tone }
export type Speech = { readonly words: Words; readonly format: Format }

export const sentenceParts = (parts: readonly StatusPart[], speech: Speech): SentencePart[] =>
  parts.map((part) => ({ text: partText(part, speech), tone: toneOf(part) }))

/** The whole sentence as one text: the first letter large, parts joined and closed as the language does. */
export function sentenceText(parts: readonly SentencePart[], { words }: Speech): string {
  const text = parts.map((p) => p.text).join(words.partJoin)
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${words.sentenceEnd}`
}

/** Why a value is not known: health, reason and how long ago it was heard. */
export function whyUnknown(health: Pick<Health, 'kind' | 'reason' | 'age_ms'>, { words, format }: Speech): string {
  const reason = reasonWords(words, health.reason)
  const age = health.age_ms === null || health.kind === 'ahead' ? '' : words.lastHeard(format.duration(health.age_ms))
  return [words.health[health.kind], reason, age].filter((t) => t !== '').join(words.listJoin)
}

function partText(part: StatusPart, speech: Speech): string {
  const { words, format } = speech
  switch (part.kind) {
    case 'waters-normal':
      return words.watersNormal(part.normal.length, part.total, normalList(part.normal, speech))
    case 'water-above':
      return waterAbove(part, speech)
    case 'water-rising':
      return words.waterRising(part.view.water.name, trendText(part.view, speech), outlookText(part, speech))
    case 'water-levelless':
      return words.waterNoLevels(
        part.view.water.name,
        format.quantity(part.view.stage_m ?? 0, 'stage'),
        trendText(part.view, speech),
      )
    case 'water-unknown':
      return words.waterUnknown(part.view.water.name, whyUnknown(part.view.health, speech))
    case 'structure-exceeded':
      return words.structureExceeded(
        part.view.structure.name,
        shakingText(part.view, speech),
        alarmList(part.view.active, part.view.structure.name, speech),
      )
    case 'structure-held':
      return words.structureHeld(
        part.view.structure.name,
        shakingText(part.view, speech),
        alarmList(part.view.held, part.view.structure.name, speech),
      )
    case 'structure-unknown':
      return part.view.sensors.length === 0
        ? words.structureNoSensors(part.view.structure.name)
        : words.structureUnknown(
            part.view.structure.name,
            part.view.usable,
            part.view.sensors.length,
            shakingText(part.view, speech),
          )
    case 'structure-shaking': {
      const say = part.view.limits === 0 ? words.structureNoLimits : words.structureShaking
      return say(part.view.structure.name, shakingText(part.view, speech))
    }
    case 'structure-quiet': {
      if (part.view.limits === 0) return words.structureNoLimits(part.view.structure.name, words.noShaking)
      return words.structureQuiet(part.view.structure.name)
    }
    default:
      return siteText(part, speech)
  }
}

type SitePart = Exclude<StatusPart, { view: unknown } | { kind: 'waters-normal' }>

function siteText(part: SitePart, speech: Speech): string {
  const { words } = speech
  switch (part.kind) {
    case 'other-alarms':
      return words.otherAlarms(part.names.length, few(part.names, words.listJoin))
    case 'unanswered':
      return words.unanswered(part.count, part.late)
    case 'sensors-silent': {
      const list = part.silent.map((s) => `${s.name} ${whyUnknown({ ...s, reason: null }, speech)}`)
      return words.sensorsSilent(part.silent.length, part.total, few(list, words.partJoin))
    }
    case 'sensors-suspect':
      return words.sensorsSuspect(part.names.length, part.total, few(part.names, words.listJoin))
    case 'sensors-fresh':
      return words.sensorsFresh(part.total)
    case 'node-away':
      return words.nodeAway(part.id, reasonWords(words, part.reason))
    case 'site-differs':
      return words.siteDiffers(part.id)
    case 'store-away':
      return words.storeAway
    case 'nothing-watched':
      return words.nothingWatched
  }
}

/** Names are said of a few; of many the count alone is read at a glance, and the lists below it name them. */
const FEW = 3
const few = (items: readonly string[], join: string): string => (items.length > FEW ? '' : items.join(join))

const normalList = (views: readonly WaterView[], speech: Speech): string =>
  few(
    views.map((view) => {
      const trend = trendText(view, speech)
      const stage = speech.format.quantity(view.stage_m ?? 0, 'stage')
      return [`${view.water.name} ${stage}`, trend].filter((t) => t !== '').join(speech.words.listJoin)
    }),
    speech.words.partJoin,
  )

function waterAbove({ view, since_ms, outlook }: Extract<StatusPart, { kind: 'water-above' }>, speech: Speech): string {
  const { words, format } = speech
  const top = view.top!
  const since = since_ms === null ? '' : format.shortClock(since_ms)
  if (view.stage_m === null)
    return words.waterHeldUnknownItem(view.water.name, top.level.name, whyUnknown(view.health, speech))
  const say = top.mark === 'held' ? words.waterHeldItem : words.waterAboveItem
  const next = outlook === null ? '' : outlookText({ outlook }, speech)
  return say(view.water.name, top.level.name, since, trendText(view, speech), next)
}

/** `Level 1 in about 50 min`. */
export function outlookText({ outlook }: { outlook: Outlook }, { words, format }: Speech): string {
  return words.levelIn(outlook.level.name, format.about(outlook.reach.likely_s * 1000))
}

/** `rising 0.43 m/h`; empty where there is no rate. */
export function trendText(view: Pick<WaterView, 'rate_m_s'>, { words, format }: Speech): string {
  if (view.rate_m_s === null) return ''
  const trend = trendOf(view.rate_m_s)
  return trend === 'steady' ? words.steady : words[trend](format.quantity(Math.abs(view.rate_m_s), 'rate_of_rise'))
}

/** Names of limits often begin with that of their structure, which has just been said. */
export const nameWithin = (structure: string, name: string): string =>
  name.startsWith(`${structure}: `) ? name.slice(structure.length + 2) : name

const alarmList = (alarms: readonly AlarmJson[], structure: string, { words, format }: Speech): string =>
  alarms
    .map((a) => {
      const name = nameWithin(structure, a.name)
      return a.peak === null || !VALUE_KINDS.includes(a.kind)
        ? name
        : words.peakOf(name, format.inUnit(a.peak, a.unit, a.kind))
    })
    .join(words.partJoin)

function shakingText(view: StructureView, { words, format }: Speech): string {
  if (view.pga_m_s2 === null) return ''
  const pga = format.quantity(view.pga_m_s2, 'acceleration')
  return isShaking(view.pga_m_s2) ? words.shakingNow(pga) : words.pgaNow(pga)
}
