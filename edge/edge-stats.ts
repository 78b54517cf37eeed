/** What the recording side of a node counts, as plain data: for metrics, tests and whoever asks. */
import type { Stream } from '../domain/record.ts'
import type { ClockReport } from './births.ts'
import type { StreamStats } from './outbox.ts'
import type { ResendStats } from './resend.ts'
import type { UplinkStats } from './uplink.ts'

export type EdgeStats = {
  readonly outbox: string
  readonly sent_live: number
  readonly resent: number
  /** Neither recorded nor sent. */
  readonly lost: number
  /** Records were dropped or could not be written lately. */
  readonly losing: boolean
  /** Records whose time was never known: they stay in the outbox. */
  readonly timeless: number
  readonly streams: Readonly<Record<Stream, StreamStats & { readonly resend: ResendStats }>>
  readonly uplinks: Readonly<
    Record<'node' | 'blocks', UplinkStats & { readonly up: boolean; readonly away?: string | undefined }>
  >
  readonly clock: ClockReport
}
