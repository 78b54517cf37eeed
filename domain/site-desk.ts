/** The part of a site file that says where the desk listens, how people reach it, and how long they stay signed in. */
import Type, { type Static } from 'typebox'
import { Door } from './site-door.ts'

const closed = { additionalProperties: false } as const
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 500, description })

const Tls = Type.Object(
  {
    cert_file: Type.Optional(
      Text('Certificate (PEM), its chain after it; default the one that `./plumbline tls desk` makes.'),
    ),
    key_file: Type.Optional(Text('Its private key (PEM); readable by the owner only.')),
  },
  {
    ...closed,
    description:
      'Console and API over TLS (https) in place of plain http. A renewed certificate is taken up by itself.',
  },
)
const ProxyInFront = Type.Object(
  {
    addresses: Type.Array(
      Type.String({ minLength: 2, maxLength: 64, description: 'Address, or network as 10.0.0.0/8.' }),
      {
        minItems: 1,
        maxItems: 32,
        description: 'Where the proxy connects from: only from there X-Forwarded-For, -Proto and -Host are believed.',
      },
    ),
  },
  { ...closed, description: 'A proxy that people reach the desk through.' },
)
const Sessions = Type.Object(
  {
    idle_h: Type.Number({
      minimum: 0.25,
      maximum: 168,
      default: 12,
      description: 'A session ends when idle so long [h].',
    }),
    longest_h: Type.Number({ minimum: 1, maximum: 8760, default: 168, description: 'And in any case after this [h].' }),
  },
  { ...closed, default: {}, description: 'How long people stay signed in.' },
)

export const SiteDesk = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080, description: 'Console and API.' }),
    metrics: Door('the desk'),
    public_url: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#@\\s]+$',
        maxLength: 300,
        description:
          'How people reach the desk from outside, e.g. https://desk.example.org: links in messages begin with it.',
      }),
    ),
    tls: Type.Optional(Tls),
    proxy: Type.Optional(ProxyInFront),
    sessions: Sessions,
  },
  { ...closed, default: {}, description: 'Console and HTTP API.' },
)
export type SiteDesk = Static<typeof SiteDesk>
