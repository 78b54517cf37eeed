/** A result as people read it: an aligned table with units, then what was found in it, then the conventions. */
import type { AnalyzeResult, ComponentResult, GroundMotionResult, Moment, ReasonByKey, WaterResult } from './result.ts'

export const asText = (result: AnalyzeResult): string =>
  [
    ...head(result),
    '',
    ...(result.kind === 'water' ? water(result) : groundMotion(result)),
    '',
    ...foot(result),
    '',
  ].join('\n')

function head(r: AnalyzeResult): string[] {
  const rate =
    r.kind === 'water'
      ? r.sample_interval_s === null
        ? 'one value'
        : `every ${span(r.sample_interval_s)}`
      : `${r.sample_rate_hz} Hz`
  const start = r.start === null ? 'start not stated' : when(r.start)
  return [
    `${r.name}: ${r.format}${r.station === null ? '' : `, station ${r.station}`}; source ${r.source}`,
    `${start}; ${rate}; ${r.samples} ${r.kind === 'water' ? 'rows' : 'samples per component'} (${span(r.duration_s)})`,
    ...(r.files.length > 1 ? [`files: ${r.files.join(', ')}`] : []),
  ]
}

/** 90 s, 5 min, 31 d: the largest unit that gives at most two decimals worth reading. */
export function span(s: number): string {
  const [size, unit] =
    s < 600 && s % 60 !== 0 ? [1, 's'] : s < 7200 ? [60, 'min'] : s < 172_800 ? [3600, 'h'] : [86_400, 'd']
  return `${Number((s / Number(size)).toFixed(2))} ${unit}`
}

type Row = { readonly title: string; readonly unit: string; readonly cells: ReadonlyArray<number | null> }

function groundMotion(r: GroundMotionResult): string[] {
  const row = (title: string, unit: string, of: (c: ComponentResult) => number | null): Row => ({
    title,
    unit,
    cells: r.components.map(of),
  })
  const periods = [...new Set(r.components.flatMap((c) => Object.keys(c.sa_5pct_gal ?? {})))]
  const rows = [
    row('PGA', 'gal', (c) => c.pga_gal),
    row('  at', 's', (c) => c.pga_time_s),
    ...(r.components.some((c) => c.published_pga_gal !== undefined)
      ? [row('  in the header', 'gal', (c) => c.published_pga_gal ?? null)]
      : []),
    row('PGV', 'cm/s', (c) => c.pgv_cm_s),
    row('PGD', 'cm', (c) => c.pgd_cm),
    row('RMS', 'gal', (c) => c.rms_gal),
    row('Arias intensity', 'm/s', (c) => c.arias_m_s),
    row('CAV', 'g s', (c) => c.cav_g_s),
    row('duration D5-95', 's', (c) => c.d5_95_s),
    row('dominant frequency', 'Hz', (c) => c.dominant_frequency_hz),
    ...periods.map((T) => row(`SA 5 %, T = ${T} s`, 'gal', (c) => c.sa_5pct_gal?.[T] ?? null)),
  ]
  const reasons = r.components.flatMap((c) => reasonLines(c.reasons, `${c.axis}: `))
  return [...table(['', '', ...r.components.map((c) => c.axis)], rows), '', ...combined(r), ...reasons]
}

function combined({ combined: c }: GroundMotionResult): string[] {
  const or = (text: () => string, value: unknown) => (value === null ? '-' : text())
  const triggers = c.triggers?.map((t) => `${t.on_s.toFixed(2)}-${t.off_s.toFixed(2)}`).join(', ')
  return [
    ...columns([
      ['PGA, vector', or(() => `${fixed(c.pga_vector_gal!)} gal at ${c.pga_vector_time_s} s`, c.pga_vector_gal)],
      [
        'JMA intensity',
        or(() => `${c.jma_intensity!.toFixed(1)}, class ${c.jma_class} (a ${fixed(c.jma_a_gal!)} gal)`, c.jma_a_gal),
      ],
      [
        'CWA 2020',
        or(
          () => `class ${c.cwa_class} (PGA ${fixed(c.cwa_pga_gal!)} gal, PGV ${fixed(c.cwa_pgv_cm_s!)} cm/s)`,
          c.cwa_class,
        ),
      ],
      ['triggers', or(() => (triggers === '' ? 'none' : `${triggers} s`), c.triggers)],
    ]),
    ...reasonLines(c.reasons, ''),
  ]
}

function water({ water: w }: WaterResult): string[] {
  const at = (moment: Moment | null) => (moment === null ? '' : ` at ${when(moment)}`)
  const metre = (value: number | null) => (value === null ? '-' : `${value.toFixed(3)} m`)
  const flags = Object.entries(w.flags).map(([flag, count]) => `${FLAG_NAME[flag] ?? flag} (${flag}) ${count}`)
  const { count, values, longest_s } = w.time_gaps
  const facts = columns([
    ['peak', metre(w.peak_m) + at(w.peak_time)],
    ['lowest', metre(w.min_m)],
    ['largest rise in 15 min', metre(w.max_rise_m_per_15min) + at(w.max_rise_15min_time)],
    ['largest rise in 60 min', metre(w.max_rise_m_per_60min) + at(w.max_rise_60min_time)],
    ['rows without a value', String(w.missing)],
    ['rows not there', count === 0 ? 'none' : `${values} in ${count} gap(s), the longest ${span(longest_s)}`],
    ['quality flags', flags.join(', ')],
  ])
  const levels = w.levels.flatMap(({ level, stage_m, given }) => {
    const found = w.episodes.filter((e) => e.level === level)
    const converted = given === `${stage_m} m` ? given : `${given} = ${stage_m.toFixed(3)} m`
    return [
      `level ${level} (${converted}): ${found.length === 0 ? 'never reached' : `${found.length} episode(s)`}`,
      ...columns(
        found.map((e) => [
          `  raised ${when(e.raised)}`,
          e.cleared === null ? 'not cleared by the end' : `cleared ${when(e.cleared)}`,
          `peak ${e.peak_m.toFixed(3)} m at ${when(e.peak_time)}`,
        ]),
      ),
    ]
  })
  return [...facts, ...reasonLines(w.reasons, ''), ...(levels.length === 0 ? [] : ['', ...levels])]
}

const FLAG_NAME: Readonly<Record<string, string>> = {
  1: 'good',
  2: 'not evaluated',
  3: 'suspect',
  4: 'fail',
  9: 'missing',
}

/** ISO instants without a fraction of zero; seconds with their unit. */
export const when = (moment: Moment): string =>
  typeof moment === 'number' ? `${moment} s` : moment.replace(/\.000Z$/, 'Z')

/** Same reasons stand once, with all that they are the reason of. */
function reasonLines(reasons: ReasonByKey | undefined, before: string): string[] {
  const byReason = Map.groupBy(Object.entries(reasons ?? {}), ([, reason]) => reason)
  return [...byReason].map(([reason, keys]) => `  ${before}no ${keys.map(([key]) => key).join(', ')}: ${reason}`)
}

function foot(r: AnalyzeResult): string[] {
  const conventions = columns(
    Object.entries(r.conventions).map(([key, words]) => [`  ${key.replaceAll('_', ' ')}`, words]),
  )
  return [...r.notes.map((note) => `note: ${note}`), 'conventions', ...conventions]
}

/** Four significant digits, but never fewer than the whole part. */
const fixed = (value: number): string => value.toFixed(decimals(value))

const decimals = (largest: number): number =>
  largest === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(largest)))))

/** Numbers of a row share their decimals: those that its smallest value needs for three digits, its largest for four. */
function table(header: readonly string[], rows: readonly Row[]): string[] {
  const lines = rows.map(({ title, unit, cells }) => {
    const there = cells.filter((v) => v !== null)
    const places = title.trim() === 'at' ? 2 : decimals(Math.max(...there.map(Math.abs), 0))
    return [title, unit, ...cells.map((v) => (v === null ? '-' : v.toFixed(places)))]
  })
  return columns([[...header], ...lines], 2)
}

/** Columns padded to their widest cell; those from `right` on stand to the right. */
function columns(rows: readonly (readonly string[])[], right = Number.POSITIVE_INFINITY): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [k, cell] of row.entries()) widths[k] = Math.max(widths[k] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, k) => (k >= right ? cell.padStart(Math.max(widths[k]!, 9)) : cell.padEnd(widths[k]!)))
      .join('  ')
      .trimEnd(),
  )
}
