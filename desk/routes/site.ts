/** What is there: site, devices, newest readings. */
import type { FastifyInstance } from 'fastify'
import type { SiteFileJson, SiteJson } from '../../domain/api.ts'
import { SITE_ROUTES } from '../../domain/api-schemas/site.ts'
import { devicesOf, levelStage_m, type Site } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { HttpError, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'

export function siteJson(site: Site, software: string): SiteJson {
  const { file } = site
  return {
    site: file.site,
    name: file.name,
    time_zone: file.time_zone,
    exercise: devicesOf(site).some(({ device }) => device.simulated !== undefined),
    hash: site.hash,
    software,
    structures: file.structures.map(({ id, name, kind, floors }) => ({ id, name, kind, floors })),
    waters: file.waters.map((water) => ({
      id: water.id,
      name: water.name,
      kind: water.kind,
      datum: water.datum,
      gauge: water.gauge,
      ...(water.zero && {
        zero: { elevation_m: levelStage_m(water, water.zero.elevation), above: water.zero.above },
      }),
      ...(water.upstream && { upstream: water.upstream }),
      levels: water.levels.map(({ id, name, stage, severity, meaning }) => ({
        id,
        name,
        stage_m: levelStage_m(water, stage),
        severity,
        meaning,
      })),
    })),
    limits: [...site.limits],
  }
}

async function siteFileJson({ siteText, site }: DeskContext): Promise<SiteFileJson> {
  if (siteText === undefined) throw notFound('this desk was not started from a site file')
  const { path, text, right, mistakes } = await siteText.read().catch((error) => {
    if (error instanceof PlumblineError) throw new HttpError(503, error.code, error.message)
    throw error
  })
  return {
    path,
    text,
    hash: right?.hash ?? null,
    running: text === siteText.text,
    running_hash: site.hash,
    summary: right?.summary ?? null,
    mistakes: mistakes.map(({ line, path, expected, got }) => ({ line, path, expected, got })),
  }
}

export function siteRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, SITE_ROUTES.site, () => siteJson(desk.siteNow(), desk.software))
  serve(app, SITE_ROUTES.siteFile, () => siteFileJson(desk))
  serve(app, SITE_ROUTES.devices, () => ({ devices: desk.model.devices() }))
  serve(app, SITE_ROUTES.latest, () => ({ readings: desk.model.readings() }))
}
