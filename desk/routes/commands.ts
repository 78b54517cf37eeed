/**
 * Commands to the field: a point is written, an output silenced. The person is the session's, the node is found by the
 * device or the output; whether it may be done is the node's to say, and the answer is what became of it.
 */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { CommandBody, CommandJson } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import { isShadow } from '../../domain/drill.ts'
import { badRequest, notFound } from '../http-error.ts'
import { carriedOut } from '../io/command-teller.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { personAs } from '../io/guard.ts'
import { readBody } from '../request.ts'

const TEXT_MAX = 160
const Text = Type.String({ minLength: 1, maxLength: TEXT_MAX })
const closed = { additionalProperties: false } as const
const Kind = Type.Object({ kind: Type.String() })
const Write = Type.Object({ kind: Type.Literal('write'), device: Text, metric: Text, value: Type.Number() }, closed)
const Silence = Type.Object({ kind: Type.Literal('silence'), output: Text }, closed)

export function commandRoutes(app: FastifyInstance, desk: DeskContext): void {
  app.post('/api/v1/commands', { config: { access: 'operator' } }, async (request): Promise<CommandJson> => {
    const body = bodyOf(request.body)
    // Silencing answers an alarm; writing a point changes what the plant does.
    const { name } = personAs(request, desk, body.kind === 'write' ? 'engineer' : 'operator')
    return carriedOut(await desk.commands.ask(nodeOf(desk.site, body), body, name))
  })
}

function bodyOf(given: unknown): CommandBody {
  const { kind } = readBody(Kind, given)
  if (kind === 'write') return readBody(Write, given)
  if (kind === 'silence') return readBody(Silence, given)
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
