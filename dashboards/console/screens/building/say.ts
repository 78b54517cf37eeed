/** A floor's figure in words and units: one place, so that picture, summary and table say the same. */
import type { FloorRow, Measure } from '../../state/floors.ts'
import type { Speech } from '../../state/status-sentence.ts'

type Own = { perMille(value: string): string }

export function figure(row: FloorRow, measure: Measure, { words, format }: Speech, own: Own): string {
  const { value, code } = row
  if (measure === 'intensity') return code ?? words.unknownValue
  if (value === null) return words.unknownValue
  if (measure === 'pga') return format.quantity(value, 'acceleration')
  if (measure === 'tilt') return format.quantity(value, 'tilt')
  return own.perMille(format.number(value * 1000, 2))
}
