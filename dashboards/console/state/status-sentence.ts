/** The one sentence of the page: puts the facts of `status-parts.ts` into words, worst first, without judging anew. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { VALUE_KINDS } from '../../../domain/condition.ts'
import type { Format } from '../format.ts'
import { reasonWords, type Words } from '../i18n/index.ts'
import type { Health } from './health.ts'
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
    case 'waters-above':
      return words.watersAbove(
        part.above.length,
        part.total,
        part.above.map((view) => waterAbove(view, speech)).join(words.partJoin),
      )
    case 'water-quiet': {
      const say = part.view.levels.length === 0 ? words.waterNoLevels : words.waterQuiet
      return say(part.view.water.name, format.quantity(part.view.stage_m ?? 0, 'stage'), trendText(part.view, speech))
    }
    case 'water-unknown':
      return words.waterUnknown(part.view.water.name, whyUnknown(part.view.health, speech))
    case 'structure-exceeded':
      return words.structureExceeded(
        part.view.structure.name,
        shakingText(part.view, speech),
        alarmList(part.view.active, speech),
      )
    case 'structure-held':
      return words.structureHeld(
        part.view.structure.name,
        shakingText(part.view, speech),
        alarmList(part.view.held, speech),
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
    case 'structure-shaking':
    case 'structure-quiet': {
      const say = part.view.limits === 0 ? words.structureNoLimits : words.structureQuiet
      return say(part.view.structure.name, shakingText(part.view, speech))
    }
    default:
      return siteText(part, speech)
  }
}

type SitePart = Exclude<StatusPart, { view: unknown } | { kind: 'waters-above' }>

function siteText(part: SitePart, speech: Speech): string {
  const { words } = speech
  switch (part.kind) {
    case 'other-alarms':
      return words.otherAlarms(part.names.length, part.names.join(words.listJoin))
    case 'unanswered':
      return words.unanswered(part.count, part.late)
    case 'sensors-silent': {
      const list = part.silent.map((s) => `${s.name} ${whyUnknown({ ...s, reason: null }, speech)}`)
      return words.sensorsSilent(part.silent.length, part.total, list.join(words.partJoin))
    }
    case 'sensors-suspect':
      return words.sensorsSuspect(part.names.length, part.total, part.names.join(words.listJoin))
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

function waterAbove(view: WaterView, speech: Speech): string {
  const { words, format } = speech
  const top = view.top!
  if (view.stage_m === null)
    return words.waterHeldUnknownItem(view.water.name, top.level.name, whyUnknown(view.health, speech))
  const say = top.mark === 'held' ? words.waterHeldItem : words.waterAboveItem
  return say(view.water.name, format.quantity(view.stage_m, 'stage'), top.level.name, trendText(view, speech))
}

/** `rising 0.43 m/h`; empty where there is no rate. */
export function trendText(view: Pick<WaterView, 'rate_m_s'>, { words, format }: Speech): string {
  if (view.rate_m_s === null) return ''
  const trend = trendOf(view.rate_m_s)
  return trend === 'steady' ? words.steady : words[trend](format.quantity(Math.abs(view.rate_m_s), 'rate_of_rise'))
}

const alarmList = (alarms: readonly AlarmJson[], { words, format }: Speech): string =>
  alarms
    .map((a) =>
      a.peak === null || !VALUE_KINDS.includes(a.kind)
        ? a.name
        : words.peakOf(a.name, format.inUnit(a.peak, a.unit, a.kind)),
    )
    .join(words.partJoin)

function shakingText(view: StructureView, { words, format }: Speech): string {
  if (view.pga_m_s2 === null) return ''
  const pga = format.quantity(view.pga_m_s2, 'acceleration')
  return isShaking(view.pga_m_s2) ? words.shakingNow(pga) : words.pgaNow(pga)
}
