/** What the API refuses: a status, the code that programs go by (`domain/api-schemas/problem.ts`), and words. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  /** Seconds, for 429 and 503. */
  readonly retryAfter_s?: number

  constructor(status: number, code: string, message: string, retryAfter_s?: number) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.code = code
    this.retryAfter_s = retryAfter_s
  }
}

export const badRequest = (message: string) => new HttpError(400, 'BAD_REQUEST', message)
export const noSession = () => new HttpError(401, 'NO_SESSION', 'sign in first')
export const forbidden = (message: string) => new HttpError(403, 'FORBIDDEN', message)
export const notFound = (message: string) => new HttpError(404, 'NOT_FOUND', message)
export const conflict = (message: string) => new HttpError(409, 'CONFLICT', message)
export const stale = (message: string) => new HttpError(409, 'STALE', message)
export const tooMany = (message: string, retryAfter_s: number) => new HttpError(429, 'TOO_MANY', message, retryAfter_s)
