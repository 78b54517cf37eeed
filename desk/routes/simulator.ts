/**
 * The simulator of the site: whoever is signed in sees what plays, an engineer has a hand on it. The simulator says itself what it
 * refuses; here only the form of a request is read, and what was done is journalled with the person's name.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayRequest, SimulatorControl, SimulatorStatus, Steer } from '../../domain/simulator-control.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { Json } from '../alarm.ts'
import { badRequest } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { readBody } from '../request.ts'
import { oneOfNameOrText, Scenario } from './drills.ts'

/** An hour of three axes as text. */
const RECORDINGS_MAX = 64 * 1024 * 1024
const SCENARIO_BODY_MAX = 512 * 1024
const closed = { additionalProperties: false } as const

const Id = Type.String({ minLength: 1, maxLength: 160 })
const Chance = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))
const Play = Type.Object(
  {
    as: Type.Union([Id, Type.Record(Type.String({ minLength: 1, maxLength: 200 }), Id)]),
    files: Type.Array(
      Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }), base64: Type.String() }, closed),
      {
        maxItems: 1000,
      },
    ),
    recording: Type.Optional(Id),
    speed: Type.Optional(Type.Number({ minimum: 0.1, maximum: 100 })),
    scale: Type.Optional(Type.Number()),
    scale_pga_m_s2: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    start_s: Type.Optional(Type.Number({ minimum: 0 })),
    loop: Type.Optional(Type.Boolean()),
    unit: Type.Optional(Id),
    dt_s: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
)
const SteerBody = Type.Object(
  {
    play: Id,
    action: Type.Union(['pause', 'resume', 'stop', 'seek'].map((action) => Type.Literal(action))),
    position_s: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
)
const Stop = Type.Object({ stop: Type.Literal(true) }, closed)
const Wire = Type.Object(
  {
    node: Id,
    link: Id,
    faults: Type.Object(
      {
        delay: Type.Optional(
          Type.Object(
            { chance: Chance, ms: Type.Number({ minimum: 0 }), jitter_ms: Type.Optional(Type.Number({ minimum: 0 })) },
            closed,
          ),
        ),
        drop: Chance,
        truncate: Chance,
        duplicate: Chance,
        misnumber: Chance,
        corrupt: Chance,
        reorder: Chance,
        way: Type.Optional(Type.Union([Type.Literal('requests'), Type.Literal('replies')])),
        units: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 256 })),
      },
      closed,
    ),
  },
  closed,
)
const Fault = Type.Object(
  {
    device: Id,
    kind: Id,
    code: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    delay_ms: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
)

export function simulatorRoutes(app: FastifyInstance, desk: DeskContext): void {
  const viewer = { config: { access: 'viewer' } } as const
  const engineer = { config: { access: 'engineer' } } as const
  const simulator = (): SimulatorControl => {
    if (desk.simulator === undefined)
      throw new PlumblineError('SIMULATOR_UNAVAILABLE', 'this desk was given no simulator')
    return desk.simulator
  }
  /** Does it, then writes down who did. */
  const done = async <T>(request: FastifyRequest, what: Json & object, work: Promise<T>): Promise<T> => {
    const { name } = person(request, desk)
    const result = await work
    await desk.alarms.note('simulator', name, what)
    return result
  }

  app.get('/api/v1/simulator', viewer, (): Promise<SimulatorStatus> => simulator().status())

  app.post('/api/v1/simulator/play', { ...engineer, bodyLimit: RECORDINGS_MAX }, (request) => {
    const body = readBody(Play, request.body)
    if (body.files.length > 0 === (body.recording !== undefined))
      throw badRequest('body: expected either files or the name of a recording')
    const { files, ...rest } = body
    const what = { what: 'play', ...rest, files: files.map(({ name }) => name) } as Json & object
    return done(request, what, simulator().play(body as PlayRequest))
  })

  app.post('/api/v1/simulator/steer', engineer, (request) => {
    const { play, action, position_s } = readBody(SteerBody, request.body)
    if ((action === 'seek') !== (position_s !== undefined))
      throw badRequest('body.position_s: expected with the action seek, and only there')
    const steer = (action === 'seek' ? { action, position_s } : { action }) as Steer
    return done(request, { what: 'steer', play, ...steer }, simulator().steer(play, steer))
  })

  app.post('/api/v1/simulator/scenario', { ...engineer, bodyLimit: SCENARIO_BODY_MAX }, async (request) => {
    if ((request.body as { stop?: unknown } | undefined)?.stop !== undefined) {
      readBody(Stop, request.body)
      await done(request, { what: 'scenario stopped' }, simulator().stopScenario())
      return {}
    }
    const scenario = readBody(Scenario, request.body)
    oneOfNameOrText(scenario)
    return done(request, { what: 'scenario', ...scenario }, simulator().startScenario(scenario))
  })

  app.post('/api/v1/simulator/wire', engineer, (request) => {
    const { node, link, faults } = readBody(Wire, request.body)
    const work = simulator().setWireFaults(node, link, faults as WireFaults)
    return done(request, { what: 'wire faults', node, link, faults: faults as Json }, work)
  })

  app.post('/api/v1/simulator/fault', engineer, async (request) => {
    const { device, kind, code, delay_ms } = readBody(Fault, request.body)
    const what = { what: 'device fault', device, kind, code, delay_ms }
    await done(request, what, simulator().setFault(device, kind, code, delay_ms))
    return {}
  })
}
