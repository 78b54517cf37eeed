/**
 * The site file: what is watched, by which devices, through which nodes, and what raises an alarm. One schema validates,
 * gives the types, and generates `site.schema.json` and the reference. Reading and judging a file is `site-load.ts`.
 * Variants are chosen by key (`tcp: {...}`), never by union, so that one mistake gives one message.
 */
import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './ids.ts'
import { SiteAlarms } from './site-alarms.ts'
import { SiteBroker } from './site-broker.ts'
import { SiteArea, SiteCap } from './site-cap.ts'
import { SiteDesk } from './site-desk.ts'
import { Door } from './site-door.ts'
import { SiteLimit, SiteOutput, SiteQuality } from './site-limit.ts'
import { SiteMirror } from './site-mirror.ts'
import { SiteNotices } from './site-notices.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })
const Port = (description: string, value: number) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description })
const Host = Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' })

const Floor = Type.Object(
  {
    id: Id('Id of the floor.'),
    name: Text('Name people use.'),
    height_m: Type.Number({ description: 'Height above ground [m].' }),
  },
  closed,
)
const Structure = Type.Object(
  {
    id: Id('Id of the structure.'),
    name: Text('Name people use.'),
    kind: Type.Enum(['building', 'bridge', 'tower'], { description: 'What stands there.' }),
    floors: Type.Array(Floor, { minItems: 1, description: 'From the ground up.' }),
    area: Type.Optional(SiteArea),
  },
  closed,
)

export const SEVERITIES = ['action', 'minor', 'moderate', 'major'] as const
const WaterLevel = Type.Object(
  {
    id: Id('Id of the level, unique in its water.'),
    name: Text('Name of the level, e.g. "Level 1 (red)".'),
    stage: Type.Number({ description: 'Stage above gauge datum, in `unit` of the water.' }),
    severity: Type.Enum([...SEVERITIES], { description: 'Order and colour of the level.' }),
    meaning: Text('What it means nearby: who does what.'),
  },
  closed,
)
const Water = Type.Object(
  {
    id: Id('Id of the water.'),
    name: Text('Name people use.'),
    kind: Type.Enum(['river', 'basin', 'drain', 'sea'], { description: 'What water it is.' }),
    datum: Text('What stage zero is.'),
    unit: Type.Enum(['m', 'cm', 'ft'], { default: 'm', description: 'Unit of `levels[].stage`.' }),
    gauge: Type.String({ description: 'Channel that gives the stage, e.g. `dead-run/stage`.' }),
    levels: Type.Array(WaterLevel, { default: [], description: 'Named levels, any order.' }),
    zero: Type.Optional(
      Type.Object(
        {
          elevation: Type.Number({ description: 'Elevation of stage zero, in `unit` of the water.' }),
          above: Text('The vertical datum it is above, e.g. TWVD2001.'),
        },
        { ...closed, description: 'Where stage zero lies; with it the console shows elevations as well.' },
      ),
    ),
    upstream: Type.Optional(
      Type.Array(Id('Id of another water.'), { description: 'Waters gauged upstream of this one, nearest first.' }),
    ),
    area: Type.Optional(SiteArea),
  },
  closed,
)

const Play = Type.Object(
  {
    recording: Id('Name of a record in recordings/.'),
    from: Type.Optional(
      Type.String({ description: 'First instant played, ISO 8601; default the start of the record.' }),
    ),
    to: Type.Optional(Type.String({ description: 'Last instant played, ISO 8601; default its end.' })),
    quiet_s: Type.Number({ minimum: 0, default: 60, description: 'Quiet between two rounds, in device time [s].' }),
    lead_s: Type.Number({ minimum: 0, default: 0, description: 'Quiet before the first round, in device time [s].' }),
  },
  { ...closed, description: 'What a simulated device plays, round after round.' },
)
const AtLeast0 = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }))
const Any = (description: string) => Type.Optional(Type.Number({ description }))
const Imperfections = Type.Object(
  {
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'Seed of noise and jitter; default from the id.',
      }),
    ),
    range: Type.Optional(
      Type.Object(
        { low: Type.Number({ description: 'Lowest value shown.' }), high: Type.Number({ description: 'Highest.' }) },
        { ...closed, description: 'What the sensor can show; beyond it saturates. SI, as all values here.' },
      ),
    ),
    bits: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 32, description: 'Converter: 2^bits - 1 steps over `range`.' }),
    ),
    noise_rms: AtLeast0('Standard deviation of white noise.'),
    offset: Any('Offset.'),
    offset_per_K: Any('Offset per kelvin away from the reference temperature.'),
    gain_per_K: Any('Relative change of sensitivity per kelvin.'),
    reference_c: Any('Temperature at which offset and gain are as told [°C]; default 20.'),
    clock_ppm: Type.Optional(
      Type.Number({ minimum: -10_000, maximum: 10_000, description: 'How much too fast its clock runs [ppm].' }),
    ),
    clock_jitter_ns: AtLeast0("Standard deviation of a sample's instant [ns]."),
    startup_s: AtLeast0('Device time after a boot during which there is no value [s].'),
  },
  { ...closed, description: 'What the sensor makes of the truth; default a perfect sensor.' },
)
const Simulated = Type.Object(
  {
    time_scale: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Device seconds per real second.' }),
    play: Play,
    imperfections: Type.Optional(Imperfections),
  },
  { ...closed, description: 'The device is simulated; everything it gives is marked EXERCISE.' },
)
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
    simulated: Type.Optional(Simulated),
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
const Node = Type.Object(
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

const KeptDays = (days: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 36_525, default: days, description })

export const SiteSchema = Type.Object(
  {
    site: Id('Id of the site; the Sparkplug group.'),
    name: Text('Name people use.'),
    time_zone: Type.String({ default: 'UTC', description: 'IANA time zone of the site, e.g. Asia/Taipei.' }),
    structures: Type.Array(Structure, { default: [] }),
    waters: Type.Array(Water, { default: [] }),
    nodes: Type.Array(Node, { minItems: 1 }),
    limits: Type.Array(SiteLimit, { default: [] }),
    broker: SiteBroker,
    store: Type.Object(
      {
        influx: Type.Optional(
          Type.Object(
            {
              url: Type.String({ pattern: '^https?://', description: 'Base address, e.g. http://127.0.0.1:8086.' }),
              database: Type.String({
                pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
                default: 'plumbline',
                description: 'Database X; waveforms go to X/raw, exercises to X-exercise and X-exercise/raw.',
              }),
              user: Type.Optional(Text('User name (InfluxDB 1.x).')),
              password_file: Type.Optional(Text('File with the password; never the password itself.')),
              token_file: Type.Optional(Text('File with the API token (InfluxDB 2.x and 3.x).')),
              org: Type.Optional(Text('Organization (InfluxDB 2.x); needed only where the token sees several.')),
              keep_days: Type.Optional(
                Type.Integer({
                  minimum: 1,
                  maximum: 36_500,
                  description:
                    'Readings and gaps are kept so long where Plumbline makes the database; default for ever.',
                }),
              ),
              keep_raw_days: Type.Optional(
                Type.Integer({
                  minimum: 1,
                  maximum: 36_500,
                  description: 'The same of waveforms and blocks.',
                }),
              ),
            },
            { ...closed, description: 'Series go to InfluxDB instead of the embedded store.' },
          ),
        ),
        retention: Type.Object(
          {
            blocks_d: KeptDays(30, 'Waveforms [d].'),
            events_d: KeptDays(3653, 'Waveforms around readings of their device beyond a limit of the site [d].'),
            readings_d: KeptDays(731, 'Single readings [d].'),
            rollups_d: KeptDays(0, 'Least, mean and greatest of each minute and hour [d].'),
          },
          { ...closed, default: {}, description: 'How long the embedded store keeps series; 0 is for ever.' },
        ),
      },
      {
        ...closed,
        default: {},
        description: 'Where series are kept, and how long; default the embedded store in the data folder.',
      },
    ),
    ingest: Type.Object(
      {
        foreign: Type.Array(Type.String({ pattern: '^[^/+#]{1,128}$' }), {
          maxItems: 256,
          default: [],
          description:
            'Sparkplug nodes of the group that are none of `nodes` and are stored too, or `*` for all; what of them is lost on the way nobody sends again.',
        }),
        metrics: Door('ingest'),
      },
      { ...closed, default: {}, description: 'What brings readings and waveforms into the store.' },
    ),
    alarms: SiteAlarms,
    desk: SiteDesk,
    mirror: Type.Optional(SiteMirror),
    sim: Type.Optional(
      Type.Object({ metrics: Door('the simulator') }, { ...closed, description: 'The simulator of this site.' }),
    ),
    notices: Type.Optional(SiteNotices),
    cap: Type.Optional(SiteCap),
  },
  { ...closed, title: 'Plumbline site file' },
)
export type SiteFile = Static<typeof SiteSchema>
export type SiteNode = SiteFile['nodes'][number]
export type SiteLink = SiteNode['links'][number]
export type SiteDevice = SiteLink['devices'][number]
export type SiteWater = SiteFile['waters'][number]
export type SiteStructure = SiteFile['structures'][number]
