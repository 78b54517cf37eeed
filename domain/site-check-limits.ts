/**
 * Rules of limits in a site file, kind by kind: exactly one kind, a channel that gives what it judges, the right unit, a
 * limit that can be reached. Rules of everything else are `site-check.ts`.
 */
import { AUTOMATIC_PREFIXES } from './automatic-limits.ts'
import { type Channel, devicesOf } from './channel.ts'
import { splitChannel } from './ids.ts'
import { limitOf, membersOf } from './limit-of.ts'
import type { Model } from './model.ts'
import type { SiteFile } from './site.ts'
import { LIMIT_KEYS, type LimitKey, type SiteLimit } from './site-limit.ts'
import { quantityOf } from './units.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

type Say = Checked['mistakeAt']
type Case = {
  readonly file: SiteFile
  readonly models: ReadonlyMap<string, Model>
  readonly channels: ReadonlyMap<string, Channel>
  readonly entry: SiteLimit
  readonly channel: Channel
  readonly path: Path
  readonly say: Say
}

/** Kinds that judge every sample; the others need values that come one at a time. */
const ON_SAMPLES: readonly LimitKey[] = ['above', 'below', 'outside', 'stale_s', 'k_of_n']
/** Kinds whose limit is written in a unit of the channel. */
const IN_UNIT: readonly LimitKey[] = ['above', 'below', 'outside', 'rising_faster_than', 'differs_from']

export function limitMistakes(
  file: SiteFile,
  models: ReadonlyMap<string, Model>,
  channels: ReadonlyMap<string, Channel>,
  i: number,
  say: Say,
): Mistake[] {
  const entry = file.limits[i]!
  const path: Path = ['limits', i]
  const out: Mistake[] = []
  if (AUTOMATIC_PREFIXES.some((prefix) => entry.id.startsWith(prefix)))
    out.push(say([...path, 'id'], `an id that does not begin with ${AUTOMATIC_PREFIXES.join(', ')}`, entry.id))
  const given = LIMIT_KEYS.filter((key) => entry[key] !== undefined)
  if (given.length !== 1)
    return [
      ...out,
      say(path, `exactly one of ${LIMIT_KEYS.join(', ')}`, given.length === 0 ? undefined : given.join(' and ')),
    ]
  const key = given[0]!
  const channel = channels.get(entry.channel)
  if (channel === undefined || channel.kind === 'axis') {
    const usable = [...channels.values()].filter((c) => c.kind !== 'axis').map((c) => c.id)
    return [...out, say([...path, 'channel'], `a channel with single values (${usable.join(', ')})`, entry.channel)]
  }
  const at: Case = { file, models, channels, entry, channel, path, say }
  return [...out, ...channelKind(at, key), ...unitMistakes(at, key), ...RULES[key](at), ...deadbandMistakes(at, key)]
}

function channelKind({ models, file, entry, channel, path, say }: Case, key: LimitKey): Mistake[] {
  if (ON_SAMPLES.includes(key)) return []
  const model = devicesOf({ file, models }).find(({ device }) => device.id === channel.device)?.model
  const slow =
    channel.kind === 'point' || (channel.kind === 'measure' && model?.ring === undefined && model?.fifo === undefined)
  return slow ? [] : [say([...path, 'channel'], `a channel that is polled value by value, for ${key}`, entry.channel)]
}

function unitMistakes({ entry, channel, path, say }: Case, key: LimitKey): Mistake[] {
  const named = key === 'level' || entry.reaching?.level !== undefined
  const needed = IN_UNIT.includes(key) || entry.reaching?.value !== undefined
  if (entry.unit === undefined)
    return needed ? [say([...path, 'unit'], `the unit of ${key}, e.g. ${channel.unit}`, undefined)] : []
  if (!needed && !named)
    return [say([...path, 'unit'], `no unit: ${key} is in ${key === 'k_of_n' ? 'limits' : 'seconds'}`, entry.unit)]
  return quantityOf(entry.unit) === channel.quantity
    ? []
    : [say([...path, 'unit'], `a unit of ${channel.quantity}, e.g. ${channel.unit}`, entry.unit)]
}

/** Kinds of which "the safe side" means nothing. */
const deadbandMistakes = ({ entry, path, say }: Case, key: LimitKey): Mistake[] =>
  ['stale_s', 'failed_s', 'k_of_n'].includes(key) && entry.deadband !== 0
    ? [say([...path, 'deadband'], `no deadband for ${key}; its off-delay is off_delay_s`, entry.deadband)]
    : []

const RULES: Readonly<Record<LimitKey, (at: Case) => Mistake[]>> = {
  above: (at) => reach(at, 'above', at.entry.above!),
  below: (at) => reach(at, 'below', at.entry.below!),
  level: (at) => level(at, at.entry.level!, ['level']),
  outside: ({ entry, path, say, ...at }) => {
    const { low, high } = entry.outside!
    if (!(low < high)) return [say([...path, 'outside', 'low'], `a value below high (${high})`, low)]
    const bound = (key: 'low' | 'high'): Mistake[] => {
      const { outside: _, ...rest } = entry
      const as = key === 'low' ? { ...rest, below: low } : { ...rest, above: high }
      return reach({ ...at, path, say, entry: as }, 'outside', entry.outside![key], [key])
    }
    const width = high - low
    const wide = entry.deadband * 2 < width
    return [
      ...bound('low'),
      ...bound('high'),
      ...(wide ? [] : [say([...path, 'deadband'], `less than half of ${width}, else it never clears`, entry.deadband)]),
    ]
  },
  rising_faster_than: ({ entry, path, say }) =>
    entry.deadband < entry.rising_faster_than!.per_h
      ? []
      : [
          say(
            [...path, 'deadband'],
            `less than per_h (${entry.rising_faster_than!.per_h}), else it never clears`,
            entry.deadband,
          ),
        ],
  reaching: (at) => {
    const { level: name, value } = at.entry.reaching!
    if ((name === undefined) === (value === undefined))
      return [
        at.say(
          [...at.path, 'reaching'],
          'exactly one of level, value',
          name === undefined ? undefined : 'level and value',
        ),
      ]
    if (name !== undefined) return level(at, name, ['reaching', 'level'])
    const { reaching: _, ...rest } = at.entry
    return reach({ ...at, entry: { ...rest, above: value } }, 'reaching', value!, ['value'])
  },
  stale_s: () => [],
  failed_s: () => [],
  differs_from: differsMistakes,
  k_of_n: voteMistakes,
}

function level({ file, channel, path, say }: Case, name: string, key: string[]): Mistake[] {
  const levels = file.waters
    .filter((w) => w.gauge === channel.id)
    .flatMap((w) => w.levels.map((l) => `${w.id}/${l.id}`))
  return levels.includes(name)
    ? []
    : [say([...path, ...key], `a level of the water that ${channel.id} gauges (${levels.join(', ')})`, name)]
}

/** A limit outside what the sensor can measure would never raise: that is a mistake, not a setting. */
function reach(
  { file, channels, channel, entry, path, say }: Case,
  key: string,
  got: number,
  below: string[] = [],
): Mistake[] {
  if (entry.unit === undefined || quantityOf(entry.unit) !== channel.quantity) return []
  const limit = limitOf(file, channels, entry)
  const { range } = channel
  if (limit === undefined || range === undefined || (limit.limit >= range.low && limit.limit <= range.high)) return []
  return [
    say(
      [...path, key, ...below],
      `within what the sensor measures (${range.low} to ${range.high} ${channel.unit})`,
      got,
    ),
  ]
}

function placeOf(file: SiteFile, channel: string): { node: string; simulated: boolean } | undefined {
  const { device } = splitChannel(channel)
  for (const node of file.nodes)
    for (const link of node.links)
      for (const d of link.devices) if (d.id === device) return { node: node.id, simulated: d.simulated !== undefined }
  return undefined
}

/** Real and simulated may not be judged together: an exercise must never speak for, or silence, the real thing. */
function together(file: SiteFile, a: string, b: string): string | undefined {
  const [one, other] = [placeOf(file, a), placeOf(file, b)]
  if (one === undefined || other === undefined) return undefined
  if (one.node !== other.node) return `of node ${one.node}, which judges this limit`
  return one.simulated === other.simulated ? undefined : `that is ${one.simulated ? 'simulated' : 'real'} too`
}

function differsMistakes({ file, channels, channel, entry, path, say }: Case): Mistake[] {
  const { channel: name, by } = entry.differs_from!
  const at = [...path, 'differs_from', 'channel']
  const other = channels.get(name)
  const out: Mistake[] = []
  if (entry.deadband >= by)
    out.push(say([...path, 'deadband'], `less than by (${by}), else it never clears`, entry.deadband))
  if (other === undefined || other.id === channel.id || other.quantity !== channel.quantity || other.kind === 'axis') {
    const usable = [...channels.values()].filter(
      (c) => c.quantity === channel.quantity && c.kind !== 'axis' && c.id !== channel.id,
    )
    return [...out, say(at, `another channel of ${channel.quantity} (${usable.map((c) => c.id).join(', ')})`, name)]
  }
  const apart = together(file, channel.id, name)
  return apart === undefined ? out : [...out, say(at, `a channel ${apart}`, name)]
}

function voteMistakes({ file, entry, path, say }: Case): Mistake[] {
  const { limits, k } = entry.k_of_n!
  const at = [...path, 'k_of_n']
  const out: Mistake[] = []
  if (k > limits.length) out.push(say([...at, 'k'], `at most the number of limits (${limits.length})`, k))
  limits.forEach((id, i) => {
    const member = membersOf(file, [id])[0]
    const apart = member && together(file, entry.channel, member.channel)
    if (limits.indexOf(id) !== i) out.push(say([...at, 'limits', i], 'a limit named once', id))
    else if (member === undefined || member.k_of_n !== undefined)
      out.push(say([...at, 'limits', i], 'the id of a limit of the site that is no k_of_n itself', id))
    else if (apart !== undefined) out.push(say([...at, 'limits', i], `a limit on a channel ${apart}`, id))
  })
  return out
}
