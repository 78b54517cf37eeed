/**
 * Which simulated devices, links and nodes of a site a step is about. Of devices only what measures something is found here
 * (`kinds.ts`).
 */
import { devicesOf, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { quantityOf } from '../../domain/units.ts'
import { type Kind, kindsOf } from './kinds.ts'
import type { ScenarioStep } from './schema.ts'

export type Target = PlacedDevice & { readonly kinds: readonly Kind[]; readonly id: string }
export type SitePart = Pick<Site, 'file' | 'models'>

/** In the site's order. A device that measures nothing keeps playing what its site file says. */
export const targetsOf = (site: SitePart): Target[] =>
  devicesOf(site).flatMap((placed) => {
    const kinds = kindsOf(placed.model)
    return kinds.length === 0 || placed.device.simulated === undefined
      ? []
      : [{ ...placed, kinds, id: placed.device.id }]
  })

export const isA = ({ kinds }: Pick<Target, 'kinds'>, kind: string | undefined): boolean =>
  kinds.some((own) => own === kind)

/** Whether an earthquake reaches it: what moves, and what leans with a building. */
export const isShaken = (target: Target): boolean =>
  isA(target, 'accelerometer') || (isA(target, 'tilt') && floorOf(target) !== undefined)

export const stagePoint = (model: PlacedDevice['model']) => model.points?.find((p) => quantityOf(p.unit) === 'stage')

/** Those that a step with `device`, `first` or `every` names; none where the site has none. */
export function targetsOfStep(step: ScenarioStep, targets: readonly Target[]): Target[] {
  if (step.device !== undefined) return targets.filter((t) => t.id === step.device)
  if (step.first !== undefined) return targets.filter((t) => isA(t, step.first)).slice(0, 1)
  return targets.filter((t) => isA(t, step.every))
}

export type LinkPlace = { readonly node: string; readonly link: string }
export const linkName = ({ node, link }: LinkPlace): string => `${node}/${link}`

/** Links whose devices are simulated, all of them, in the site's order: a real device's wire is never touched. */
export const linksOf = (site: SitePart): LinkPlace[] =>
  site.file.nodes.flatMap((node) =>
    node.links
      .filter((link) => link.devices.length > 0 && link.devices.every((d) => d.simulated !== undefined))
      .map((link) => ({ node: node.id, link: link.id })),
  )

/** Links that a step with `wire` names: by `link`, or those of the devices it names. */
export function linksOfStep(step: ScenarioStep, site: SitePart): LinkPlace[] {
  const links = linksOf(site)
  if (step.link !== undefined) return links.filter((place) => linkName(place) === step.link)
  if (step.first === 'link') return links.slice(0, 1)
  if (step.every === 'link') return links
  const placed = targetsOfStep(step, targetsOf(site))
  const named = new Set(placed.map(({ node, link }) => linkName({ node: node.id, link: link.id })))
  return links.filter((place) => named.has(linkName(place)))
}

export const nodesOfStep = ({ node }: ScenarioStep, site: SitePart): string[] =>
  site.file.nodes.map(({ id }) => id).filter((id) => node === undefined || id === node)

/** `<structure>/<floor>` of a device, taken apart. */
export function floorOf({ device }: Pick<Target, 'device'>): { structure: string; floor: string } | undefined {
  const [structure, floor] = device.floor?.split('/') ?? []
  return structure === undefined || floor === undefined ? undefined : { structure, floor }
}

/** Gauges of a flood, in the order in which the water passes them. */
export const gaugesOfFlood = (flood: NonNullable<ScenarioStep['flood']>, targets: readonly Target[]): Target[] =>
  flood.gauges === undefined
    ? targets.filter((t) => isA(t, 'gauge'))
    : flood.gauges.flatMap((id) => targets.filter((t) => t.id === id && isA(t, 'gauge')))
