/**
 * The part of a site file about edge nodes: each with its links, the devices on them, and how much it keeps. A link's transport
 * is chosen by key.
 */
import Type from 'typebox'
import { ID_PATTERN } from './ids.ts'
import { Door } from './site-door.ts'
import { SiteOutput, SiteQuality } from './site-limit.ts'
import { SiteSimulated } from './site-simulated.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })
const Port = (description: string, value: number) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description })
const Host = Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' })

const Device = Type.Object(
  {
    id: Id('Id of the device, unique in the site.'),
    name: Text('Name people use.'),
    model: Id('Register map in models/.'),
    unit_id: Type.Integer({ minimum: 0, maximum: 255, default: 1, description: 'Modbus unit id; not 0 on RTU.' }),
    poll_ms: Type.Optional(Type.Integer({ minimum: 10, description: "Poll period [ms]; default the model's." })),
    floor: Type.Optional(Type.String({ description: 'Where it sits: `<structure>/<floor>`.' })),
    quality: Type.Optional(
      Type.Array(SiteQuality, { description: "Quality tests of its channels; default the model's." }),
    ),
    simulated: Type.Optional(SiteSimulated),
  },
  closed,
)
const Echo = Type.Optional(
  Type.Boolean({
    description: 'True for an RS-485 adapter that hears itself: each request comes back before its reply.',
  }),
)
const SerialLine = Type.Object(
  {
    path: Text('Serial port, e.g. /dev/serial/by-id/usb-..., which stays the same over restarts.'),
    baud: Type.Integer({ minimum: 300, maximum: 4_000_000, default: 9600, description: 'Bit rate [bit/s].' }),
    parity: Type.Enum(['none', 'even', 'odd'], { default: 'even', description: 'Parity bit.' }),
    data_bits: Type.Enum([8], { default: 8, description: 'Data bits; Modbus RTU has always 8.' }),
    stop_bits: Type.Enum([1, 2], { default: 1, description: 'Stop bits.' }),
    echo: Echo,
    simulator_path: Type.Optional(
      Text('Far end of the line, where simulated devices answer: a second port or the other end of a pty pair.'),
    ),
  },
  { ...closed, description: 'Modbus RTU on a serial port of the node.' },
)
const Link = Type.Object(
  {
    id: Id('Id of the link, unique in its node.'),
    tcp: Type.Optional(
      Type.Object(
        { host: Host, port: Port('Modbus TCP port.', 502) },
        {
          ...closed,
          description: 'Modbus TCP connection. A link has exactly one of `tcp`, `tls`, `rtu`, `rtu_over_tcp`.',
        },
      ),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          host: Host,
          port: Port('Modbus TCP Security port.', 802),
          server_name: Type.Optional(Text('Name in the certificate of the device; default `host`.')),
          ca_file: Type.Optional(Text('Certificates (PEM) that the device is judged by; default those of the system.')),
          cert_file: Type.Optional(Text('Client certificate (PEM), where the device asks for one.')),
          key_file: Type.Optional(Text('Its private key (PEM); readable by the owner only.')),
        },
        { ...closed, description: 'Modbus TCP inside TLS (MODBUS/TCP Security v21).' },
      ),
    ),
    rtu: Type.Optional(SerialLine),
    rtu_over_tcp: Type.Optional(
      Type.Object(
        {
          host: Host,
          port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Port of the serial device server.' }),
          echo: Echo,
        },
        { ...closed, description: 'Modbus RTU frames through a TCP connection to a serial device server.' },
      ),
    ),
    timeout_ms: Type.Integer({
      minimum: 10,
      maximum: 60_000,
      default: 1000,
      description: 'Time-out of one request [ms].',
    }),
    pause_after_connect_ms: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      default: 0,
      description: 'Pause between the connection and the first request [ms], for devices that need it.',
    }),
    pause_ms: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 0,
      description: 'Pause between two requests [ms], for devices that need it.',
    }),
    close_after_poll: Type.Boolean({
      default: false,
      description: 'Closes the connection after each poll, for devices that serve one master at a time.',
    }),
    devices: Type.Array(Device, { minItems: 1 }),
  },
  closed,
)
const StreamLimit = (mib: number, hours: number) =>
  Type.Object(
    {
      max_mib: Type.Number({ exclusiveMinimum: 0, default: mib, description: 'Bytes kept [MiB].' }),
      max_age_h: Type.Number({ exclusiveMinimum: 0, default: hours, description: 'Age kept [h].' }),
    },
    { ...closed, default: {} },
  )
export const NodeSchema = Type.Object(
  {
    id: Id('Id of the edge node. `<id>-blocks` is its second Sparkplug node.'),
    name: Text('Name people use.'),
    links: Type.Array(Link, { minItems: 1 }),
    outputs: Type.Optional(
      Type.Array(SiteOutput, { maxItems: 64, description: 'What the node switches by itself: sirens, lamps, gates.' }),
    ),
    outbox: Type.Object(
      {
        conditions: StreamLimit(64, 24 * 365),
        readings: StreamLimit(1024, 24 * 30),
        blocks: StreamLimit(4096, 24 * 7),
      },
      { ...closed, default: {}, description: 'How much unacknowledged data the node keeps.' },
    ),
    clock: Type.Enum(['system', 'ntp'], {
      default: 'system',
      description:
        '`system`: the clock is right once it shows no time before this release; `ntp`: once it is synchronised.',
    }),
    metrics: Door('the node'),
  },
  closed,
)
