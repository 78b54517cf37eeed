/** Rules of the quality tests that a site gives a device: a channel that is there, a unit of it, thresholds that make sense. */
import { channelsOfDevice } from './channel.ts'
import type { Model } from './model.ts'
import { qualityMistakes } from './quality-tests.ts'
import type { SiteDevice } from './site.ts'
import { quantityOf } from './units.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

type Say = Checked['mistakeAt']

export function deviceQualityMistakes(device: SiteDevice, model: Model | undefined, path: Path, say: Say): Mistake[] {
  return (device.quality ?? []).flatMap(({ metric, unit, tests }, i, all) => {
    const at: Path = [...path, 'quality', i]
    const out = qualityMistakes(tests).map((m) => say([...at, 'tests', ...m.path], m.expected, m.got))
    if (all.findIndex((other) => other.metric === metric) !== i)
      return [...out, say([...at, 'metric'], 'a metric that no other entry has', metric)]
    if (model === undefined) return out
    const channels = channelsOfDevice(device, model)
    const channel = channels.find((c) => c.metric === metric)
    if (channel === undefined)
      return [
        ...out,
        say([...at, 'metric'], `a channel of ${model.id} (${channels.map((c) => c.metric).join(', ')})`, metric),
      ]
    const { quantity } = channel
    const own = model.points?.find((p) => p.metric === metric)?.unit ?? channel.unit
    return quantityOf(unit) === quantity
      ? out
      : [...out, say([...at, 'unit'], `a unit of ${quantity}, e.g. ${own}`, unit)]
  })
}
