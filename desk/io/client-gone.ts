/** Aborts when the client of a request leaves before it has its answer: what was asked for it need not be found any more. */
import type { FastifyReply } from 'fastify'
import { HttpError } from '../http-error.ts'

/** Answered to nobody; 499 is what logs of other servers call it. */
const CLIENT_GONE = 499

export function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => {
    if (!raw.writableEnded) controller.abort(new HttpError(CLIENT_GONE, 'BAD_REQUEST', 'the client has left'))
  })
  return controller.signal
}
