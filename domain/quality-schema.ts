/** Quality tests of a channel as models and site files write them (QARTOD names). What they are in SI is `quality-tests.ts`'s. */
import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const Span = (description: string) =>
  Type.Optional(
    Type.Object(
      { low: Type.Number(), high: Type.Number() },
      { ...closed, description: `${description}; both ends are within.` },
    ),
  )
const Threshold = (description: string) => Type.Optional(Type.Number({ exclusiveMinimum: 0, description }))

export const QualityTests = Type.Object(
  {
    possible: Span('Gross range: a value outside is failed'),
    usual: Span('Gross range: a value outside is suspect'),
    spike: Type.Optional(
      Type.Object(
        {
          suspect: Threshold(
            'A jump above this from one value to the next is suspect until the next value bears it out.',
          ),
          fail: Threshold('A jump above this is failed until the next value bears it out.'),
        },
        { ...closed, description: 'Single values that their neighbours do not support, in `unit`.' },
      ),
    ),
    rate_of_change: Type.Optional(
      Type.Object(
        {
          suspect_per_h: Threshold('Faster than this is suspect.'),
          fail_per_h: Threshold('Faster than this is failed.'),
        },
        { ...closed, description: 'Change from one value to the next, in `unit` per hour of device time.' },
      ),
    ),
    flat_line: Type.Optional(
      Type.Object(
        {
          tolerance: Type.Number({ exclusiveMinimum: 0, description: 'Flat means a range below this, in `unit`.' }),
          suspect_s: Threshold('Flat for this long is suspect, in device time [s].'),
          fail_s: Threshold('Flat for this long is failed, in device time [s].'),
        },
        { ...closed, description: 'A value that stands still for longer than this signal ever does.' },
      ),
    ),
  },
  { ...closed, description: 'Quality tests; a test that is left out is not made.' },
)
export type QualityTests = Static<typeof QualityTests>
