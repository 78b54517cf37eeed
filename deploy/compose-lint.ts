/**
 * What docker-compose.yml must hold, judged without an engine: pinned images, health checks, loopback, users, limits, volumes, secrets
 * and names of the environment that somebody reads. Each rule is one small function from a service to complaints. Pure.
 */

export type ComposeService = {
  readonly image?: string
  readonly build?: unknown
  readonly profiles?: readonly string[]
  readonly command?: readonly string[]
  readonly user?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly restart?: string
  readonly privileged?: boolean
  readonly network_mode?: string
  readonly pid?: string
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly unknown[]
  readonly volumes?: readonly unknown[]
  readonly secrets?: readonly string[]
  readonly networks?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string; readonly required?: boolean }>>
  readonly healthcheck?: Readonly<Record<string, unknown>> & { readonly test?: readonly string[] }
}
export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes?: Readonly<Record<string, unknown>>
  readonly networks?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>
}
/** What the lint is told of the rest of the project. */
export type Known = {
  /** Names that programs of our image read, and `${NAME}` of the site files. */
  readonly environment: ReadonlySet<string>
  /** Names that images of others read, by the image without its tag. */
  readonly others: ReadonlyMap<string, ReadonlySet<string>>
  readonly commands: ReadonlySet<string>
  /** Port of `metrics` in the site files, by service. */
  readonly doors: Readonly<Record<string, number>>
}

type Rule = (name: string, service: ComposeService, file: ComposeFile, known: Known) => readonly (string | false)[]

/** Every complaint as `service: what was expected`; empty where all is well. */
export const lintCompose = (file: ComposeFile, known: Known): string[] => [
  ...Object.entries(file.services).flatMap(([name, service]) =>
    RULES.flatMap((rule) => rule(name, service, file, known))
      .filter((what): what is string => what !== false)
      .map((what) => `${name}: ${what}`),
  ),
  ...leftOver(file),
]

/** A version of two numbers at least; `latest` or a bare major moves under one's feet. */
const pinned: Rule = (_, { image = '' }) => [
  !/^[\w./-]+:\d+\.\d[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image) && `image: expected a pinned version, got "${image}"`,
]

const watched: Rule = (_, { healthcheck }) => {
  const lacks = ['test', 'interval', 'timeout', 'retries', 'start_period'].filter(
    (key) => healthcheck?.[key] === undefined,
  )
  return [
    lacks.length > 0 && `healthcheck: expected ${lacks.join(', ')}`,
    healthcheck?.test?.[0] === 'NONE' && 'healthcheck: expected one that asks',
  ]
}

const loopback: Rule = (_, { ports = [] }) =>
  ports.map(
    (port) =>
      !(typeof port === 'string' && port.startsWith('127.0.0.1:')) &&
      `ports: expected 127.0.0.1:…, got ${JSON.stringify(port)}`,
  )

const unprivileged: Rule = (_, { user = '', cap_drop = [], security_opt = [], privileged, network_mode, pid }) => [
  !/^[1-9]\d*(:\d+)?$/.test(user) && `user: expected a number other than 0, got "${user}"`,
  !cap_drop.includes('ALL') && 'cap_drop: expected ALL',
  !security_opt.includes('no-new-privileges:true') && 'security_opt: expected no-new-privileges:true',
  (privileged === true || network_mode === 'host' || pid === 'host') && 'expected no privileges of the host',
]

const readOnly: Rule = (_, { read_only }) => [read_only !== true && 'read_only: expected true']

const bounded: Rule = (_, { deploy, logging, restart }) => {
  const limits = deploy?.resources?.limits ?? {}
  return [
    ...['cpus', 'memory', 'pids'].map(
      (key) => limits[key] === undefined && `deploy.resources.limits.${key}: expected a limit`,
    ),
    ...['max-size', 'max-file'].map(
      (key) => logging?.options?.[key] === undefined && `logging.options.${key}: expected a limit`,
    ),
    restart !== 'unless-stopped' && 'restart: expected unless-stopped',
  ]
}

type Mount = { type?: string; source?: string; read_only?: boolean; bind?: { create_host_path?: boolean } }

const mounts: Rule = (_, { volumes = [] }, file) =>
  volumes.flatMap((volume) => {
    const { type, source = '', read_only, bind } = volume as Mount
    if (type === 'volume')
      return [file.volumes?.[source] === undefined && `volumes: expected the named volume ${source} to be declared`]
    return [
      type !== 'bind' && `volumes: expected the long form, got ${JSON.stringify(volume)}`,
      type === 'bind' && read_only !== true && `volumes: ${source}: expected read_only`,
      type === 'bind' && bind?.create_host_path !== false && `volumes: ${source}: expected bind.create_host_path false`,
      source.includes('docker.sock') && 'volumes: expected no door to the engine',
    ]
  })

const SECRET_NAME = /(PASSWORD|TOKEN|SECRET|COOKIE|PASSPHRASE|_KEY)$/

const environment: Rule = (_, { image = '', build, environment: given = {} }, __, known) => {
  const names = build === undefined ? known.others.get(image.split(':')[0]!) : known.environment
  return Object.keys(given).flatMap((key) => [
    names?.has(key) !== true && `environment: nobody reads ${key}`,
    SECRET_NAME.test(key) && `environment: expected ${key} as a file under secrets`,
  ])
}

const secretFiles: Rule = (_, { secrets = [] }, file) =>
  secrets.map((name) => {
    const path = file.secrets?.[name]?.file
    return (
      !path?.startsWith('./secrets/') && `secrets: expected ${name} as a file in ./secrets, got ${path ?? 'nothing'}`
    )
  })

const networks: Rule = (_, { networks: given = [] }, file) => [
  given.length === 0 && 'networks: expected the ones it needs',
  ...given.map((name) => file.networks?.[name] === undefined && `networks: expected ${name} to be declared`),
]

/** What may be left out by a profile is waited for only where it is there. */
const order: Rule = (_, { profiles = [], depends_on = {} }, { services }) =>
  Object.entries(depends_on).flatMap(([other, { condition, required = true }]) => {
    const there = services[other]
    if (there === undefined) return [`depends_on: expected a service, got ${other}`]
    const always = (there.profiles ?? []).every((profile) => profiles.includes(profile))
    return [
      condition !== 'service_healthy' && `depends_on: ${other}: expected condition service_healthy`,
      required && !always && `depends_on: ${other}: expected required: false, for a profile can leave it out`,
    ]
  })

/** Our own services: a command that is there, and the health check at the door that the site file opens. */
const ours: Rule = (name, { build, command = [], healthcheck }, _, { commands, doors }) => {
  if (build === undefined) return []
  const url = `http://127.0.0.1:${doors[name]}/readyz`
  return [
    !commands.has(command[0] ?? '') && `command: expected a command of ./plumbline, got "${command[0]}"`,
    JSON.stringify(healthcheck?.test) !== JSON.stringify(['CMD', './plumbline', 'healthcheck', url]) &&
      `healthcheck.test: expected [CMD, ./plumbline, healthcheck, ${url}]`,
  ]
}

const RULES: readonly Rule[] = [
  ...[
    pinned,
    watched,
    loopback,
    unprivileged,
    readOnly,
    bounded,
    mounts,
    environment,
    secretFiles,
    networks,
    order,
    ours,
  ],
]

function leftOver({ services, volumes = {}, networks: nets = {}, secrets = {} }: ComposeFile): string[] {
  const all = Object.values(services)
  const used = {
    volumes: new Set(all.flatMap((s) => (s.volumes ?? []).map((v) => (v as Mount).source))),
    networks: new Set<string | undefined>(all.flatMap((s) => s.networks ?? [])),
    secrets: new Set<string | undefined>(all.flatMap((s) => s.secrets ?? [])),
  }
  const unused = (kind: keyof typeof used, declared: object) =>
    Object.keys(declared).flatMap((name) => (used[kind].has(name) ? [] : [`${kind}.${name}: nobody uses it`]))
  return [...unused('volumes', volumes), ...unused('networks', nets), ...unused('secrets', secrets)]
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:+instead}` and `${NAME:?why}` as Compose reads them; `$$` is a dollar sign. */
export function interpolate(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(
    /\$\$|\$\{(\w+)(?::([-+?])((?:[^}$]|\$(?!\{))*))?\}/g,
    (whole, name?: string, kind?: string, rest = '') => {
      if (name === undefined) return '$'
      const value = environment[name]
      if (kind === '+') return value ? rest : ''
      if (value) return value
      if (kind === '-') return rest
      if (kind === '?') throw new Error(`${name}: ${rest}`)
      if (value === undefined) throw new Error(`${whole}: expected a value, got nothing`)
      return value
    },
  )
}

export const interpolateAll = <T>(value: T, environment: Readonly<Record<string, string | undefined>>): T => {
  if (typeof value === 'string') return interpolate(value, environment) as T
  if (Array.isArray(value)) return value.map((item) => interpolateAll(item, environment)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolateAll(item, environment)])) as T
}

/** `NAME=value` lines of an env file. */
export const parseEnv = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
