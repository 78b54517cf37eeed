/**
 * What a severity scheme is: named levels in order, in two languages, with colour and what people do. The tables are data
 * (`tw-wra.ts`, `us-nws.ts`, `uk-ea.ts`, `tw-cwa.ts`, `jma.ts`, a site's own); which level holds now is computed elsewhere.
 */

export type Language = 'en' | 'zh-TW'
export type Words = Readonly<Record<Language, string>>

export type SchemeLevel = {
  /** What data carries, e.g. `1`, `5-`, `minor`; unique in its scheme. */
  readonly code: string
  /** Order of severity, from 1 = mildest. Printed numbers say nothing about it: WRA level 1 is the worst. */
  readonly rank: number
  readonly name: Words
  /** What is so, in a sentence. */
  readonly meaning: Words
  /** What people do. */
  readonly action: Words
  /** `#rrggbb`. Never the only sign: the name always stands beside it. */
  readonly colour: string
}

export type Scheme = {
  readonly id: string
  readonly name: Words
  readonly of: 'water' | 'earthquake'
  /** Mildest first. */
  readonly levels: readonly SchemeLevel[]
  /** Where names, order, colours and actions come from; [K] = as generally known, the text itself was not at hand. */
  readonly source: string
}

const COLOUR = /^#[0-9a-f]{6}$/
const LANGUAGES: readonly Language[] = ['en', 'zh-TW']

/**
 * Every mistake of a scheme as a sentence; none for a right one. Ranks are 1, 2, 3 … in the order of the levels, codes are
 * unique, every text is there in both languages.
 */
export function schemeMistakes(scheme: Scheme): string[] {
  const out: string[] = []
  const words = (at: string, text: Partial<Words> | undefined) => {
    for (const language of LANGUAGES)
      if ((text?.[language] ?? '').trim() === '') out.push(`${at}: expected a text in ${language}`)
  }
  if (!/^[a-z0-9-]{1,64}$/.test(scheme.id)) out.push(`id: expected a-z, 0-9 and -, got ${JSON.stringify(scheme.id)}`)
  words('name', scheme.name)
  if (scheme.source.trim() === '') out.push('source: expected a text')
  if (scheme.levels.length === 0) out.push('levels: expected at least one')
  const codes = new Map<string, number>()
  scheme.levels.forEach((level, i) => {
    const at = `levels[${i}]`
    if (level.rank !== i + 1) out.push(`${at}.rank: expected ${i + 1} (mildest first), got ${level.rank}`)
    if (level.code.trim() === '') out.push(`${at}.code: expected a text`)
    const twin = codes.get(level.code)
    if (twin !== undefined) out.push(`${at}.code: ${JSON.stringify(level.code)} is the code of levels[${twin}] already`)
    codes.set(level.code, i)
    words(`${at}.name`, level.name)
    words(`${at}.meaning`, level.meaning)
    words(`${at}.action`, level.action)
    if (!COLOUR.test(level.colour)) out.push(`${at}.colour: expected #rrggbb, got ${JSON.stringify(level.colour)}`)
  })
  return out
}

/** @returns the level of a code, undefined for a code that the scheme does not know: never a guess */
export const levelOf = (scheme: Scheme, code: string): SchemeLevel | undefined =>
  scheme.levels.find((level) => level.code === code)

/** @throws RangeError naming the codes there are */
function requireLevel(scheme: Scheme, code: string): SchemeLevel {
  const level = levelOf(scheme, code)
  if (level !== undefined) return level
  const codes = scheme.levels.map((l) => l.code).join(', ')
  throw new RangeError(`scheme ${scheme.id}: expected one of ${codes}, got ${JSON.stringify(code)}`)
}

/** Negative where `a` is milder than `b`, 0 where they are the same. @throws RangeError for an unknown code */
export const compareLevels = (scheme: Scheme, a: string, b: string): number =>
  requireLevel(scheme, a).rank - requireLevel(scheme, b).rank

/** The worst of some codes, undefined for none. @throws RangeError for an unknown code */
export const worstLevel = (scheme: Scheme, codes: Iterable<string>): SchemeLevel | undefined => {
  let worst: SchemeLevel | undefined
  for (const code of codes) {
    const level = requireLevel(scheme, code)
    if (worst === undefined || level.rank > worst.rank) worst = level
  }
  return worst
}

/**
 * The worst level whose threshold a value has reached (at or above), undefined below all.
 * @param thresholds by code, in the unit of the value; levels without one are left out. They need not be in order: a station's
 *   published stages sometimes are not, and then the worst one reached counts
 * @throws RangeError for a value that is no number (unknown is never "no level") or an unknown code
 */
export function reachedLevel(
  scheme: Scheme,
  value: number,
  thresholds: Readonly<Record<string, number>>,
): SchemeLevel | undefined {
  if (Number.isNaN(value)) throw new RangeError('value: expected a number, got NaN')
  const reached = Object.entries(thresholds).filter(([code, threshold]) => {
    requireLevel(scheme, code)
    return value >= threshold
  })
  return worstLevel(
    scheme,
    reached.map(([code]) => code),
  )
}
