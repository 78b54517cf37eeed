/** The rehearsals with real processes: what each promises and what was counted, as rows of `npm run rehearse`. */
import { influxdMissing } from '../store/influx/influxd.fixture.ts'
import { FLOOD_ALARMS } from './alarm-flood.ts'
import { brokerRestart } from './broker-restart.ts'
import { certificateEnded } from './certificate-ended.ts'
import { configChange } from './config-change.ts'
import { deskKilled } from './desk-killed.ts'
import { edgeKilled } from './edge-killed.ts'
import { faultsAtRandom } from './faults-at-random.ts'
import { ingestKilled } from './ingest-killed.ts'
import { atRandom, type Killed, killEach } from './kill-each.ts'
import { lossyNet } from './lossy-net.ts'
import { outage8h } from './outage-8h.ts'
import { MEMORY_MAX_MB, slowStore, UNDER_WAY_MAX } from './slow-store.ts'
import { HEAP_MB, isOnceEach, MORE_MAX_MB, smallHeap } from './small-heap.ts'
import { soakRow } from './soak.ts'
import type { Story } from './stories/row.ts'
import { isWhole, samplesOf as samples } from './truth.ts'

export type Options = {
  /** Faults at random instants; a dozen where none are asked for. */
  readonly rounds: number | undefined
  readonly seed: number
  /** Of `slow-store`. */
  readonly seconds: number
  /** Of `soak`. */
  readonly minutes: number
}

/** Half of what the accelerometer's ring holds. */
const FROZEN_S = 30

/** Readings in gaps, by reason. */
const gapsOf = ({ gaugeGaps }: Killed): string =>
  [...Map.groupBy(gaugeGaps, ({ reason }) => reason)]
    .map(
      ([reason, all]) => `${all.reduce((sum, { missing }) => sum + missing, 0)} readings in ${all.length} (${reason})`,
    )
    .join(', ') || 'none'

export function processStories({ rounds, seed, seconds, minutes }: Options): readonly Story[] {
  const dozen = rounds ?? 12
  return [
    {
      id: 'kill-each',
      run: async () => {
        const inTurn = await killEach()
        const told = rounds === undefined ? inTurn : await killEach(atRandom(rounds, seed))
        const how =
          rounds === undefined
            ? 'in turn (--rounds N for as many at random instants)'
            : `in turn, then ${rounds} at random instants (--rounds, --seed ${seed})`
        return {
          promised: `kill -9 of broker, ingest, desk and edge ${how}: 0 samples missing, doubled, altered, out of order`,
          counted: `${samples(told)}; gauge gaps told: ${gapsOf(told)}`,
          holds: isWhole(inTurn) && isWhole(told),
        }
      },
    },
    {
      id: 'freeze-each',
      run: async () => {
        const told = await killEach({ how: 'freeze', down_ms: FROZEN_S * 1000, between_ms: 10_000 })
        return {
          promised: `broker, ingest, desk and edge stand still (SIGSTOP) for ${FROZEN_S} s in turn: 0 samples missing, doubled, altered, out of order`,
          counted: `${samples(told)}; gauge gaps told: ${gapsOf(told)}`,
          holds: isWhole(told),
        }
      },
    },
    {
      id: 'edge-killed',
      run: async () => {
        const told = await edgeKilled()
        return {
          promised:
            'kill -9 of the edge at 12 random instants of site changes, drills and resends: nothing lost or doubled',
          counted: `${samples(told.samples)}; readings of a gauge: ${told.doubled} doubled, ${told.untold} holes that no gap tells of`,
          holds: isWhole(told.samples) && told.doubled + told.untold === 0,
        }
      },
    },
    {
      id: 'desk-killed',
      run: async () => {
        const { told, escalated, late_ms, mails, requests, unknown, ended, ended_late, kept, offline, again, ...more } =
          await deskKilled()
        return {
          promised:
            'kill -9 of the desk with shelves, an escalation and messages under way and a node that has just gone: what was due is carried out once, late; what may have been sent goes out once more, marked',
          counted: `told ${told}, escalated ${escalated} (${(late_ms / 1000).toFixed(1)} s late), mail ${mails.came} (${mails.marked} marked), request ${requests.came} (${requests.marked} marked); shelf ended ${ended} (${ended_late} late), the other ${kept ? 'kept' : 'LOST'}; node away: told ${offline.onsets} (${offline.late} late); told again ${again}; restarted in ${more.restart_s.toFixed(1)} s`,
          holds:
            [
              told,
              escalated,
              mails.marked,
              requests.marked,
              requests.keys,
              ended,
              ended_late,
              offline.onsets,
              offline.late,
            ].every((n) => n === 1) &&
            [mails.came, requests.came, unknown].every((n) => n === 2) &&
            kept &&
            offline.true_onset &&
            again === 0 &&
            more.journal_whole,
        }
      },
    },
    {
      id: 'ingest-killed',
      run: async () => {
        const { samples: all, readings, doubled, untold, lost } = await ingestKilled({ kills: dozen, seed })
        return {
          promised: `kill -9 of ingest at ${dozen} random instants of a resend (--rounds, --seed ${seed}): nothing lost or doubled`,
          counted: `${samples(all)}; ${readings} readings of a gauge: ${doubled} doubled, ${untold} holes that no gap tells of, ${lost} gaps that the edge did not make`,
          holds: isWhole(all) && doubled + untold + lost === 0,
        }
      },
    },
    {
      id: 'slow-store',
      run: async () => {
        const promised = `a store that takes 2 s for each write for ${seconds} s (--seconds), then answers none for 8 s: ingest within ${MEMORY_MAX_MB} MB, nothing lost or doubled`
        if (influxdMissing() !== undefined) return { promised, counted: 'skipped: no influxd', holds: null }
        const { confirmed, under_way, before_MB, most_MB, samples: each } = await slowStore({ seconds })
        return {
          promised,
          counted: `${confirmed} writes taken, at most ${under_way} under way; ingest ${before_MB} MB before, at most ${most_MB} MB; ${each.map(samples).join('; ')}`,
          holds: confirmed > 0 && under_way <= UNDER_WAY_MAX && most_MB <= MEMORY_MAX_MB && each.every(isWhole),
        }
      },
    },
    {
      id: 'faults-at-random',
      run: async () => {
        const told = await faultsAtRandom({ rounds: dozen, seed })
        const { samples: all, doubled, untold, rises, by } = told
        const kinds = Object.entries(by).map(([name, count]) => `${name} ${count}`)
        return {
          promised: `${dozen} faults at random instants (--rounds, --seed ${seed}): nothing lost or doubled, each rise of the river told once`,
          counted: `${kinds.join(', ')}; ${samples(all)}; gauge: ${doubled} doubled, ${untold} holes that no gap tells of; ${rises.expected} rises: ${rises.missing} not told, ${rises.invented} invented, ${rises.doubled} told again`,
          holds: isWhole(all) && doubled + untold + rises.missing + rises.invented + rises.doubled === 0,
        }
      },
    },
    {
      id: 'lossy-net',
      run: async () => {
        const promised =
          '5 % of all packets lost: nothing lost or doubled, every hole told, each rise of the river told once'
        const told = await lossyNet({ rounds: dozen })
        if ('cannot' in told) return { promised, counted: `skipped: ${told.cannot}`, holds: null }
        const { samples: all, doubled, untold, rises, sent, sent_again } = told
        return {
          promised,
          counted: `${sent_again} of ${sent} segments sent again; ${samples(all)}; gauge: ${doubled} doubled, ${untold} holes that no gap tells of; ${rises.told} of ${rises.expected} rises told, ${rises.again} again`,
          holds:
            isWhole(all) && doubled + untold + rises.again === 0 && rises.told === rises.expected && sent_again > 0,
        }
      },
    },
    {
      id: 'certificate-ended',
      run: async () => {
        const { samples: all, said, ended, recorded, back_s } = await certificateEnded()
        const silent = Object.entries(said).filter(([, words]) => !/CERTIFICATE_ENDED|has ended/.test(words))
        return {
          promised:
            "the broker's certificate ends and is renewed: told wherever people look, back without a restart, nothing lost or doubled",
          counted: `ended ${ended}; told in ${Object.keys(said).length - silent.length} of ${Object.keys(said).length} places; ${recorded} records taken meanwhile; back ${back_s.toFixed(1)} s after the new one; ${samples(all)}`,
          holds: isWhole(all) && silent.length === 0 && recorded > 0,
        }
      },
    },
    {
      id: 'config-change',
      run: async () => {
        const told = await configChange()
        const { stayed_step_s, gone_before_s, doubled, added, changedByWrong } = told
        return {
          promised:
            'SIGHUP while the broker is away: what stays has no gap, what goes keeps its backlog, a wrong file does nothing',
          counted: `${samples(told.samples)}; longest step of the gauge that stayed ${stayed_step_s.toFixed(2)} s, ${doubled} doubled; last of the one that went ${gone_before_s.toFixed(2)} s before the change; ${added} of the one that came`,
          holds:
            isWhole(told.samples) &&
            stayed_step_s < 1 &&
            gone_before_s < 1 &&
            doubled === 0 &&
            added > 0 &&
            !changedByWrong,
        }
      },
    },
    {
      id: 'outage-8h',
      run: async () => {
        const { blocks, readings, conditions, live_s, drained_s, left, bytes_after } = await outage8h()
        const counts = Object.entries({ blocks, readings, conditions })
        return {
          promised: '8 h (simulated) without uplink: drained and trimmed, 0 lost, 0 doubled, live data within 2 s',
          counted: `${counts.map(([of, { expected, missing, doubled, altered }]) => `${expected} ${of}: ${missing} missing, ${doubled} doubled, ${altered} altered`).join('; ')}; live after ${live_s} s, drained in ${drained_s} s, ${left} records and ${bytes_after} B left`,
          holds: counts.every(([, c]) => c.missing + c.doubled + c.altered === 0) && live_s <= 2 && left === 0,
        }
      },
    },
    {
      id: 'small-heap',
      run: async () => {
        const { onsets, notices, returns, clients, answers, before_MB, most_MB, ...told } = await smallHeap()
        const refused = Object.entries(answers).map(([status, count]) => `${status} ${count}`)
        const each = [onsets, notices, returns]
        return {
          promised: `a desk with ${HEAP_MB} MB of heap, ${FLOOD_ALARMS} alarms within 10 s, all live clients it takes, half of which never read, requests too big: alive, every alarm journalled and told once, at most ${MORE_MAX_MB} MB more`,
          counted: `onsets, notices, returns once: ${each.map(({ once }) => once).join(', ')}, missing ${each.map(({ missing }) => missing).join(', ')}, doubled ${each.map(({ doubled }) => doubled).join(', ')}; ${clients.taken} clients, ${clients.refused} refused, ${clients.cut_off} cut off, each that reads saw ${told.seen_least} alarms at least; answers ${refused.join(', ')}; ${before_MB.toFixed(0)} MB before, at most ${most_MB.toFixed(0)} MB`,
          holds: told.alive && told.journal_whole && each.every(isOnceEach) && most_MB - before_MB <= MORE_MAX_MB,
        }
      },
    },
    { id: 'soak', run: () => soakRow(minutes) },
    ...(['broker-restart', 'tls'] as const).map((id) => ({
      id,
      run: async () => {
        const told = await brokerRestart(id === 'tls' ? 'embedded' : 'mosquitto')
        const over = id === 'tls' ? 'over TLS with client certificates, the embedded broker' : 'on Mosquitto, which'
        return told === undefined
          ? {
              promised: `the line ${over} is killed and comes back: 0 samples lost`,
              counted: 'skipped: no Mosquitto',
              holds: null,
            }
          : {
              promised: `the line ${over} is killed and comes back: 0 samples missing, doubled, altered, out of order`,
              counted: samples(told),
              holds: isWhole(told),
            }
      },
    })),
  ]
}
