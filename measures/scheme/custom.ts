/** A site's own scheme, checked before it is used: levels, order, both languages, colours. */
import { type Scheme, type SchemeLevel, schemeMistakes } from './scheme.ts'

export type CustomScheme = Omit<Scheme, 'source' | 'levels'> & {
  readonly source?: string
  /** Mildest first; ranks are given by the order. */
  readonly levels: ReadonlyArray<Omit<SchemeLevel, 'rank'>>
}

/** @throws RangeError with every mistake at once */
export function customScheme(own: CustomScheme): Scheme {
  const scheme: Scheme = {
    ...own,
    source: own.source ?? 'the site',
    levels: own.levels.map((level, i) => ({ ...level, rank: i + 1 })),
  }
  const mistakes = schemeMistakes(scheme)
  if (mistakes.length > 0) throw new RangeError(`scheme ${own.id}: ${mistakes.join('; ')}`)
  return scheme
}
