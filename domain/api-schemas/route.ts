/**
 * What a route of the HTTP API is: where it stands, who may ask it, and the schemas of what it takes and answers. Desk,
 * reference, OpenAPI and the types of the console all come from these, so that they cannot differ.
 */
import type { TSchema } from 'typebox'
import type { Role } from '../roles.ts'

/**
 * `open`: anybody; `read`: anybody signed in, and everybody for the demo site on loopback; a role: that role or one above it.
 */
export type Access = 'open' | 'read' | Role
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export type ApiRoute = {
  readonly method: Method
  /** From the top, parameters as `:name`. */
  readonly path: string
  readonly access: Access
  /** One sentence. */
  readonly summary: string
  readonly tag: string
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** JSON of this shape, or another media type. */
  readonly answer: TSchema
  /** Other than JSON: what is answered then. */
  readonly media?: string
  /** Also as CSV: `format=csv` or `Accept: text/csv`. */
  readonly csv?: true
  /** Refusals beyond those that every route may give. */
  readonly refuses?: readonly number[]
}

export const PREFIX = '/api/v1'
