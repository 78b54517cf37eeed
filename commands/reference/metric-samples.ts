/**
 * One made-up set of numbers for each service, with every label that can stand on its page: what the reference of the metrics
 * is made from. The types of the rooms keep it whole: a number that a room adds is missing here until it is told.
 */
import { renderMetrics as brokerPage } from '../../broker/metrics.ts'
import { prometheusText } from '../../desk/prometheus.ts'
import { instant } from '../../domain/time.ts'
import type { AcquisitionStats } from '../../edge/acquisition-stats.ts'
import type { EdgeStats } from '../../edge/edge-stats.ts'
import { renderMetrics as edgePage } from '../../edge/metrics.ts'
import { renderMetrics as simPage } from '../../firmware-sim/metrics.ts'
import { renderMetrics as ingestPage } from '../../ingest/metrics.ts'
import { renderProcess } from '../../runtime/process-metrics.ts'
import { Histogram } from '../../runtime/prometheus.ts'

const histogram = new Histogram([0.1, 1]).state()

const stream = {
  ...{ appended: 0, unrecorded: 0, committed: 0, dropped: 0, torn_bytes: 0, corrupt: 0, segments: 0, disk_bytes: 0 },
  ...{ backlog_records: 0, backlog_bytes: 0, oldest_age_s: 0 },
  resend: { ack_s: 0, in_flight: 0, owner_online: true, resent: 0 },
}
const uplink = { up: true, births: 0, rebirths: 0, sent: 0, not_sent: 0, refused_acks: 0, bad_commands: 0 }
const at = instant(0n)

const edge: EdgeStats & { readonly acquisition: AcquisitionStats } = {
  outbox: '',
  sent_live: 0,
  resent: 0,
  lost: 0,
  losing: false,
  timeless: 0,
  streams: { conditions: stream, readings: stream, blocks: stream },
  uplinks: { node: uplink, blocks: { ...uplink, up: false, away: 'CERTIFICATE_ENDED: ' } },
  clock: { trusted: true, steps: 0, last_step_s: 0, offset_s: 0 },
  acquisition: {
    links: [{ link: '', up: true, changed_ns: at, connections: 0 }],
    devices: [
      {
        ...{ device: '', link: '', online: true, breaker: 'closed', changed_ns: at, last_good_ns: at },
        ...{ polls: 0, good: 0, missed: 0, errors: { timeout: 0 }, refused_points: 0 },
        ...{ latency: histogram, lateness: histogram, clock: { offset_s: 0, drift_ppm: 0, half_width_s: 0 } },
      },
    ],
  },
}

const ingest: Parameters<typeof ingestPage>[0] = {
  ...{
    stored: 0,
    duplicate: 0,
    quarantined: 0,
    acknowledged: 0,
    faults: 0,
    rivals: 0,
    rebirthsAsked: 0,
    nodesOnline: 0,
  },
  deadLetters: { layout: 0, conflict: 0, refused: 0, time: 0 },
  lag: { live: histogram, resent: histogram },
  ...{ up: true, serving: true, dropped: 0, refusedMessages: 0, waitingRecords: 0, waitingBytes: 0, oldest_s: 0 },
  ...{ batches: 0, commitTime: histogram, storeFailing: undefined },
  foreign: { unstored: new Map([['text', 0]]), lost: 0, gaps: 0 },
  foreignLosses: [],
  store: {
    ...{ kind: 'embedded', where: '', bytes: 0, free_bytes: 0, quarantined: 0 },
    ...{ oldest_ns: at, newest_ns: at, last_backup_ns: at },
  },
}

const desk: Parameters<typeof prometheusText>[0] = {
  alarms: new Map(),
  ...{ late_listed: 0, journal_seq: 0, journal_up: true, store_up: true, broker_up: true, stream_clients: 0 },
  ...{ stream_dropped: 0, block_watchers: 0, block_dropped: 0, inputs_dropped: 0, payloads_unreadable: 0 },
}

const sim: Parameters<typeof simPage>[0] = {
  devices: [],
  plays: [],
  scenario: null,
  wires: [{ node: '', link: '', faults: {}, counts: { passed: 0 } }],
  ...{ drill: null, endpoints: 0, listening: 0 },
}

const everyProcess = {
  ...{ cpu_s: 0, resident_bytes: 0, heap_bytes: 0, started_s: 0, open_files: 0, busy: 0 },
  ...{ disk: { size_bytes: 0, free_bytes: 0 }, node: '' },
}

/** Page by heading. */
export const samplePages = (): ReadonlyMap<string, string> =>
  new Map([
    ['Every service', renderProcess(everyProcess)],
    ['Edge node', edgePage(edge, at)],
    ['Broker', brokerPage({ clients: 0, certificateUntil: new Date(0), refusals: new Map([['password', 0]]) })],
    ['Ingest', ingestPage(ingest)],
    ['Desk', prometheusText(desk)],
    ['Simulator', simPage(sim)],
  ])
