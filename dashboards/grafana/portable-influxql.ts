/**
 * Whether an InfluxQL text keeps to what InfluxDB 1.6 to 3.x all answer (feature tables of the vendor: InfluxDB 3 Core,
 * "InfluxQL feature support"; 2.x, "InfluxQL support"). Pure; a text that passes may still be wrong in other ways, which
 * the tests on a real InfluxDB find.
 */

/** Functions that 1.6, 2.x and 3.x all have. */
const FUNCTIONS = new Set([
  ...['count', 'mean', 'median', 'mode', 'spread', 'stddev', 'sum', 'first', 'last', 'max', 'min', 'percentile'],
  ...['derivative', 'non_negative_derivative', 'difference', 'non_negative_difference', 'moving_average'],
  ...['cumulative_sum', 'elapsed', 'abs', 'ceil', 'floor', 'round', 'sqrt', 'pow', 'ln', 'log2', 'log10', 'exp'],
])
/** Look like functions and are none. */
const WORDS = new Set(['time', 'fill', 'now', 'in', 'from', 'and', 'or', 'where', 'by', 'select', 'values'])

const FORBIDDEN: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bINTO\b/i, 'INTO: not in 2.x and 3.x'],
  [/\b(SLIMIT|SOFFSET)\b/i, 'SLIMIT and SOFFSET: not in 3.x'],
  [/\b(CREATE|DROP|DELETE|ALTER|GRANT|REVOKE|KILL)\b/i, 'no statement that changes anything'],
  [/\bSHOW\s+SERIES\b/i, 'SHOW SERIES: not in 3.x'],
  [/\bCARDINALITY\b/i, 'SHOW ... CARDINALITY: not in 2.x and 3.x'],
  [/\bCONTINUOUS\b/i, 'continuous queries: not in 2.x and 3.x'],
  [/\b(EXPLAIN)\b/i, 'EXPLAIN: an administrator’s tool'],
  [/;/, 'one statement only: /api/v3/query_influxql takes no more'],
  [/::(?!(field|tag|float|integer|string|boolean)\b)/i, 'a cast to an unknown type'],
]

/** Every reason why not; none where it is portable. */
export function portableFaults(query: string): string[] {
  const bare = withoutTexts(query)
  const faults = FORBIDDEN.filter(([pattern]) => pattern.test(bare)).map(([, why]) => why)
  if (!/^\s*(SELECT|SHOW\s+(TAG\s+(VALUES|KEYS)|FIELD\s+KEYS|MEASUREMENTS))\b/i.test(bare))
    faults.push('expected SELECT, SHOW TAG VALUES, SHOW TAG KEYS, SHOW FIELD KEYS or SHOW MEASUREMENTS')
  if (/^\s*SHOW\s+TAG\s+VALUES\b(?!.*\bFROM\b)/is.test(bare))
    faults.push('SHOW TAG VALUES without FROM: Grafana and 3.x need it')
  for (const [, called] of bare.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/gi))
    if (!FUNCTIONS.has(called!.toLowerCase()) && !WORDS.has(called!.toLowerCase()))
      faults.push(`${called}(): not in all of 1.6 to 3.x`)
  for (const [, policy] of query.matchAll(/FROM\s+"([^"]+)"\."/gi))
    if (policy !== 'raw' && policy !== 'autogen')
      faults.push(`policy "${policy}": only raw and autogen exist everywhere`)
  if (/FROM\s+"[^"]+"\."[^"]*"\."/i.test(query)) faults.push('a database in FROM: 2.x and 3.x name databases otherwise')
  const depth = balance(bare)
  if (depth !== 0) faults.push('brackets that do not close')
  return [...new Set(faults)]
}

/** What is quoted or a regular expression says nothing about the language. */
const withoutTexts = (query: string): string =>
  query
    .replace(/'(?:[^'\\]|\\.)*'/g, "''")
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/(=~|!~)\s*\/(?:[^/\\]|\\.)*\//g, '$1 //')

function balance(text: string): number {
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    else if (char === ')') depth--
    if (depth < 0) return -1
  }
  return depth
}
