/** The part of a site file that opens the plain mirror: readings and alarms as JSON for programs that know no Sparkplug. */
import Type, { type Static } from 'typebox'

export const SiteMirror = Type.Object(
  {
    every_s: Type.Number({
      minimum: 1,
      maximum: 3600,
      default: 1,
      description: 'The newest reading of a channel goes out at most this often [s].',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Readings and alarms as retained JSON under `plumbline/<site>/`, for whoever reads no Sparkplug; default not at all.',
  },
)
export type SiteMirror = Static<typeof SiteMirror>
