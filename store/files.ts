/** The two series files as one database connection sees them: the real one is its main file, the other is attached. */
import { SERIES_FILE, type SeriesKind } from '../domain/series.ts'

export const SERIES_KINDS = ['real', 'exercise'] as const satisfies readonly SeriesKind[]
export const SCHEMA: Readonly<Record<SeriesKind, string>> = { real: 'main', exercise: 'exercise' }

export const seriesFiles = (folder: string): { path: string; attach: Record<string, string> } => ({
  path: `${folder}/${SERIES_FILE.real}`,
  attach: { [SCHEMA.exercise]: `${folder}/${SERIES_FILE.exercise}` },
})
