/** The schemes that ship, by id. A site's own is made by `custom.ts`. */
import { JMA } from './jma.ts'
import type { Scheme } from './scheme.ts'
import { TW_CWA } from './tw-cwa.ts'
import { TW_WRA } from './tw-wra.ts'
import { UK_EA } from './uk-ea.ts'
import { US_NWS } from './us-nws.ts'

export const SCHEMES: readonly Scheme[] = [TW_WRA, US_NWS, UK_EA, TW_CWA, JMA]

/** @param own a site's own schemes, looked at first */
export const schemeOf = (id: string, own: readonly Scheme[] = []): Scheme | undefined =>
  [...own, ...SCHEMES].find((scheme) => scheme.id === id)
