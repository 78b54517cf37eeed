/**
 * What the accelerometers and tilt meters of a site feel in a round: the ground with every earthquake of the timeline, each
 * building's answer on the floor where the device stands (`physics/`), and records played into single accelerometers.
 */
import { ringScale, sampledOf } from '../../domain/model.ts'
import { instant } from '../../domain/time.ts'
import type { Waveform } from '../../recordings/recording.ts'
import { BandNoise } from '../physics/band-noise.ts'
import { type Building, uniformStoreys } from '../physics/building.ts'
import { buildingWaveforms } from '../physics/building-waveforms.ts'
import { streamSeed } from '../physics/hash-noise.ts'
import { refuse } from '../physics/refuse.ts'
import { syntheticGround } from '../physics/site-ground.ts'
import { peakOf } from '../physics/whole-record.ts'
import { type BuildingAnswer, buildingAnswer, heightOf, storeyOf } from './building-answer.ts'
import type { Round } from './compose.ts'
import { type Lean, rowsPerSecond } from './readings.ts'
import { addMotion, COMPASS, compassOf, type Motion, motionOf, stillMotion } from './record-part.ts'
import { attempt } from './scenario-error.ts'
import type { ScenarioStep } from './schema.ts'
import { floorOf, isA, type Target, targetsOfStep } from './targets.ts'

export type Shaking = {
  /** By device: m/s², one array per axis of its ring, in its order. */
  readonly axes: ReadonlyMap<string, Float64Array[]>
  /** By tilt meter on a floor. */
  readonly lean: ReadonlyMap<string, Lean>
  /** What each building that is shaken or hurt does. */
  readonly buildings: readonly BuildingAnswer[]
}

/** A usual storey, floor to floor [K]; a usual building of N storeys has about 10 / N Hz and 5 % damping [K]. */
const STOREY_M = 3.5
const DAMPING = 0.05
const MASS_KG = 500_000
const STOREYS_MAX = 60
/** Of a building that has tilt meters alone: its modes below 20 Hz are worked out well. */
const RATE_HZ = 100

export function shakingOf(round: Round): Shaking {
  const out = new Map<string, Float64Array[]>()
  const lean = new Map<string, Lean>()
  const buildings = new Map<string, BuildingAnswer>()
  for (const { structure, rate_hz, devices, tilts } of grouped(round.targets)) {
    const ground = groundOf(round, structure, rate_hz)
    const answer = structure === undefined ? undefined : answerOf(ground, round, structure, rate_hz)
    const floors = answer?.floors ?? [withAmbient(ground, round, rate_hz)]
    const floorIn = (target: Target) => {
      const place = floorOf(target)
      return place === undefined ? 0 : storeyOf(round.site, place, floors.length - 1)
    }
    if (answer?.building !== undefined) buildings.set(answer.building.structure, answer.building)
    for (const target of devices) {
      const motion = played(floors[floorIn(target)]!, round, target)
      const axes = attempt(round.mistakes, round.mistakeAt, ['timeline'], () => shown(motion, target))
      if (axes !== undefined) out.set(target.id, axes)
    }
    for (const target of tilts) {
      const rows = rowsPerSecond(target)
      const read = (tilt_rad: Float64Array | undefined) =>
        Float64Array.from({ length: round.file.duration_s * rows }, (_, row) =>
          tilt_rad === undefined ? 0 : tilt_rad[Math.round((row * rate_hz) / rows)]!,
        )
      const { ns, ew } = answer!.leanBelow(floorIn(target))
      lean.set(target.id, { x: read(ns), y: read(ew) })
    }
  }
  return { axes: out, lean, buildings: [...buildings.values()] }
}

/** `tilts` lean with the first group of their structure. */
type Group = { structure: string | undefined; rate_hz: number; devices: Target[]; tilts: Target[] }

function grouped(targets: readonly Target[]): Group[] {
  const groups = new Map<string, Group>()
  const groupOf = (structure: string | undefined, rate_hz: number): Group => {
    const key = `${structure ?? ''} ${rate_hz}`
    const group = groups.get(key) ?? { structure, rate_hz, devices: [], tilts: [] }
    groups.set(key, group)
    return group
  }
  for (const target of targets)
    if (isA(target, 'accelerometer'))
      groupOf(floorOf(target)?.structure, sampledOf(target.model)!.sample_rate_hz).devices.push(target)
  for (const target of targets) {
    const place = floorOf(target)
    if (!isA(target, 'tilt') || place === undefined) continue
    const first = [...groups.values()].find(({ structure }) => structure === place.structure)
    const group = first ?? groupOf(place.structure, RATE_HZ)
    group.tilts.push(target)
  }
  return [...groups.values()]
}

function groundOf(round: Round, structure: string | undefined, rate_hz: number): Motion {
  const { file, mistakes, mistakeAt } = round
  const ground = stillMotion(Math.round(file.duration_s * rate_hz))
  for (const [i, step] of file.timeline.entries()) {
    const { earthquake } = step
    if (earthquake === undefined || (step.structure !== undefined && step.structure !== structure)) continue
    attempt(mistakes, mistakeAt, ['timeline', i, 'earthquake'], () =>
      addMotion(ground, quakeMotion(earthquake, i, round, rate_hz), Math.round(step.at_s * rate_hz), rate_hz),
    )
  }
  return ground
}

function quakeMotion(
  quake: NonNullable<ScenarioStep['earthquake']>,
  i: number,
  { recordings, seed }: Round,
  rate_hz: number,
): Motion {
  const { magnitude, distance_km, recording, pga_m_s2 } = quake
  if (recording !== undefined) return motionOf(recordings.get(recording)!, quake, rate_hz)
  const wave = syntheticGround({
    name: `timeline-${i}`,
    magnitude: magnitude!,
    distance_km: distance_km!,
    seed: streamSeed(seed, `timeline ${i}`),
    sample_rate_hz: rate_hz,
    start: instant(0n),
    pre_event_s: 0,
    ...(pga_m_s2 !== undefined && { pga_m_s2 }),
  })
  return motionOf(wave, {}, rate_hz)
}

/** Index 0 = the ground, index i = floor i; every axis with the ambient motion that the building makes of the street's. */
function answerOf(ground: Motion, round: Round, structure: string, rate_hz: number) {
  const building = buildingOf(round, structure)
  const rms_m_s2 = round.file.ambient_m_s2
  const wave: Waveform = {
    kind: 'waveform',
    name: structure,
    start: instant(0n),
    sample_rate_hz: rate_hz,
    unit: 'm/s²',
    axes: COMPASS.map((axis) => ({ axis, samples: ground[axis] })),
    source: `scenario ${round.file.name}`,
  }
  const answered = buildingWaveforms({
    name: structure,
    ground: wave,
    buildings: { ns: building, ew: building },
    damage: damageOf(round, structure, building.storeys.length),
    ...(rms_m_s2 > 0 && { ambient: { seed: streamSeed(round.seed, `structure ${structure}`), rms_m_s2 } }),
  })
  const floors = answered.waveforms.map(
    ({ axes }): Motion => ({ ns: axes[0]!.samples, ew: axes[1]!.samples, ud: axes[2]!.samples }),
  )
  const moved = round.file.timeline.some((s) => (s.earthquake ?? s.damage) && (s.structure ?? structure) === structure)
  /** Of the storey that carries a floor; the ground does not lean. */
  const leanBelow = (floor: number) => {
    const of = (axis: 'ns' | 'ew') =>
      floor === 0 ? undefined : answered.responses[axis]!.tilt_rad[floor - 1]!.subarray(answered.run_in_samples)
    return { ns: of('ns'), ew: of('ew') }
  }
  return { floors, leanBelow, building: moved ? buildingAnswer(round.site, structure, floors, answered) : undefined }
}

function buildingOf({ file, site }: Round, structure: string): Building {
  const said = file.buildings.find((b) => b.structure === structure)
  const storeys = said?.storeys ?? Math.min(STOREYS_MAX, Math.max(1, Math.round(heightOf(site, structure) / STOREY_M)))
  const { yield_drift_ratio, hardening } = said ?? {}
  return {
    storeys: uniformStoreys({
      storeys,
      mass_kg: MASS_KG,
      height_m: said?.storey_height_m ?? STOREY_M,
      frequency_hz: said?.frequency_hz ?? 10 / storeys,
      ...(yield_drift_ratio !== undefined && { yield_drift_ratio }),
      ...(hardening !== undefined && { hardening }),
    }),
    damping: { ratio: said?.damping ?? DAMPING },
  }
}

/** What breaks in a structure, by the steps that say so; one for a storey that it does not have is a mistake. */
function damageOf({ file, mistakes, mistakeAt }: Round, structure: string, storeys: number) {
  return file.timeline.flatMap(({ at_s, damage, structure: where = structure }, i) => {
    if (damage === undefined || where !== structure) return []
    const { storey, share, axis } = damage
    if (storey <= storeys) return [{ at_s, storey: storey - 1, share, ...(axis !== undefined && { axis }) }]
    const expected = `a storey of ${structure} (1 to ${storeys})`
    mistakes.push(mistakeAt(['timeline', i, 'damage', 'storey'], expected, storey))
    return []
  })
}

function withAmbient(ground: Motion, { file, seed }: Round, rate_hz: number): Motion {
  const noisy = (axis: (typeof COMPASS)[number]) => {
    const noise = new BandNoise({
      seed: streamSeed(seed, `street ${axis}`),
      rms: file.ambient_m_s2,
      sample_rate_hz: rate_hz,
    }).fill(0, ground[axis].length)
    return ground[axis].map((x, k) => x + noise[k]!)
  }
  return { ns: noisy('ns'), ew: noisy('ew'), ud: noisy('ud') }
}

/** With the records that the timeline plays into this device alone. */
function played(floor: Motion, { file, targets, recordings, mistakes, mistakeAt }: Round, target: Target): Motion {
  const motion: Motion = { ns: floor.ns.slice(), ew: floor.ew.slice(), ud: floor.ud.slice() }
  const { sample_rate_hz: rate_hz } = sampledOf(target.model)!
  for (const [i, step] of file.timeline.entries()) {
    const { play } = step
    if (play === undefined || !targetsOfStep(step, targets).includes(target)) continue
    attempt(mistakes, mistakeAt, ['timeline', i, 'play'], () => {
      const part = motionOf(recordings.get(play.recording)!, { ...play, pga_m_s2: play.scale_pga_m_s2 }, rate_hz)
      addMotion(motion, part, Math.round(step.at_s * rate_hz), rate_hz)
    })
  }
  return motion
}

/** On the device's own axes. @throws PlumblineError USAGE where it could not show the peak */
function shown(motion: Motion, { id, model }: Target): Float64Array[] {
  const sampled = sampledOf(model)!
  const full_m_s2 = ringScale(sampled) * 32_767
  return sampled.axes.map((axis) => {
    const compass = compassOf(axis)
    if (compass === undefined) refuse(`${id}: axis`, 'x, y, z or ns, ew, ud', axis)
    const peak = peakOf(motion[compass])
    if (peak > full_m_s2)
      refuse(
        `${id}: scale`,
        `at most ${full_m_s2.toFixed(2)} m/s², its full scale, on every axis`,
        Number(peak.toFixed(2)),
      )
    return motion[compass]
  })
}
