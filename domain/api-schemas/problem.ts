/**
 * Refusals of the API: RFC 9457 problem details, with the code that programs go by. Codes of `domain/errors.ts` are told
 * under their own name; those below belong to HTTP alone.
 */
import Type, { type Static } from 'typebox'
import { ERRORS, type ErrorCode } from '../errors.ts'
import { Closed } from './common.ts'

export const PROBLEMS = {
  BAD_REQUEST: { status: 400, title: 'The request is not as it must be.' },
  NO_SESSION: { status: 401, title: 'Sign in first, or send a token.' },
  WRONG_CREDENTIALS: { status: 401, title: 'Name and passphrase, or the token, are not known here.' },
  FORBIDDEN: { status: 403, title: 'This is not for whoever asks, or not from there.' },
  NOT_FOUND: { status: 404, title: 'There is no such thing.' },
  STALE: { status: 409, title: 'What was seen has changed meanwhile, or does not allow this now.' },
  CONFLICT: { status: 409, title: 'Another of that name or kind is there already.' },
  REFUSED: { status: 409, title: 'The state of the alarm does not allow this.' },
  SHELVE_TOO_LONG: { status: 400, title: 'Longer than the site allows.' },
  LAST_ADMIN: { status: 409, title: 'Without this person nobody could manage people any more.' },
  TOO_LARGE: { status: 413, title: 'The request is longer than allowed.' },
  NOT_JSON: { status: 415, title: 'A request that changes something is application/json.' },
  TOO_MANY: { status: 429, title: 'Too many of these at once; wait as long as Retry-After says.' },
  TOO_MANY_CLIENTS: { status: 503, title: 'Too many clients hold a line open.' },
  JOURNAL_UNAVAILABLE: { status: 503, title: 'Nothing was done, because it cannot be journalled now.' },
} as const satisfies Record<string, { status: number; title: string }>
export type ProblemCode = keyof typeof PROBLEMS | ErrorCode

export const problemTitle = (code: string): string => {
  if (code in PROBLEMS) return PROBLEMS[code as keyof typeof PROBLEMS].title
  return code in ERRORS ? ERRORS[code as ErrorCode].what : 'The request was refused.'
}

export const PROBLEM_MEDIA = 'application/problem+json; charset=utf-8'

export const ProblemJson = Closed({
  type: Type.String({ description: 'Where the code is explained: a page of this desk.' }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String({ description: 'What was expected and what came.' }),
  code: Type.String({ description: 'What a program goes by.' }),
  error: Closed({ code: Type.String(), message: Type.String() }, { description: 'Code and detail once more, as one.' }),
})
export type ProblemJson = Static<typeof ProblemJson>

export const problemJson = (status: number, code: string, message: string): ProblemJson => ({
  type: `/docs/errors#${code}`,
  title: problemTitle(code),
  status,
  detail: message,
  code,
  error: { code, message },
})
