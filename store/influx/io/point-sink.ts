/**
 * Points of the desk into InfluxDB: each as one line, sent as the writer sends its lines. Databases are made by ingest,
 * which writes first; until they are there a write rejects and is tried again by whoever asked for it.
 */
import type { PointSink, RefusedPoint, SeriesPoint } from '../../../domain/ports.ts'
import type { Part, PlannedLines } from '../plan.ts'
import { canBePoint, pointLine } from '../points.ts'
import type { InfluxSettings } from '../settings.ts'
import { Http } from './http.ts'
import { sendLines } from './line-sender.ts'

export class InfluxPointSink implements PointSink {
  readonly #settings: InfluxSettings
  readonly #http: Http

  constructor(settings: InfluxSettings) {
    this.#settings = settings
    this.#http = new Http(settings)
  }

  async write(points: readonly SeriesPoint[]): Promise<readonly RefusedPoint[]> {
    const refused: RefusedPoint[] = []
    const sent: Array<{ point: SeriesPoint; part: Part }> = []
    const lines: PlannedLines[] = []
    for (const point of points) {
      const why = canBePoint(point)
      if (why !== undefined) {
        refused.push({ point, why })
        continue
      }
      const part: Part = { record: sent.length, body: () => '' }
      sent.push({ point, part })
      lines.push({ target: { kind: point.kind, policy: 'lasting' }, part, texts: () => [pointLine(point)] })
    }
    await sendLines(this.#http, this.#settings.database, lines)
    for (const { point, part } of sent) if (part.refused !== undefined) refused.push({ point, why: part.refused })
    return refused
  }

  async close(): Promise<void> {
    this.#http.close()
  }
}
