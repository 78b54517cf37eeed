/**
 * The simulator of the site: whoever is signed in sees what plays, an engineer has a hand on it. The simulator says itself what it
 * refuses; here only the form of a request is read, and what was done is journalled with the person's name.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DRILL_ROUTES } from '../../domain/api-schemas/drills.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { PlayRequest, SimulatorControl, Steer } from '../../domain/simulator-control.ts'
import type { Json } from '../alarm.ts'
import { badRequest } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { oneOfNameOrText } from './drills.ts'

/** An hour of three axes as text. */
const RECORDINGS_MAX = 64 * 1024 * 1024
const SCENARIO_BODY_MAX = 512 * 1024
export function simulatorRoutes(app: FastifyInstance, desk: DeskContext): void {
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

  serve(app, DRILL_ROUTES.simulator, () => simulator().status())

  serve(
    app,
    DRILL_ROUTES.play,
    ({ body, request }) => {
      if (body.files.length > 0 === (body.recording !== undefined))
        throw badRequest('body: expected either files or the name of a recording')
      const { files, ...rest } = body
      const what = { what: 'play', ...rest, files: files.map(({ name }) => name) } as Json & object
      return done(request, what, simulator().play(body as PlayRequest))
    },
    { bodyLimit: RECORDINGS_MAX },
  )

  serve(app, DRILL_ROUTES.steer, ({ body, request }) => {
    const { play, action, position_s } = body
    if ((action === 'seek') !== (position_s !== undefined))
      throw badRequest('body.position_s: expected with the action seek, and only there')
    const steer = (action === 'seek' ? { action, position_s } : { action }) as Steer
    return done(request, { what: 'steer', play, ...steer }, simulator().steer(play, steer))
  })

  serve(
    app,
    DRILL_ROUTES.scenario,
    async ({ body, request }) => {
      if ('stop' in body) {
        await done(request, { what: 'scenario stopped' }, simulator().stopScenario())
        return {}
      }
      oneOfNameOrText(body)
      return done(request, { what: 'scenario', ...body }, simulator().startScenario(body))
    },
    { bodyLimit: SCENARIO_BODY_MAX },
  )

  serve(app, DRILL_ROUTES.wire, ({ body, request }) => {
    const { node, link, faults } = body
    const work = simulator().setWireFaults(node, link, faults)
    return done(request, { what: 'wire faults', node, link, faults: faults as Json }, work)
  })

  serve(app, DRILL_ROUTES.fault, async ({ body, request }) => {
    const { device, kind, code, delay_ms } = body
    const what = { what: 'device fault', device, kind, code, delay_ms }
    await done(request, what, simulator().setFault(device, kind, code, delay_ms))
    return {}
  })
}
