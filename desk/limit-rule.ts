/** The rule of a limit in the words of every language, with the names and units of this site. Pure. */
import type { RuleJson } from '../domain/api.ts'
import { channelsOf, levelStage_m, type Site } from '../domain/channel.ts'
import { kindOfLimit, type Limit } from '../domain/condition.ts'
import { splitShadow } from '../domain/drill.ts'
import { channelId, splitChannel } from '../domain/ids.ts'
import { RULE_WORDS, type RuleWords, ruleOf } from '../domain/limit-words.ts'
import { onScreen } from './notice.ts'

export type TellRule = (limit: Limit) => RuleJson | null

/** `null` of limits that value and limit explain, and of kinds that this version does not know. */
export function ruleTeller(site: Site): TellRule {
  const units = new Map(channelsOf(site).map(({ id, unit }) => [id, unit as string]))
  const target = (channel: string, value: number): string => {
    const real = realChannel(channel)
    const levels = site.file.waters.flatMap((water) => (water.gauge === real ? levelsOf(water) : []))
    const level = levels.find(({ stage_m }) => Math.fround(stage_m) === Math.fround(value))
    return level?.name ?? onScreen(value, units.get(real) ?? '')
  }
  const say = (limit: Limit, words: RuleWords) =>
    ruleOf({ ...limit, kind: kindOfLimit(limit), parameters: limit.parameters ?? null }, words, {
      amount: onScreen,
      target,
    })
  return (limit) => {
    const [en, zh] = [say(limit, RULE_WORDS.en), say(limit, RULE_WORDS['zh-TW'])]
    return en === null || zh === null ? null : { en, 'zh-TW': zh }
  }
}

type Water = Site['file']['waters'][number]
const levelsOf = (water: Water) =>
  water.levels.map(({ name, stage }) => ({ name, stage_m: levelStage_m(water, stage) }))

/** A shadow stands for its real device. */
function realChannel(channel: string): string {
  const { device, metric } = splitChannel(channel)
  return channelId(splitShadow(device)?.id ?? device, metric)
}
