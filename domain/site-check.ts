/**
 * What a site file must hold beyond its schema: ids that are unique and meet, limits that can be reached, devices that
 * exist. Each rule is one small function; all of them run, so that every mistake is reported at once.
 */
import { type Channel, channelsOf, endpointOf, kindOf, LINK_KINDS } from './channel.ts'
import { blocksNodeId } from './ids.ts'
import type { SiteFile, SiteLink } from './site.ts'
import { SEVERITIES } from './site.ts'
import { alarmMistakes } from './site-check-alarms.ts'
import { brokerMistakes } from './site-check-broker.ts'
import { capMistakes } from './site-check-cap.ts'
import { deskMistakes } from './site-check-desk.ts'
import { ingestMistakes } from './site-check-ingest.ts'
import { limitMistakes } from './site-check-limits.ts'
import { noticeMistakes } from './site-check-notices.ts'
import { outputMistakes } from './site-check-outputs.ts'
import { deviceQualityMistakes } from './site-check-quality.ts'
import type { Known } from './site-load.ts'
import { fromIso } from './time.ts'
import type { Checked, Mistake, Path } from './yaml-check.ts'

type Say = Checked['mistakeAt']
type Placed = { path: Path; nodeIndex: number; device: SiteFile['nodes'][number]['links'][number]['devices'][number] }

/** `misshapen`: the file breaks its schema, so a rule that stumbles over the broken place is left out, not reported. */
export function siteMistakes(file: SiteFile, known: Known, say: Say, misshapen = false): Mistake[] {
  const rule = <T>(run: () => T[]): T[] => {
    try {
      return run()
    } catch (error) {
      if (misshapen) return []
      throw error
    }
  }
  const channels = new Map(rule(() => channelsOf({ file, models: known.models })).map((c) => [c.id, c]))
  return [
    ...rule(() => duplicateIds(file, say)),
    ...rule(() => linkMistakes(file, say)),
    ...rule(() => endpoints(file, say)),
    ...rule(() => timeZone(file, say)),
    ...rule(() => brokerMistakes(file, say)),
    ...rule(() => ingestMistakes(file, say)),
    ...rule(() => alarmMistakes(file, channels, say)),
    ...rule(() => deskMistakes(file, say)),
    ...rule(() => placed(file)).flatMap((p) => rule(() => deviceMistakes(file, known, p, say))),
    // Without a single good device every channel would look unknown: an echo, not a mistake.
    ...(channels.size > 0
      ? rule(() => file.waters.flatMap((_, i) => rule(() => waterMistakes(file, channels, i, say))))
      : []),
    ...(channels.size > 0
      ? rule(() => file.limits.flatMap((_, i) => rule(() => limitMistakes(file, known.models, channels, i, say))))
      : []),
    ...(channels.size > 0 ? rule(() => outputMistakes(file, known.models, say)) : []),
    ...rule(() => capMistakes(file, say)),
    ...rule(() => noticeMistakes(file, known.models, say)),
  ]
}

const placed = (file: SiteFile): Placed[] =>
  file.nodes.flatMap((node, n) =>
    node.links.flatMap((link, l) =>
      link.devices.map((device, d) => ({ path: ['nodes', n, 'links', l, 'devices', d], nodeIndex: n, device })),
    ),
  )

/** `keys`: what must be unique, where it is more or other than the id. */
type Named = { readonly path: Path; readonly id: string | number; readonly keys?: readonly string[] }
/** Every id that stands a second time, told at its second place. */
function repeated(items: readonly Named[], what: string, say: Say): Mistake[] {
  const seen = new Set<string | number>()
  return items.flatMap(({ path, id, keys = [id] }) => {
    const twice = keys.some((key) => seen.has(key))
    for (const key of keys) seen.add(key)
    return twice ? [say(path, `${what} that no other entry has`, id)] : []
  })
}

function duplicateIds(file: SiteFile, say: Say): Mistake[] {
  const list = <T extends { id: string }>(items: readonly T[], base: Path) =>
    items.map((item, i) => ({ path: [...base, i, 'id'], id: item.id }))
  const nodeIds = new Set(file.nodes.map((n) => n.id))
  return [
    ...repeated(list(file.nodes, ['nodes']), 'a node id', say),
    ...file.nodes.flatMap((node, n) => {
      const twin = file.nodes.find((other) => blocksNodeId(other.id) === node.id)
      return twin === undefined || !nodeIds.has(twin.id)
        ? []
        : [say(['nodes', n, 'id'], `an id other than the second Sparkplug node of ${twin.id}`, node.id)]
    }),
    ...file.nodes.flatMap((node, n) => repeated(list(node.links, ['nodes', n, 'links']), 'a link id', say)),
    ...repeated(
      placed(file).map(({ path, device }) => ({ path: [...path, 'id'], id: device.id })),
      'a device id',
      say,
    ),
    ...repeated(list(file.limits, ['limits']), 'a limit id', say),
    ...repeated(list(file.structures, ['structures']), 'a structure id', say),
    ...file.structures.flatMap((s, i) => repeated(list(s.floors, ['structures', i, 'floors']), 'a floor id', say)),
    ...repeated(list(file.waters, ['waters']), 'a water id', say),
    ...file.waters.flatMap((w, i) => repeated(list(w.levels, ['waters', i, 'levels']), 'a level id', say)),
  ]
}

const variantsOf = (link: SiteLink) => LINK_KINDS.filter((kind) => link[kind] !== undefined)

/** A link is reached in one way, and an RTU frame to unit 0 is a broadcast that nobody answers (Serial Line 1.02, 2.2). */
function linkMistakes(file: SiteFile, say: Say): Mistake[] {
  return file.nodes.flatMap((node, n) =>
    node.links.flatMap((link, l) => {
      const path: Path = ['nodes', n, 'links', l]
      const given = variantsOf(link)
      if (given.length !== 1)
        return [
          say(path, `exactly one of ${LINK_KINDS.join(', ')}`, given.length === 0 ? undefined : given.join(' and ')),
        ]
      if (given[0] === 'tcp') return []
      const broadcast = link.devices.flatMap((device, d) =>
        device.unit_id === 0
          ? [say([...path, 'devices', d, 'unit_id'], 'a unit id other than 0, which is broadcast on RTU', 0)]
          : [],
      )
      const simulated = link.devices.some((device) => device.simulated !== undefined)
      const farEnd = link.rtu === undefined || !simulated || link.rtu.simulator_path !== undefined
      return farEnd
        ? broadcast
        : [
            ...broadcast,
            say(
              [...path, 'rtu', 'simulator_path'],
              'the far end of the line, where simulated devices answer',
              undefined,
            ),
          ]
    }),
  )
}

/**
 * One connection per endpoint (many devices allow just one), and one unit id per device on it. Two nodes on two machines may
 * both have a /dev/ttyUSB0; simulated lines all end in the one simulator.
 */
function endpoints(file: SiteFile, say: Say): Mistake[] {
  const links = file.nodes.flatMap((node, n) =>
    node.links.flatMap((link, l) => {
      if (variantsOf(link).length !== 1) return []
      const path: Path = ['nodes', n, 'links', l, kindOf(link)]
      const far = link.rtu?.simulator_path
      const here = (id: string) => `serial port of ${node.id}: ${id}`
      const keysOf = (id: string) => (link.rtu === undefined ? [id] : far === undefined ? [here(id)] : [id, here(id)])
      const near = endpointOf(link)
      return [
        { path, id: near, keys: keysOf(near) },
        ...(far === undefined ? [] : [{ path: [...path, 'simulator_path'], id: far, keys: keysOf(far) }]),
      ]
    }),
  )
  const units = file.nodes.flatMap((node, n) =>
    node.links.flatMap((link, l) =>
      repeated(
        link.devices.map((d, i) => ({ path: ['nodes', n, 'links', l, 'devices', i, 'unit_id'], id: d.unit_id })),
        'a unit id on this link',
        say,
      ),
    ),
  )
  const mixed = file.nodes.flatMap((node, n) =>
    node.links.flatMap((link, l) => {
      const real = link.devices.findIndex((d) => d.simulated === undefined)
      return real < 0 || link.devices.every((d) => d.simulated === undefined)
        ? []
        : [
            say(
              ['nodes', n, 'links', l, 'devices', real, 'simulated'],
              'an entry, as other devices of this link have: simulated and real devices share no link',
              undefined,
            ),
          ]
    }),
  )
  return [...repeated(links, 'an endpoint', say), ...units, ...mixed]
}

function timeZone(file: SiteFile, say: Say): Mistake[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: file.time_zone })
    return []
  } catch {
    return [say(['time_zone'], 'an IANA time zone, e.g. Asia/Taipei', file.time_zone)]
  }
}

function deviceMistakes(file: SiteFile, known: Known, { path, device }: Placed, say: Say): Mistake[] {
  const out: Mistake[] = []
  const model = known.models.get(device.model)
  if (model === undefined)
    out.push(
      say([...path, 'model'], `a model in models/ (${[...known.models.keys()].sort().join(', ')})`, device.model),
    )
  if (device.floor !== undefined) {
    const floors = file.structures.flatMap((s) => s.floors.map((f) => `${s.id}/${f.id}`))
    if (!floors.includes(device.floor))
      out.push(say([...path, 'floor'], `a floor of a structure (${floors.join(', ')})`, device.floor))
  }
  out.push(...deviceQualityMistakes(device, model, path, say))
  const { simulated } = device
  if (simulated === undefined) return out
  const at = [...path, 'simulated']
  if (model?.ring !== undefined && simulated.time_scale !== 1)
    out.push(
      say(
        [...at, 'time_scale'],
        '1 for a device that holds a ring: its samples are played at real speed',
        simulated.time_scale,
      ),
    )
  if (!known.recordings.has(simulated.play.recording))
    out.push(
      say(
        [...at, 'play', 'recording'],
        `a record in recordings/ (${[...known.recordings].sort().join(', ')})`,
        simulated.play.recording,
      ),
    )
  const [from, to] = [simulated.play.from, simulated.play.to]
  for (const [key, text] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (text !== undefined && fromIso(text) === undefined)
      out.push(say([...at, 'play', key], 'an instant with zone, e.g. 2018-06-03T18:00:00Z', text))
  const [first, last] = [from && fromIso(from), to && fromIso(to)]
  if (first !== undefined && first !== '' && last !== undefined && last !== '' && last <= first)
    out.push(say([...at, 'play', 'to'], `an instant after ${from}`, to))
  const { range, bits } = simulated.imperfections ?? {}
  const sensor = [...at, 'imperfections']
  if (range !== undefined && !(range.low < range.high))
    out.push(say([...sensor, 'range', 'low'], `a value below high (${range.high})`, range.low))
  if (bits !== undefined && range === undefined)
    out.push(say([...sensor, 'range'], 'a range, which bits divide', undefined))
  return out
}

function waterMistakes(file: SiteFile, channels: ReadonlyMap<string, Channel>, i: number, say: Say): Mistake[] {
  const water = file.waters[i]!
  const path: Path = ['waters', i]
  const out: Mistake[] = []
  if (channels.get(water.gauge)?.quantity !== 'stage') {
    const stages = [...channels.values()].filter((c) => c.quantity === 'stage').map((c) => c.id)
    out.push(say([...path, 'gauge'], `a channel that gives stage (${stages.join(', ')})`, water.gauge))
  }
  const others = file.waters.map((w) => w.id).filter((id) => id !== water.id)
  water.upstream?.forEach((id, u) => {
    if (!others.includes(id)) out.push(say([...path, 'upstream', u], `another water (${others.join(', ')})`, id))
  })
  const order = water.levels.map((level, l) => ({ level, l })).sort((a, b) => a.level.stage - b.level.stage)
  order.forEach(({ level, l }, k) => {
    const lower = order[k - 1]?.level
    if (
      lower !== undefined &&
      SEVERITIES.indexOf(level.severity as never) < SEVERITIES.indexOf(lower.severity as never)
    )
      out.push(
        say(
          [...path, 'levels', l, 'severity'],
          `at least ${lower.severity}, as the lower level ${lower.id} has`,
          level.severity,
        ),
      )
  })
  return out
}
