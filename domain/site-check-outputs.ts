/**
 * Rules of local outputs in a site file: something that may be written on a device of the same node, causes that are there,
 * one way of being on. A siren that could never sound is a mistake, and so is one that an exercise could sound.
 */
import { automaticLimits } from './automatic-limits.ts'
import { devicesOf } from './channel.ts'
import { splitChannel } from './ids.ts'
import type { Model, ScalarPoint } from './model.ts'
import type { SiteDevice, SiteFile } from './site.ts'
import { OUTPUT_MODES, type SiteOutput } from './site-limit.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

type Say = Checked['mistakeAt']
type Place = { readonly device: SiteDevice; readonly model: Model }

export function outputMistakes(file: SiteFile, models: ReadonlyMap<string, Model>, say: Say): Mistake[] {
  const placed = devicesOf({ file, models })
  const seen = new Set<string>()
  const driven = new Set<string>()
  return file.nodes.flatMap((node, n) =>
    (node.outputs ?? []).flatMap((output, o) => {
      const path: Path = ['nodes', n, 'outputs', o]
      const out: Mistake[] = []
      if (seen.has(output.id)) out.push(say([...path, 'id'], 'an output id that no other entry has', output.id))
      seen.add(output.id)
      const here = new Map(placed.filter((p) => p.node.id === node.id).map((p) => [p.device.id, p as Place]))
      const target = `${output.drives.device}/${output.drives.point ?? output.drives.coil}`
      if (driven.has(target)) out.push(say([...path, 'drives'], 'what no other output drives', target))
      driven.add(target)
      const modes = OUTPUT_MODES.filter((key) => output[key] !== undefined && output[key] !== false)
      if (modes.length !== 1)
        out.push(
          say(path, `exactly one of ${OUTPUT_MODES.join(', ')}`, modes.length === 0 ? undefined : modes.join(' and ')),
        )
      if (output.pulse_s !== undefined && output.pulse_s > output.max_s)
        out.push(say([...path, 'pulse_s'], `at most max_s (${output.max_s})`, output.pulse_s))
      return [
        ...out,
        ...driveMistakes(output, here, path, say),
        ...causeMistakes(file, models, output, here, path, say),
      ]
    }),
  )
}

function driveMistakes(output: SiteOutput, here: ReadonlyMap<string, Place>, path: Path, say: Say): Mistake[] {
  const { drives, silence, on_value, off_value } = output
  const writable = ({ writable: may, table }: ScalarPoint) => may === true && (table === 'coil' || table === 'holding')
  const readable = ({ type }: ScalarPoint) => type === 'bit'
  const out = [
    ...pointMistakes(drives, here, [...path, 'drives'], 'writable', writable, say),
    ...(silence === undefined ? [] : pointMistakes(silence, here, [...path, 'silence'], 'bit', readable, say)),
  ]
  if (on_value === off_value)
    out.push(say([...path, 'on_value'], `a value other than off_value (${off_value})`, on_value))
  const point = here.get(drives.device)?.model.points?.find((p) => p.metric === drives.point)
  for (const key of ['on_value', 'off_value'] as const)
    if (point !== undefined && (output[key] < point.range.low || output[key] > point.range.high))
      out.push(say([...path, key], `within ${point.range.low} to ${point.range.high} ${point.unit}`, output[key]))
  return out
}

function pointMistakes(
  at: SiteOutput['drives'],
  here: ReadonlyMap<string, Place>,
  path: Path,
  what: string,
  fits: (point: ScalarPoint) => boolean,
  say: Say,
): Mistake[] {
  const place = here.get(at.device)
  if (place === undefined)
    return [say([...path, 'device'], `a device of this node (${[...here.keys()].join(', ')})`, at.device)]
  if ((at.point === undefined) === (at.coil === undefined))
    return [say(path, 'exactly one of point, coil', at.point === undefined ? undefined : 'point and coil')]
  if (at.point === undefined) return []
  const usable = (place.model.points ?? []).filter(fits).map((p) => p.metric)
  return usable.includes(at.point)
    ? []
    : [say([...path, 'point'], `a ${what} point of ${place.model.id} (${usable.join(', ')})`, at.point)]
}

function causeMistakes(
  file: SiteFile,
  models: ReadonlyMap<string, Model>,
  output: SiteOutput,
  here: ReadonlyMap<string, Place>,
  path: Path,
  say: Say,
): Mistake[] {
  const { when, drives } = output
  if (when.any === undefined && when.all === undefined && when.desk_offline_s === undefined)
    return [say([...path, 'when'], 'at least one of any, all, desk_offline_s', undefined)]
  const channels = new Map([
    ...file.limits.map((l) => [l.id, l.channel] as const),
    ...automaticLimits(file, models)
      .filter((l) => l.kind === 'failed_s')
      .map((l) => [l.id, l.channel] as const),
  ])
  const real = here.get(drives.device)?.device.simulated === undefined
  return (['any', 'all'] as const).flatMap((key) =>
    (when[key] ?? []).flatMap((id, i) => {
      const at = [...path, 'when', key, i]
      const channel = channels.get(id)
      const cause = channel === undefined ? undefined : here.get(splitChannel(channel).device)
      if (cause === undefined) return [say(at, 'the id of a limit that this node judges', id)]
      return real && cause.device.simulated !== undefined
        ? [say(at, 'a limit on a real device: an exercise drives no real output', id)]
        : []
    }),
  )
}
