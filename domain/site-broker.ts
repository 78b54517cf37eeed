/** The part of the site file that says where MQTT is: the embedded broker's listeners, or brokers that others run. */
import Type from 'typebox'
import { Door } from './site-door.ts'

const closed = { additionalProperties: false } as const
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 500, description })
const Port = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description })
const OtherHost = Type.Optional(Text('Address to listen on; default `host` of the broker.'))

const Tls = Type.Object(
  {
    host: OtherHost,
    port: Port(8883, 'Port of MQTT over TLS.'),
    cert_file: Type.Optional(Text('Certificate (PEM); default the one that `./plumbline tls init` makes.')),
    key_file: Type.Optional(Text('Its private key (PEM); readable by the owner only.')),
    client_ca_file: Type.Optional(
      Text(
        'Authority (PEM) of client certificates; a certificate must name the MQTT user. Default: none are asked for.',
      ),
    ),
    client_certificates: Type.Enum(['optional', 'required'], {
      default: 'required',
      description: 'Whether a client may come without one, where `client_ca_file` is given.',
    }),
    use: Type.Boolean({
      default: false,
      description:
        "Plumbline's own services connect through it; with `client_ca_file` each shows the certificate that `./plumbline tls client` made for it.",
    }),
    connect_host: Type.Optional(
      Text('Name or address, as in the certificate, by which they reach it; default where it listens, else loopback.'),
    ),
    ca_file: Type.Optional(
      Text("Authority (PEM) that they judge it by; default the site's own, that `./plumbline tls init` made."),
    ),
  },
  { ...closed, description: 'MQTT over TLS, beside the plain port.' },
)
const WebSocket = Type.Object(
  {
    host: OtherHost,
    port: Port(8083, 'Port of MQTT over WebSocket, path /mqtt.'),
    tls: Type.Boolean({ default: false, description: 'With the certificate of `tls`.' }),
  },
  { ...closed, description: 'MQTT over WebSocket, beside the plain port.' },
)
const External = Type.Object(
  {
    urls: Type.Array(
      Type.String({ pattern: '^mqtts?://[^/@]+$', description: 'mqtt://host:port or mqtts://host:port.' }),
      {
        minItems: 1,
        maxItems: 8,
        description: 'Addresses of one broker or cluster, tried in turn.',
      },
    ),
    user_prefix: Type.Optional(
      Text("Put before the user names of Plumbline's own clients, where the broker is shared."),
    ),
    ca_file: Type.Optional(Text('Authority (PEM) that the broker is judged by; default those of the system.')),
  },
  {
    ...closed,
    description:
      'A broker that others run, in place of the embedded one. Each service reads its password from `mqtt-password` in its data folder.',
  },
)

export const SiteBroker = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' }),
    port: Port(1883, 'MQTT port.'),
    tls: Type.Optional(Tls),
    websocket: Type.Optional(WebSocket),
    external: Type.Optional(External),
    metrics: Door('the embedded broker'),
  },
  { ...closed, default: {}, description: 'The embedded MQTT broker.' },
)
