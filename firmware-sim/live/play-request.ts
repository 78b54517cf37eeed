/**
 * From what somebody wants to play to programs for devices, or one clear refusal: nothing has been changed by then.
 * Starting and steering them is `plays.ts`.
 */
import { channelsOfDevice } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { splitChannel } from '../../domain/ids.ts'
import { ringScale, sampledOf } from '../../domain/model.ts'
import type { PlayRequest } from '../../domain/simulator-control.ts'
import type { Instant } from '../../domain/time.ts'
import { quantityOf, SI_UNIT, toSi } from '../../domain/units.ts'
import { baseName, type Recording, type RecordingInput, type Series } from '../../recordings/recording.ts'
import { unitOf } from '../../recordings/unit.ts'
import { axisOf, axisOfName } from '../axes.ts'
import { valuesFor } from '../columns.ts'
import type { PlayableDevice } from '../device.ts'
import { assign } from './assign.ts'
import { horizontalPeak_m_s2, peakOf, toCompass } from './compass.ts'
import { type Player, type PlayPart, programOf } from './player.ts'

export type PreparedPlay = {
  readonly name: string
  readonly parts: readonly PlayPart[]
  readonly leftOut: readonly string[]
  readonly notes: readonly string[]
}

export type PlayContext = {
  /** @throws PlumblineError PLAY_REFUSED for a device that is real or not there */
  readonly playerOf: (id: string) => Player
  readonly loadRecording: (name: string) => Promise<Recording>
  readonly at: () => Instant
}

const FILES_MAX = 100
/** The largest scale: a micro-tremor as a strong earthquake. */
const SCALE_MAX = 1e6

/** @throws PlumblineError PLAY_REFUSED, RECORDING_INVALID */
export async function preparePlay(request: PlayRequest, context: PlayContext): Promise<PreparedPlay> {
  checkShape(request)
  const { as, recording, files, unit, dt_s } = request
  // Who is meant is judged before the files are read: that takes longer.
  const players = new Map((typeof as === 'string' ? [as] : Object.values(as)).map((a) => [a, meant(a, context)]))
  const read = {
    readings: true,
    own_unit: true,
    ...(unit !== undefined && { unit }),
    ...(dt_s !== undefined && { dt_s }),
  }
  const { parts, leftOut } =
    recording === undefined
      ? assign(as, files.map(bytesOf), read)
      : { parts: [{ as: as as string, recording: await context.loadRecording(recording) }], leftOut: [] }
  const notes: string[] = []
  const turned = parts.map((part) => {
    if (part.recording.kind === 'series') return { ...part, recording: alongAxis(part.recording, part.as) }
    const { wave, notes: said } = toCompass(part.recording)
    notes.push(...said.map((note) => `${part.recording.name}: ${note}`))
    return { ...part, recording: wave }
  })
  const scale = scaleOf(
    request,
    turned.map((part) => part.recording),
  )
  const { speed, start_s, loop } = request
  const chosen = turned.map(({ as: who, recording: played }) => ({ player: players.get(who)!, played }))
  for (const { player, played } of chosen) {
    fits(played, player.device, scale)
    notes.push(...notPlayed(played, player.device))
  }
  // Taken when all that takes time is done: nothing of the beginning is lost.
  const at = context.at()
  return {
    name: recording ?? parts.map((part) => part.recording.name).join(', '),
    parts: chosen.map(({ player, played }) => programOf(player, played, { speed, scale, start_s, loop }, at)),
    leftOut,
    notes,
  }
}

/** One value named for a channel of one axis (`pier/tilt_x`) plays there and leaves the other axes alone. */
function alongAxis(series: Series, as: string): Series {
  const { metric } = as.includes('/') ? splitChannel(as) : { metric: '' }
  const { quantity, values, columns = [{ name: '', quantity, values }] } = series
  const [only, ...others] = columns
  if (only === undefined || others.length > 0 || axisOfName(metric) === undefined) return series
  return { ...series, columns: [{ ...only, name: metric }] }
}

/** What comes from another process may be anything. */
function checkShape(request: PlayRequest): void {
  if (typeof request !== 'object' || request === null) refuse('request', 'an object', request)
  const { as, files = [], recording, scale, scale_pga_m_s2, loop, unit, dt_s } = request
  const map = typeof as === 'object' && as !== null && Object.values(as).every((device) => typeof device === 'string')
  if (typeof as !== 'string' && !map) refuse('as', 'a channel, a device, or devices by file', as)
  if (!Array.isArray(files) || files.length > FILES_MAX) refuse('files', `at most ${FILES_MAX} files`, files.length)
  if ((recording === undefined) === (files.length === 0))
    refuse('files', 'files, or the name of a record that ships', files.length === 0 ? undefined : 'both')
  if (recording !== undefined && typeof as !== 'string') refuse('as', `one device for ${recording}`, as)
  if (scale !== undefined && scale_pga_m_s2 !== undefined) refuse('scale', 'scale or scale_pga_m_s2, not both', scale)
  for (const [field, value] of Object.entries({ scale, scale_pga_m_s2 }))
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value <= SCALE_MAX))
      refuse(field, `a number above 0 and up to ${SCALE_MAX}`, value)
  for (const [field, value] of Object.entries({ speed: request.speed, start_s: request.start_s, dt_s }))
    if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value))) refuse(field, 'a number', value)
  if (loop !== undefined && typeof loop !== 'boolean') refuse('loop', 'true or false', loop)
  if (unit !== undefined && (typeof unit !== 'string' || unitOf(unit) === undefined))
    refuse('unit', 'a unit that is known', unit)
}

function meant(as: string, { playerOf }: PlayContext): Player {
  const { device: id, metric } = as.includes('/') ? splitChannel(as) : { device: as, metric: undefined }
  const player = playerOf(id)
  const { device } = player
  const channels = channelsOfDevice(device, device.model).map((channel) => channel.id)
  if (metric !== undefined && !channels.includes(as)) refuse('as', `a channel of ${id} (${channels.join(', ')})`, as)
  return player
}

function bytesOf(file: PlayRequest['files'][number]): RecordingInput {
  const { name, base64 } = file ?? {}
  if (typeof name !== 'string' || typeof base64 !== 'string') refuse('files', '{ name, base64 }', typeof file)
  return { name, bytes: Buffer.from(base64, 'base64') }
}

/** One for all recordings, so that an array keeps its proportions. */
function scaleOf({ scale, scale_pga_m_s2 }: PlayRequest, recordings: readonly Recording[]): number {
  if (scale_pga_m_s2 === undefined) return scale ?? 1
  const peaks = recordings.map((r) => (r.kind === 'waveform' ? horizontalPeak_m_s2(r) : Number.NaN))
  const peak = Math.max(...peaks)
  if (!(peak > 0)) refuse('scale_pga_m_s2', 'a ground motion with a horizontal peak', baseName(recordings[0]!.name))
  return scale_pga_m_s2 / peak
}

/** Only what the device can show as it is: it would saturate, and nobody would see that the record is not played. */
function fits(recording: Recording, { id, model }: PlayableDevice, scale: number): void {
  if (recording.kind === 'waveform') {
    const sampled = sampledOf(model)
    if (sampled === undefined)
      refuse(`as ${id}`, `a recording of what ${model.id} measures, not a ground motion`, recording.name)
    const full_m_s2 = ringScale(sampled) * 32_767
    for (const axis of sampled.axes) {
      const samples = axisOf(recording, axis)
      if (samples?.some(Number.isNaN)) refuse('recording', 'a record without gaps', recording.name)
      const peak = samples === undefined ? 0 : peakOf(samples) * scale
      if (peak > full_m_s2)
        refuse('scale', `at most ${full_m_s2.toFixed(2)} m/s², the full scale of ${id}`, Number(peak.toFixed(2)))
    }
    return
  }
  const points = (model.points ?? []).filter((point) => valuesFor(recording, point) !== undefined)
  const wanted =
    sampledOf(model) === undefined ? `a recording of what ${model.id} measures` : `a ground motion for ${model.id}`
  if (points.length === 0) refuse(`as ${id}`, wanted, baseName(recording.name))
  for (const point of points) {
    const { metric, unit, range } = point
    const [low, high] = [toSi(range.low, unit)!, toSi(range.high, unit)!]
    const wrong = valuesFor(recording, point)!.find((value) => value * scale < low || value * scale > high)
    const si = SI_UNIT[quantityOf(unit)!]
    if (wrong !== undefined)
      refuse('scale', `${metric} from ${low} to ${high} ${si}, the range of ${id}`, Number((wrong * scale).toFixed(3)))
  }
}

/** Columns of a record that the device has no point for. */
function notPlayed(recording: Recording, { model }: PlayableDevice): string[] {
  if (recording.kind === 'waveform') return []
  const shown = new Set((model.points ?? []).map((point) => valuesFor(recording, point)))
  const left = (recording.columns ?? []).filter(({ values }) => !shown.has(values)).map(({ name }) => name)
  return left.length === 0 ? [] : [`${recording.name}: not played: ${left.join(', ')}`]
}

function refuse(field: string, expected: string, got: unknown): never {
  throw new PlumblineError('PLAY_REFUSED', `${field}: expected ${expected}, got ${JSON.stringify(got) ?? 'nothing'}`)
}
