/** Ground-motion events: the shaking of one structure, measured from its stored waveforms. */
import Type from 'typebox'
import { Closed, InstantText, Line, Ns, NsOrNull, NumberOrNull, TextOrNull } from './common.ts'
import { type ApiRoute, PREFIX } from './route.ts'

export const EVENTS_MAX = 200

export const EventJson = Closed({
  id: Type.String(),
  structure: Type.String(),
  onset_ns: Ns,
  ended_ns: NsOrNull,
  pga_m_s2: Type.Union([Type.Number(), Type.Null()], { description: 'Largest of its floors [m/s²].' }),
  intensity: Type.Union([Type.String(), Type.Null()], {
    description: 'Floor shaking, intensity-equivalent; never ground intensity.',
  }),
  channels_expected: Type.Integer(),
  channels_complete: Type.Integer(),
  exercise: Type.Boolean(),
  alarms: Type.Array(Type.String()),
})
export const EventFloorJson = Closed({
  floor: Type.String(),
  height_m: Type.Number(),
  device: TextOrNull,
  pga_m_s2: NumberOrNull,
  pgv_m_s: NumberOrNull,
  intensity: TextOrNull,
  drift_ratio: Type.Union([Type.Number(), Type.Null()], {
    description: 'Largest inter-storey drift ratio to the instrumented floor below; null: not to be told.',
  }),
  residual_drift_ratio: Type.Union([Type.Number(), Type.Null()], {
    description: 'Lasting one, from tilt sensors: waveforms cannot tell it.',
  }),
  tilt_rad: Type.Union([Type.Number(), Type.Null()], { description: 'Change of tilt, after less before [rad].' }),
  complete: Type.Number({ description: 'Share of the expected samples that are there and good, 0 to 1.' }),
})
export const EventDetailJson = Closed({
  event: EventJson,
  floors: Type.Array(EventFloorJson),
  frequency_hz: Closed({ before: NumberOrNull, during: NumberOrNull, after: NumberOrNull }),
  method: Type.String(),
})

const EventId = Closed({ id: Line(200) })
const tag = 'events'
export const EVENT_ROUTES = {
  events: {
    method: 'GET',
    path: `${PREFIX}/events`,
    access: 'read',
    tag,
    summary: 'Ground-motion events, newest first.',
    query: Type.Object({
      from: Type.Optional(InstantText),
      to: Type.Optional(InstantText),
      structure: Type.Optional(Line(64)),
      limit: Type.Integer({ minimum: 1, maximum: EVENTS_MAX, default: 50 }),
    }),
    answer: Closed({ events: Type.Array(EventJson) }),
    csv: true,
  },
  event: {
    method: 'GET',
    path: `${PREFIX}/events/:id`,
    access: 'read',
    tag,
    summary: 'What the structure did, floor by floor.',
    params: EventId,
    answer: EventDetailJson,
    refuses: [404, 503],
  },
  eventRecord: {
    method: 'GET',
    path: `${PREFIX}/events/:id/record`,
    access: 'read',
    tag,
    summary: 'Its waveforms, from ten seconds before to ten seconds after.',
    params: EventId,
    query: Type.Object({ format: Type.Enum(['miniseed', 'csv'], { default: 'miniseed' }) }),
    answer: Type.String(),
    media: 'application/vnd.fdsn.mseed',
    refuses: [404, 503],
  },
} as const satisfies Record<string, ApiRoute>
