/**
 * JMA instrumental seismic intensity: of a record (`jma-record.ts`) and running on a stream (`running-jma.ts`), given out
 * together. Filter, rank and rounding are theirs; Taiwan's scale is `cwa.ts`.
 */
export {
  INTENSITY_MIN,
  type JmaClass,
  type JmaResult,
  jmaClass,
  jmaFilterGain,
  jmaIntensity,
  publishedIntensity,
} from './jma-record.ts'
export { RunningJma, type RunningJmaOptions, type RunningJmaResult } from './running-jma.ts'
