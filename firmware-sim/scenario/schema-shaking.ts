/** What a scenario says of shaking: earthquakes, buildings and what breaks in them. */
import Type from 'typebox'
import { Above0, closed, Id, Within } from './schema-parts.ts'

export const Earthquake = Type.Object(
  {
    magnitude: Type.Optional(Within(4, 8, 'Moment magnitude of a made motion.')),
    distance_km: Type.Optional(Within(1, 200, 'Distance to the rupture [km].')),
    recording: Type.Optional(Id('A recorded ground motion in place of a made one.')),
    from: Type.Optional(Type.String({ description: 'First instant of the record, ISO 8601.' })),
    to: Type.Optional(Type.String({ description: 'Last instant of the record, ISO 8601.' })),
    pga_m_s2: Type.Optional(Above0('Peak of the stronger horizontal axis of the ground [m/s²].', 50)),
  },
  {
    ...closed,
    description: 'The ground shakes; buildings answer on each floor. Magnitude and distance, or a recording.',
  },
)

export const Damage = Type.Object(
  {
    storey: Type.Integer({ minimum: 1, maximum: 60, description: 'Counted from the ground, 1 is the lowest.' }),
    share: Within(0.001, 0.999, 'Stiffness left, share of what it was built with; 0.7 is a loss of 30 %.'),
    axis: Type.Optional(Type.Enum(['ns', 'ew'], { description: 'Only along this axis; default both.' })),
  },
  { ...closed, description: 'A storey loses stiffness; the building sways more slowly until the end of the round.' },
)

export const BuildingOf = Type.Object(
  {
    structure: Id('A structure of the site.'),
    storeys: Type.Integer({ minimum: 1, maximum: 60, description: 'Storeys above ground.' }),
    frequency_hz: Type.Optional(Above0('First natural frequency [Hz]; default 10 / storeys.', 20)),
    damping: Type.Number({ minimum: 0.001, maximum: 0.3, default: 0.05, description: 'Share of critical.' }),
    storey_height_m: Type.Number({ minimum: 2, maximum: 20, default: 3.5, description: 'Floor to floor [m].' }),
    yield_drift_ratio: Type.Optional(
      Within(0.0005, 0.1, 'Drift ratio at which every storey yields; default none: it stays elastic.'),
    ),
    hardening: Type.Optional(Within(0, 0.9, 'Stiffness after yielding, share of the elastic one; default 0.03.')),
  },
  closed,
)
