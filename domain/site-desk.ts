/** The part of a site file that says where the desk listens and how people reach it. */
import Type from 'typebox'
import { Door } from './site-door.ts'

const closed = { additionalProperties: false } as const

export const SiteDesk = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080, description: 'Console and API.' }),
    metrics: Door('the desk'),
  },
  { ...closed, default: {}, description: 'Console and HTTP API.' },
)
