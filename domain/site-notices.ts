/**
 * The part of a site file that says who is told of alarms, how, in which order, and when not. Rules beyond the schema are
 * `site-check-notices.ts`; who is on duty at an instant is `duty.ts`'s. A channel is chosen by key, never by union.
 */
import Type, { type Static } from 'typebox'
import { PRIORITIES } from './condition.ts'
import { ID_PATTERN } from './ids.ts'

const closed = { additionalProperties: false } as const
const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })
const Ids = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 256, description })
const Minutes = (value: number, description: string, minimum = 0) =>
  Type.Number({ minimum, maximum: 10_080, default: value, description })
const SecretFile = (description: string) => Type.Optional(Text(description))
const ClockTime = (description: string) => Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description })
const LocalTime = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d$', description })

export const LANGUAGES = ['en', 'zh-TW'] as const
export type Language = (typeof LANGUAGES)[number]
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]
const Day = Type.Enum([...WEEKDAYS])

/** Keys of a channel that choose its kind; exactly one is given. */
export const CHANNEL_KINDS = ['email', 'webhook', 'mqtt', 'output'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

const SiteChannel = Type.Object(
  {
    id: Id('Id of the channel, unique in its contact.'),
    email: Type.Optional(
      Type.Object(
        { to: Type.String({ pattern: '^[^@\\s<>",;]+@[^@\\s<>",;]+$', description: 'Address.' }) },
        {
          ...closed,
          description:
            'Mail, through `notices.smtp`. A channel has exactly one of `email`, `webhook`, `mqtt`, `output`.',
        },
      ),
    ),
    webhook: Type.Optional(
      Type.Object(
        {
          template: Type.String({
            default: 'json',
            description: 'A template that ships (docs/reference/templates.md) or one of `notices.templates`.',
          }),
          url: Type.Optional(Text('Address, where the template leaves it open; http or https.')),
          values: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }), Type.String({ maxLength: 1000 }), {
            default: {},
            description: 'What the template calls `value.NAME`: a topic, a chat, a number. No secrets.',
          }),
          secret_files: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }), Text('Path.'), {
            default: {},
            description: 'What the template calls `secret.NAME`: a file each, readable by the desk only.',
          }),
          sign_file: SecretFile('File with the key by which each request is signed (HMAC-SHA256).'),
        },
        { ...closed, description: 'An HTTP request: ntfy, Telegram, LINE, Slack, Teams, an SMS gateway, your own.' },
      ),
    ),
    mqtt: Type.Optional(
      Type.Object(
        {
          topic: Type.String({
            pattern: '^[a-z0-9-]{1,64}(/[a-z0-9-]{1,64}){0,3}$',
            description: 'Below `plumbline/<site>/notices/`.',
          }),
        },
        { ...closed, description: 'A JSON message on the MQTT broker, QoS 1, not retained.' },
      ),
    ),
    output: Type.Optional(
      Type.Object(
        {
          output: Type.String({ description: 'Id of an output of a node: a siren, a lamp.' }),
          for_s: Type.Number({ exclusiveMinimum: 0, maximum: 3600, default: 60, description: 'Sounds so long [s].' }),
        },
        { ...closed, description: 'A local output, through its edge node. Never in an exercise.' },
      ),
    ),
    timeout_s: Type.Number({ minimum: 1, maximum: 120, default: 15, description: 'Time-out of one try [s].' }),
    give_up_min: Minutes(60, 'Tried again and again for so long [min].', 1),
  },
  closed,
)
export type SiteChannel = Static<typeof SiteChannel>

const SiteContact = Type.Object(
  {
    id: Id('Id of the contact; no team has it.'),
    name: Text('Name people use; acknowledgements by a link carry it.'),
    language: Type.Enum([...LANGUAGES], { default: 'en', description: 'Language of messages.' }),
    exercise: Type.Boolean({
      default: false,
      description:
        'True: also told of alarms of simulated devices, marked EXERCISE. Drills tell their recipients only.',
    }),
    channels: Type.Array(SiteChannel, { minItems: 1, maxItems: 16, description: 'Used all at once.' }),
  },
  closed,
)
export type SiteContact = Static<typeof SiteContact>

const Shifts = Type.Object(
  {
    time_zone: Type.Optional(Type.String({ description: "IANA time zone of the times below; default the site's." })),
    weekly: Type.Array(
      Type.Object(
        {
          days: Type.Array(Day, { minItems: 1, description: 'Days on which it begins.' }),
          from: ClockTime('Begin, local time.'),
          to: ClockTime('End; at or before `from` means on the next day.'),
          on: Ids('Members on duty.'),
        },
        closed,
      ),
      { minItems: 1, maxItems: 256, description: 'The week; together without a hole.' },
    ),
    holidays: Type.Array(
      Type.Object(
        {
          date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Day.' }),
          as: Type.Enum([...WEEKDAYS], { default: 'sun', description: 'Shifts of this weekday begin on it.' }),
        },
        closed,
      ),
      { default: [], maxItems: 1024, description: 'Days that go by another weekday.' },
    ),
    overrides: Type.Array(
      Type.Object(
        { from: LocalTime('Begin, local time.'), to: LocalTime('End.'), on: Ids('On duty, in place of the week.') },
        closed,
      ),
      { default: [], maxItems: 1024, description: 'Swaps and leave; the last that fits counts.' },
    ),
  },
  { ...closed, description: 'Who is on duty when; without it all members are, always.' },
)
export type SiteShifts = Static<typeof Shifts>

const SiteTeam = Type.Object(
  {
    id: Id('Id of the team; no contact has it.'),
    name: Text('Name people use.'),
    members: Ids('Contacts.'),
    shifts: Type.Optional(Shifts),
  },
  closed,
)
export type SiteTeam = Static<typeof SiteTeam>

const SiteStep = Type.Object(
  {
    to: Ids('Contacts and teams; of a team those on duty.'),
    channels: Type.Optional(
      Type.Array(Type.Enum([...CHANNEL_KINDS]), {
        minItems: 1,
        description: 'Only channels of these kinds; default all.',
      }),
    ),
    acknowledge_within_min: Minutes(10, 'Without an answer for so long: repeated, then the next step [min].', 0.1),
    repeat: Type.Integer({ minimum: 0, maximum: 100, default: 0, description: 'Repeats before the next step.' }),
  },
  closed,
)
export type SiteStep = Static<typeof SiteStep>

const SitePolicy = Type.Object(
  {
    id: Id('Id of the policy.'),
    priorities: Type.Optional(
      Type.Array(Type.Enum([...PRIORITIES]), { minItems: 1, description: 'Only alarms of these priorities.' }),
    ),
    limits: Type.Optional(Ids('Only alarms of these limits.')),
    structures: Type.Optional(Ids('Only alarms about these structures.')),
    waters: Type.Optional(Ids('Only alarms about these waters.')),
    steps: Type.Array(SiteStep, { minItems: 1, maxItems: 32, description: 'Who is told, one after the other.' }),
    start_over_min: Minutes(
      60,
      'When the last step has gone unanswered for so long it all begins again [min]; 0: never.',
    ),
  },
  closed,
)
export type SitePolicy = Static<typeof SitePolicy>

const SiteTemplate = Type.Object(
  {
    id: Id('Id of the template.'),
    method: Type.Enum(['POST', 'PUT'], { default: 'POST', description: 'Method.' }),
    url: Type.String({ minLength: 1, maxLength: 1000, default: '{{url}}', description: 'Address with placeholders.' }),
    headers: Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$" }),
      Type.String({ maxLength: 1000 }),
      {
        default: {},
        description: 'Headers; placeholders `secret.*`, `value.*` and `delivery.*` only.',
      },
    ),
    json: Type.Optional(
      Type.Unknown({ description: 'Body as JSON. A template has exactly one of `json`, `form`, `text`.' }),
    ),
    form: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Body as application/x-www-form-urlencoded.' }),
    ),
    text: Type.Optional(Type.String({ maxLength: 20_000, description: 'Body as plain text.' })),
    accepted: Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
      default: [],
      description: 'Statuses beside 2xx that mean delivered.',
    }),
  },
  closed,
)
export type SiteTemplate = Static<typeof SiteTemplate>

const Smtp = Type.Object(
  {
    host: Text('Mail server.'),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: 'Port.' }),
    tls: Type.Enum(['starttls', 'implicit', 'none'], {
      default: 'starttls',
      description:
        '`starttls`: required after the greeting; `implicit`: from the start (465); `none`: a relay on this machine.',
    }),
    ca_file: Type.Optional(Text('Certificates (PEM) that the server is judged by; default those of the system.')),
    user: Type.Optional(Text('User name.')),
    password_file: SecretFile('File with the password; never the password itself.'),
    from: Text('Sender, e.g. `Plumbline <alarms@example.org>`.'),
  },
  { ...closed, description: 'The mail server.' },
)
export type SiteSmtp = Static<typeof Smtp>

export const SiteNotices = Type.Object(
  {
    answer_link_h: Type.Number({
      exclusiveMinimum: 0,
      maximum: 168,
      default: 12,
      description: 'A link that acknowledges lives so long [h].',
    }),
    smtp: Type.Optional(Smtp),
    contacts: Type.Array(SiteContact, { maxItems: 1000, description: 'People and places that can be told.' }),
    teams: Type.Array(SiteTeam, { default: [], maxItems: 256, description: 'Groups of contacts.' }),
    policies: Type.Array(SitePolicy, {
      default: [],
      maxItems: 256,
      description: 'Who is told of what; the first that fits an alarm counts.',
    }),
    quiet_hours: Type.Array(
      Type.Object(
        {
          from: ClockTime('Begin, local time of the site.'),
          to: ClockTime('End; at or before `from` means on the next day.'),
          days: Type.Array(Day, { minItems: 1, default: [...WEEKDAYS], description: 'Days on which they begin.' }),
          priorities: Type.Array(Type.Enum(['low', 'medium', 'high']), {
            minItems: 1,
            description: 'What waits until they end; critical never does.',
          }),
        },
        closed,
      ),
      { default: [], maxItems: 64, description: 'When lesser alarms wait.' },
    ),
    grouping: Type.Object(
      {
        wait_s: Type.Number({
          minimum: 0,
          maximum: 300,
          default: 3,
          description: 'Alarms about one structure or water within so long are one message [s].',
        }),
        update_min: Minutes(
          10,
          'What joins later is told at most so often, unless it is of a higher priority [min].',
          0.1,
        ),
        flood_alarms: Type.Integer({
          minimum: 2,
          maximum: 1000,
          default: 10,
          description: 'So many alarms within 10 min are an alarm flood: one message for all; over below half of it.',
        }),
      },
      { ...closed, default: {}, description: 'One message for what belongs together.' },
    ),
    heartbeat: Type.Optional(
      Type.Object(
        {
          url: Text('Address; http or https.'),
          every_s: Type.Number({ minimum: 5, maximum: 86_400, default: 60, description: 'Period [s].' }),
          sign_file: SecretFile('File with the key by which each request is signed (HMAC-SHA256).'),
          only_healthy: Type.Boolean({
            default: true,
            description: 'True: nothing is sent while journal or broker is away, so that the outside service notices.',
          }),
        },
        { ...closed, description: 'Says to an outside service that the desk lives: it notices when that stops.' },
      ),
    ),
    daily_mail: Type.Optional(
      Type.Object(
        {
          at: ClockTime('Local time of the site.'),
          to: Ids('Contacts and teams; through their e-mail channels.'),
          backups: Type.Optional(
            Text('Folder given to `./plumbline backup --to`: the mail tells the age of the newest.'),
          ),
        },
        { ...closed, description: "Once a day: the journal's head, open alarms, sensors, backup." },
      ),
    ),
    templates: Type.Array(SiteTemplate, { default: [], maxItems: 64, description: 'Templates of your own.' }),
  },
  { ...closed, description: 'Who is told of alarms, how, and in which order (docs/guides/tell-people.md).' },
)
export type SiteNotices = Static<typeof SiteNotices>
