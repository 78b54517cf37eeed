/** What changes, as it changes: server-sent events, and block frames over WebSocket. */
import Type, { type Static, type TSchema } from 'typebox'
import { AlarmGroupJson, AlarmJson, JournalEntryJson } from './alarms.ts'
import { Closed, Line, Ns, Nullable } from './common.ts'
import { DrillJson } from './drills.ts'
import { type ApiRoute, PREFIX } from './route.ts'
import { DeviceJson, NodeJson, ReadingJson } from './site.ts'

const store_available = Type.Boolean({ description: 'False while the series store cannot be read.' })

/** Events of `/live` by name. The first after every connect that is not resumed is `snapshot`; then changes in order. */
export const LIVE_EVENTS = {
  snapshot: Closed({
    now_ns: Ns,
    alarms: Type.Array(AlarmJson),
    devices: Type.Array(DeviceJson),
    nodes: Type.Array(NodeJson),
    readings: Type.Array(ReadingJson),
    store_available,
    drill: Nullable(DrillJson),
  }),
  alarm: AlarmJson,
  notice: JournalEntryJson,
  /** Alarms with one cause became a group, were joined by another, or it ended. */
  group: AlarmGroupJson,
  device: DeviceJson,
  node: NodeJson,
  readings: Type.Array(ReadingJson),
  /**
   * A drill changed. When the shadow devices of a drill come or go, a new `snapshot` follows: it takes the place of
   * everything told before.
   */
  drill: DrillJson,
  /** Every second: lets a client tell a quiet line from a dead one, and show ages by the desk's clock. */
  tick: Closed({ now_ns: Ns, store_available }),
} as const satisfies Record<string, TSchema>
export type LiveEventOf = {
  [K in keyof typeof LIVE_EVENTS]: { event: K; data: Static<(typeof LIVE_EVENTS)[K]> }
}[keyof typeof LIVE_EVENTS]

const tag = 'live'
export const LIVE_ROUTES = {
  live: {
    method: 'GET',
    path: `${PREFIX}/live`,
    access: 'read',
    tag,
    summary:
      'Server-sent events: snapshot, alarm, notice, group, device, node, readings, drill, tick. With Last-Event-ID it goes on where it was; what is too old begins with a snapshot.',
    query: Type.Object({
      last_event_id: Type.Optional(
        Type.String({ maxLength: 64, description: 'As the header Last-Event-ID, for clients that cannot send it.' }),
      ),
    }),
    answer: Type.String(),
    media: 'text/event-stream',
    refuses: [503],
  },
  liveBlocks: {
    method: 'GET',
    path: `${PREFIX}/live/blocks`,
    access: 'read',
    tag,
    summary:
      'WebSocket (101): binary block frames of a device as they come. A viewer that does not keep up loses the oldest, and is told how many.',
    query: Type.Object({ device: Line(160) }),
    answer: Type.String(),
    media: 'application/octet-stream',
    refuses: [404, 503],
  },
} as const satisfies Record<string, ApiRoute>
