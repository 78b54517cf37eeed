/**
 * Commands to the field: a point is written, an output silenced. The person is the session's, the node is found by the
 * device or the output; whether it may be done is the node's to say, and the answer is what became of it.
 */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { CommandBody, CommandJson } from '../../domain/api.ts'
import { DRILL_ROUTES, SilenceCommand, WriteCommand } from '../../domain/api-schemas/drills.ts'
import type { Site } from '../../domain/channel.ts'
import { isShadow } from '../../domain/drill.ts'
import { badRequest, notFound } from '../http-error.ts'
import { carriedOut } from '../io/command-teller.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { personAs } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { readBody } from '../request.ts'

const Kind = Type.Object({ kind: Type.String() })

export function commandRoutes(app: FastifyInstance, desk: DeskContext): void {
  // Which of the two shapes is meant the body says itself: a mistake is then told of that one, not of both.
  const route = { ...DRILL_ROUTES.command, body: Type.Unknown() }
  serve(app, route, async ({ body: given, request }): Promise<CommandJson> => {
    const body = bodyOf(given)
    // Silencing answers an alarm; writing a point changes what the plant does.
    const { name } = personAs(request, desk, body.kind === 'write' ? 'engineer' : 'operator')
    return carriedOut(await desk.commands.ask(nodeOf(desk.site, body), body, name))
  })
}

function bodyOf(given: unknown): CommandBody {
  const { kind } = readBody(Kind, given)
  if (kind === 'write') return readBody(WriteCommand, given)
  if (kind === 'silence') return readBody(SilenceCommand, given)
  throw badRequest(`body.kind: expected write or silence, got ${JSON.stringify(kind).slice(0, 80)}`)
}

/** @throws HttpError 404 */
function nodeOf({ file }: Pick<Site, 'file'>, body: CommandBody): string {
  if (body.kind === 'write') {
    const { device } = body
    if (isShadow(device))
      throw notFound(`${device} is the shadow of a drill: nothing is behind it that could be written`)
    const node = file.nodes.find(({ links }) => links.some(({ devices }) => devices.some(({ id }) => id === device)))
    if (node === undefined) throw notFound(`there is no device ${device}`)
    return node.id
  }
  const node = file.nodes.find(({ outputs = [] }) => outputs.some(({ id }) => id === body.output))
  if (node === undefined) throw notFound(`there is no output ${body.output}`)
  return node.id
}
