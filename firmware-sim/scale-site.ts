/**
 * A site as large as the simulator must carry: so many loggers of ten values, or so many three-axis accelerometers, many
 * to a connection. What they play ships; who starts it and measures is elsewhere.
 */
import { Value } from 'typebox/value'
import { PlumblineError } from '../domain/errors.ts'
import { type SiteDevice, type SiteFile, SiteSchema } from '../domain/site.ts'

/** `scalars` counts values, ten to a device; `accelerometers` counts devices. */
export type Scale = { readonly scalars: number } | { readonly accelerometers: number }

export const SCALE_DEVICES_MAX = 10_000
export const VALUES_PER_LOGGER = 10

type Kind = {
  readonly model: string
  readonly name: string
  /** Units that one gateway serves: as many as it can be asked for at the rate that the model wants. */
  readonly units: number
  readonly simulated: NonNullable<SiteDevice['simulated']>
}

/** Noise, so that no value stands still from one second to the next. */
const LOGGER: Kind = {
  model: 'sim-logger-10',
  name: 'Logger',
  units: 50,
  simulated: {
    time_scale: 1,
    play: { recording: 'usgs-dead-run-2018', quiet_s: 60, lead_s: 0 },
    imperfections: { noise_rms: 0.002 },
  },
}
const ACCELEROMETER: Kind = {
  model: 'sim-accelerometer-3axis-200',
  name: 'Accelerometer',
  units: 10,
  simulated: { time_scale: 1, play: { recording: 'jma-yonago-2000', quiet_s: 60, lead_s: 0 } },
}

/**
 * The site, links on `first_port` and the ports after it. Broker and desk stand on their own default ports.
 * @throws PlumblineError USAGE for none or too many devices, or ports beyond 65,535
 */
export function scaleSite(scale: Scale, first_port: number): SiteFile {
  const [kind, wanted, devices] =
    'scalars' in scale
      ? [LOGGER, scale.scalars, Math.ceil(scale.scalars / VALUES_PER_LOGGER)]
      : [ACCELEROMETER, scale.accelerometers, scale.accelerometers]
  if (!Number.isInteger(wanted) || devices < 1 || devices > SCALE_DEVICES_MAX)
    throw new PlumblineError('USAGE', `--scale: expected 1 to ${SCALE_DEVICES_MAX} devices, got ${devices}`)
  const links = Math.ceil(devices / kind.units)
  if (!Number.isInteger(first_port) || first_port < 1 || first_port + links - 1 > 65_535)
    throw new PlumblineError(
      'USAGE',
      `first port: expected 1 to ${65_536 - links} for ${links} links, got ${first_port}`,
    )
  const link = (l: number) => ({
    id: `link-${l + 1}`,
    tcp: { host: '127.0.0.1', port: first_port + l },
    devices: Array.from({ length: Math.min(kind.units, devices - l * kind.units) }, (_, d) => ({
      id: `device-${l * kind.units + d + 1}`,
      name: `${kind.name} ${l * kind.units + d + 1}`,
      model: kind.model,
      unit_id: d + 1,
      simulated: kind.simulated,
    })),
  })
  const site = {
    site: 'scale',
    name: `Scale: ${devices} x ${kind.model}`,
    time_zone: 'UTC',
    nodes: [
      {
        id: 'edge-1',
        name: 'Edge node',
        links: Array.from({ length: links }, (_, l) => link(l)),
      },
    ],
  }
  return Value.Default(SiteSchema, structuredClone(site)) as SiteFile
}
