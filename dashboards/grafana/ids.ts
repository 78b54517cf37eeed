/** Names by which Grafana knows what is ours. A uid has at most 40 of `[A-Za-z0-9_-]`; a longer one ends in its checksum. */
import { crc32 } from 'node:zlib'
import type { SeriesKind } from '../../domain/series.ts'

export const UID_MAX = 40
export const UID = /^[A-Za-z0-9_-]{1,40}$/

export function uidOf(...parts: readonly string[]): string {
  const whole = parts.join('-').replace(/[^A-Za-z0-9_-]/g, '_')
  if (whole.length <= UID_MAX && whole === parts.join('-')) return whole
  const sum = crc32(parts.join('\n')).toString(16).padStart(8, '0')
  return `${whole.slice(0, UID_MAX - 9)}-${sum}`
}

export const BOARDS = ['overview', 'flood', 'building', 'history', 'waveforms', 'pipeline', 'journal'] as const
export type BoardId = (typeof BOARDS)[number]
export const LANGUAGES = ['en', 'zh-TW'] as const
export type Language = (typeof LANGUAGES)[number]

export const dataSourceUid = (site: string, kind: SeriesKind): string => uidOf('plumbline', site, kind)
export const folderUid = (site: string, language: Language): string => uidOf('plumbline', site, language)
export const boardUid = (site: string, board: BoardId, language: Language): string => uidOf(site, board, language)
/** Dashboards of one site and language find each other by it. */
export const boardTag = (site: string, language: Language): string => `plumbline-${site}-${language}`
/** The provisioned data sources of a site, for the variable `source`; kinds are told apart by the end. */
export const dataSourceName = (site: string, kind: SeriesKind): string =>
  kind === 'exercise' ? `Plumbline ${site} EXERCISE 演習` : `Plumbline ${site}`
