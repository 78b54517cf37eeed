/**
 * The part of a site file about CAP messages: who sends them, which levels may go out by themselves, which limits of a
 * structure make them, and the areas they are about.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './ids.ts'

const closed = { additionalProperties: false } as const
const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description })
const Latitude = Type.Number({ minimum: -90, maximum: 90, description: 'Latitude, WGS 84 [deg].' })
const Longitude = Type.Number({ minimum: -180, maximum: 180, description: 'Longitude, WGS 84 [deg].' })

export const SiteArea = Type.Object(
  {
    description: Type.Optional(Text('Where it is, in words; default the name.')),
    polygon: Type.Optional(
      Type.Array(Type.Object({ latitude: Latitude, longitude: Longitude }, closed), {
        minItems: 3,
        maxItems: 200,
        description: 'Corners in their order; the last joins the first by itself.',
      }),
    ),
    circle: Type.Optional(
      Type.Object(
        {
          latitude: Latitude,
          longitude: Longitude,
          radius_km: Type.Number({ minimum: 0, maximum: 1000, description: 'Radius [km].' }),
        },
        { ...closed, description: 'A circle.' },
      ),
    ),
    geocodes: Type.Optional(
      Type.Array(
        Type.Object(
          { name: Text('The code list, e.g. `SAME` or `Taiwan_Geocode_112`.'), value: Text('The code.') },
          closed,
        ),
        { maxItems: 100, description: 'Codes of the area.' },
      ),
    ),
  },
  { ...closed, description: 'The area that CAP messages about it are for.' },
)

const Expires = Type.Optional(
  Type.Integer({
    minimum: 10,
    maximum: 10_080,
    description:
      'A message says that it is no longer in effect so long after it went out [min], and is renewed by an Update at half of it while the level stands. Without it a message says nothing of its end.',
  }),
)

const Release = Type.Enum(['operator', 'automatic'], {
  default: 'operator',
  description:
    '`operator`: a draft waits for a person; `automatic`: it goes out by itself, but never on a suspect value.',
})

export const SiteCap = Type.Object(
  {
    sender: Type.String({
      pattern: '^[A-Za-z0-9._-]+(@[A-Za-z0-9.-]+)?$',
      maxLength: 100,
      description: 'Who sends, globally unique: an address or a domain, e.g. desk@example.org.',
    }),
    sender_name: Type.Optional(Text('Name people read; default the name of the site.')),
    scope: Type.Enum(['Public', 'Restricted', 'Private'], {
      default: 'Public',
      description:
        'Whom the messages are for. Other than `Public`, feed and messages are served to people signed in only.',
    }),
    restriction: Type.Optional(Text('With `Restricted`: the rule.')),
    addresses: Type.Optional(Text('With `Private`: who receives them, apart by spaces.', 1000)),
    expires_min: Expires,
    test: Type.Boolean({ default: false, description: 'Messages about real sensors are status Test, not Actual.' }),
    levels: Type.Array(
      Type.Object({ level: Text('Named level: `<water>/<level>`.'), release: Release, expires_min: Expires }, closed),
      {
        maxItems: 200,
        default: [],
        description:
          'Levels of waters that are not released by an operator, or expire otherwise than `cap.expires_min`.',
      },
    ),
    structures: Type.Array(
      Type.Object(
        {
          structure: Type.String({ pattern: ID_PATTERN, description: 'Id of the structure.' }),
          limit: Type.String({ pattern: ID_PATTERN, description: 'Id of a limit of a device on one of its floors.' }),
          severity: Type.Enum(['action', 'minor', 'moderate', 'major'], { description: 'As of a level of water.' }),
          meaning: Text('What it means nearby: who does what.'),
          release: Release,
          expires_min: Expires,
        },
        closed,
      ),
      { maxItems: 200, default: [], description: 'Limits of structures that make CAP messages; others make none.' },
    ),
  },
  {
    ...closed,
    description: 'CAP 1.2 messages of limits on named levels of waters, and of structures where it says so.',
  },
)
export type SiteCap = Static<typeof SiteCap>
export type SiteArea = Static<typeof SiteArea>
