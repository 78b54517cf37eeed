/** Small files of every format, written from the formats' definitions with made-up numbers: what the readers must undo. */
import { input } from './samples.ts'

const fixed = (values: readonly number[], columns: number, cell: (v: number) => string): string[] =>
  Array.from({ length: Math.ceil(values.length / columns) }, (_, k) =>
    values
      .slice(k * columns, (k + 1) * columns)
      .map(cell)
      .join(''),
  )
const right = (width: number, digits: number) => (v: number) => v.toFixed(digits).padStart(width)
/** Numbers that no format prints alike: a decaying sine with an offset. */
export const numbers = (count: number, size = 1): number[] =>
  Array.from({ length: count }, (_, k) => size * Math.sin(k / 3) * Math.exp(-k / 50) + size / 7)

type Knet = {
  dir?: string
  counts?: readonly number[]
  station?: string
  time?: string
  rate?: number
  duration?: number
}
/** Layout of "About K-NET ASCII format" (NIED); counts are ours. */
export function knet({
  dir = 'N-S',
  counts = numbers(200, 9000).map(Math.round),
  station = 'XYZ001',
  ...rest
}: Knet = {}) {
  const { time = '2006/01/18 23:25:46', rate = 100, duration = counts.length / rate } = rest
  return input(
    `${station}.${dir}`,
    [
      'Origin Time       2006/01/18 23:25:00',
      'Lat.              37.798',
      'Long.             142.200',
      'Depth. (km)       36',
      'Mag.              5.7',
      `Station Code      ${station}`,
      'Station Lat.      38.7262',
      'Station Long.     141.5109',
      'Station Height(m) 79',
      `Record Time       ${time}`,
      `Sampling Freq(Hz) ${rate}Hz`,
      `Duration Time(s)  ${duration}`,
      `Dir.              ${dir}`,
      'Scale Factor      3920(gal)/6182761',
      'Max. Acc. (gal)   48.060',
      'Last Correction   2006/01/18 23:25:31',
      'Memo.             ',
      ...fixed(counts, 8, (v) => `${String(v).padStart(8)} `),
      '',
    ].join('\n'),
  )
}

const exponent = (v: number): string => {
  const [mantissa, power] = v.toExponential(4).split('e') as [string, string]
  return `${mantissa}E${power}`.padStart(10)
}

type Smc = {
  type?: string
  component?: string
  vertical?: number
  azimuth?: number
  values?: readonly number[]
  rate?: number
  channel?: number
}
export function smc({ type = '2 CORRECTED ACCELEROGRAM', component = '133', vertical = 90, ...rest }: Smc = {}) {
  const { azimuth = 133, values = numbers(50, 100), rate = 200, channel = 1 } = rest
  const none = -32768
  const integers = Array<number>(48).fill(none)
  integers.splice(0, 8, none, 1989, 291, 0, 4, 5, 250, 4225)
  integers.splice(8, 8, channel, 3, none, none, vertical, azimuth, 101, 2)
  integers[16] = values.length
  const reals = Array<number>(50).fill(1.7e38)
  reals[1] = rate
  const real = (v: number) => v.toExponential(7).padStart(15)
  return input(
    `${component}.smc`,
    [
      type,
      '*',
      'A020A',
      '     1989  10  18    0004 Loma Prieta, CA',
      'Moment Mag=      7.1 Ms=      7.1 Ml=      7.0',
      `station = APEEL Array #2 - Redwood City  component=    ${component}`,
      'epicentral dist =     63.0       pk     =   -222.5',
      'inst type=SMA-1      data source = USGS',
      '*',
      '*',
      '*',
      ...fixed(integers, 8, (v) => String(v).padStart(10)),
      ...fixed(reals, 5, real),
      '| first comment',
      '|',
      ...fixed(values, 8, exponent),
      '',
    ].join('\r\n'),
  )
}

type Block = {
  what: string
  unit: string
  values: readonly number[]
  format?: [columns: number, width: number, digits: number]
}
/** One channel of CSMIP Volume 2 as the files of 2014 have it; `old` words the block lines as those of 1994. */
export function csmipV2(channel: number, label: string, blocks: readonly Block[], old = false): string {
  const header = [
    `Corrected accelerogram   58667-L2866-14236.52       Chan  ${channel}:  ${label}         from`,
    'Uncorrected Accelerogram Data             Processed: 08/24/14, CGS  667bv052',
    'Rcrd of Sun Aug 24, 2014 03:20:33.0 PDT               (Avol1 v0.8, 5/14 CSMIP)',
    'CSMIP Preliminary Processing            (Origin:  To be determined)',
    old ? '24207-C0157-94019.02' : '58667-L2866-14236.52                 Start time:  3/29/14, 04:09:34.5 UTC (GPS)',
    'Station No. 24207   34.334N, 118.396W     CRA-1  s/n 0157 ( 1 Chns of 20 at Sta)',
    'Pacoima Reservoir - Pacoima Dam           CGS   Data: Acceleration',
    `Chan  ${channel}:  ${label}      (Sta Chn:  9)     Location: Dam Base`,
    ...Array<string>(9).fill('text'),
    'Peak acceleration =   429.355    cm/sec/sec  at    3.960   sec.',
    ...Array<string>(7).fill('text'),
  ]
  const integers = Array<number>(100).fill(0)
  integers.splice(20, 4, 88, 3, 29, 2014)
  const line = ({ what, unit, values, format: [columns, width, digits] = [8, 10, 6] }: Block) =>
    old
      ? `  ${values.length} POINTS OF ${what.toUpperCase()} DATA EQUALLY SPACED AT  .020 SEC.  (UNITS: ${unit.toUpperCase()})`
      : `  ${values.length} points of ${what} data equally spaced at  .020 sec, in ${unit}. (${columns}f${width}.${digits})`
  return [
    ...header,
    ...fixed(integers, 16, (v) => String(v).padStart(5)),
    ...fixed(Array<number>(100).fill(0), 8, right(10, 5)),
    ...blocks.flatMap((b) => {
      const [columns, width, digits] = old ? [8, 10, 3] : (b.format ?? [8, 10, 6])
      return [line(b), ...fixed(b.values, columns, right(width, digits))]
    }),
    `/&  ----------  End of data for channel  ${channel}  ----------`,
    '',
  ].join('\r\n')
}

/** CDMG Volume 1: 13 text lines; `opening` is the line before evenly spaced data, without it there are pairs. */
export function csmipV1(units: string, body: readonly string[], points: number, opening?: string): string {
  const integers = Array<number>(100).fill(0)
  integers[26] = 90
  integers[27] = points
  return [
    'UNCORRECTED ACCELEROGRAM DATA              PROCESSED: 02/08/94, CDMG QN94A403',
    'NORTHRIDGE EARTHQUAKE',
    'JANUARY 17, 1994 04:31 PST              (ORIGIN(CIT): 01/17/94, 12:30:55.4 GMT)',
    '14403-S3492-94021.02               TRIGGER TIME: 01/17/94, 12:31:04.1 UTC',
    'STATION NO. 14403   33.929N, 118.260W     SMA-1  S/N 3492',
    'LOS ANGELES - 116TH ST. SCHOOL',
    'CHAN  1:  90 DEG',
    ...Array<string>(4).fill('TEXT'),
    units,
    'RMS ACCEL OF COMPLETE RECORD =  .021 G.',
    ...fixed(integers, 16, (v) => String(v).padStart(5)),
    ...fixed(Array<number>(100).fill(0), 8, right(10, 3)),
    ...(opening === undefined ? [] : [opening]),
    ...body,
    '/&',
    '',
  ].join('\n')
}
export const cells = fixed
export const cell = right

type Cosmos = {
  quantity?: [code: number, word: string]
  unit?: [code: number, word: string]
  azimuth?: number
  values?: readonly number[]
  format?: [number, number, number]
  data_ms?: number
  missing?: string
  channel?: number
}
/** COSMOS 1.20; the interval of the data (real header 62, ms) differs from that of the raw record (34, s) on purpose. */
export function cosmos({
  quantity = [1, 'acceleration'],
  unit = [4, 'cm/sec2'],
  azimuth = 340,
  ...rest
}: Cosmos = {}): string {
  const {
    values = numbers(60, 30),
    format: [columns, width, digits] = [8, 10, 5],
    data_ms = 5,
    missing = '-999, -999.0',
    channel = 3,
  } = rest
  const integers = Array<number>(100).fill(-999)
  integers.splice(0, 4, 2, quantity[0], unit[0], 120)
  integers.splice(39, 6, 2018, 334, 11, 30, 17, 29)
  integers[49] = channel
  integers[53] = azimuth
  const reals = Array<number>(100).fill(-999)
  reals[29] = 39.137
  reals[33] = 0.02
  reals[61] = data_ms
  reals[62] = (values.length * data_ms) / 1000
  reals[63] = -6.851512
  reals[64] = 0.215
  return [
    `Corrected ${quantity[1]}    (Format v01.20 with 13 text lines)`,
    'Record of Point MacKenzie Earthquake of Fri Nov 30, 2018 17:29 UTC',
    'Hypocenter: 61.34640 -149.95520 H= 46km Mw=7.0',
    'Origin: 2018/11/30 17:29:29    UTC',
    'Statn No: 37-000011 Code:AK-BMR     UAF  Bremner River, AK, USA',
    'Coords: 60.9677 -144.6051  Site geology:',
    'Recorder: (see cmnt)      ( ? Chns of   3 at Sta) Sensor: (see comment)',
    'Rcrd start time: 2018/11/30 17:29:39.137 UTC (Q=5) RcrdId: (see comment)',
    `Sta Chan   ${channel}:${azimuth} deg (Rcrdr Chan  ?) Location:`,
    'Raw record length = 210.000 sec, Uncor max =    101730, at  82.680 sec.',
    'Processed:2019-03-03 05:46:55 GMT, UNKN, Max =   -6.852 cm/sec2 at   76.215 sec',
    'Record filtered below  0.03 Hz (periods over 33.33 secs), and above 20.0 Hz',
    `Values used when parameter or data value is unknown/unspecified:   ${missing}`,
    ' 100 Integer-header values follow on  10 lines, Format= (10I8)',
    ...fixed(integers, 10, (v) => String(v).padStart(8)),
    ' 100 Real-header values follow on  20 lines, Format= (5F15.6)',
    ...fixed(reals, 5, right(15, 6)),
    '   1 Comment line(s) follow, each starting with a "|":',
    '| made for a test',
    `   ${values.length} ${quantity[1]} pts, approx  1 secs, units=${unit[1]}(${String(unit[0]).padStart(2, '0')}),Format=(${columns}F${width}.${digits})`,
    ...fixed(values, columns, right(width, digits)),
    'End-of-data for Chan  3',
    '',
  ].join('\n')
}

/** GeoNet V1A or V2A, one component; header numbers as in "GNS accelerogram data files" (22 January 2008). */
export function geonet(component: string, values: readonly number[], corrected = false): string {
  const n = values.length
  const integers = Array<number>(40).fill(0)
  integers.splice(0, 6, 2016, 11, 22, 0, 19, 420)
  integers.splice(8, 2, 2016, 11)
  integers.splice(18, 2, 22, 0)
  integers.splice(30, 6, corrected ? 4 * n : n, 0, 0, n, corrected ? n : 0, corrected ? n : 0)
  integers.splice(38, 2, 20, 2999)
  const reals = Array<number>(60).fill(0)
  reals[0] = 200
  reals[24] = 0.005
  reals[25] = corrected ? 0.02 : 0.005
  reals[30] = 4.5
  reals[31] = 40.48
  reals[35] = -2364.6
  reals[36] = 48.14
  return [
    `${corrected ? 'Corrected' : 'Uncorrected'} accelerogram 20161122_001942_WEL_20 GNS Science`,
    'Site WEL       41 17 03S  174 46 05E     Quanterra file:  20161122_002043_WEL',
    'Wellington',
    'Instrument Quanterra_284',
    'Resolution: 24-bit   Instr Period: 0.0050 s   Damping: 0.700',
    'Accelerogram 20161122_001942_WEL_20                  Processed 2016 November 22',
    '66 km south-east of Porangahau',
    '2016 November 22         00:19:42 UT',
    'Epicentre  40 40 25S 177 13 44E  Bearing N73E  Dist  218km  Depth   29km M  5.55',
    `Number of points  ${n}    Duration 1.00 s`,
    corrected
      ? 'Instrument corrected data at 0.020 sec intervals'
      : 'Raw readings in units of 1.00 mm/s/s  at intervals of 0.005 s',
    'Data is unfiltered',
    `Component ${component}`,
    'Acceleration:  Peak      4.5 mm/s/s at  40.48 s     RMS     0.62 mm/s/s',
    'Velocity record unevaluated',
    'Displacement record unevaluated',
    ...fixed(integers, 10, (v) => String(v).padStart(8)),
    ...fixed(reals, 10, (v) => v.toFixed(Math.abs(v) < 1000 ? 3 : 1).padStart(8)),
    ...fixed(values, 10, right(8, 1)),
    ...(corrected ? [...fixed(values, 10, right(8, 2)), ...fixed(values, 10, right(8, 3))] : []),
    '',
  ].join('\n')
}

type Cwb = {
  start?: string
  sequence?: string
  rate?: number
  rows?: ReadonlyArray<readonly [number, number, number]>
  length_s?: number
  unit?: string
}
export function cwb({
  start = '#StartTime(GMT+08): 2018/02/06-23:50:29.000',
  sequence = 'Time U(+); N(+); E(+)',
  ...rest
}: Cwb = {}): string {
  const {
    rate = 50,
    rows = numbers(100, 3).map((v) => [v, -v, 2 * v] as const),
    length_s = rows.length / rate,
    unit = ' gal. DCoffset(corr)',
  } = rest
  return [
    '#StationCode: HWA019',
    '#StationName: Test',
    '#InstrumentKind: FBA',
    start,
    `#RecordLength(sec): ${length_s}`,
    `#SampleRate(Hz): ${rate}`,
    `#AmplitudeUnit: ${unit}`,
    '#AmplitudeMAX. U:    1.196~   -1.017',
    `#DataSequence: ${sequence}`,
    '#Data: 4F10.3 ',
    ...rows.map((row, k) => [k / rate, ...row].map(right(10, 3)).join('')),
    '',
  ].join('\r\n')
}

export const at2 = (
  component: string,
  values: readonly number[],
  fourth = `NPTS=  ${values.length}, DT=   .0050 SEC,`,
): string =>
  [
    'PEER NGA STRONG MOTION DATABASE RECORD',
    `Imperial Valley-06, 10/15/1979, El Centro Array #9, ${component}`,
    'ACCELERATION TIME SERIES IN UNITS OF G',
    fourth,
    ...fixed(values, 5, (v) =>
      v
        .toExponential(7)
        .replace(/e([+-])(\d)$/, 'E$10$2')
        .padStart(15),
    ),
    '',
  ].join('\n')

export const rdb = (rows: readonly string[], column = '69928_00065'): string =>
  [
    '# ---------------------------------- WARNING ----------------------------------------',
    '# Data provided for site 01589330 by U.S. Geological Survey, NWIS',
    '#  69928       00065     Gage height, feet',
    `agency_cd\tsite_no\tdatetime\ttz_cd\t${column}\t${column}_cd`,
    '5s\t15s\t20d\t6s\t14n\t10s',
    ...rows.map((row) => `USGS\t01589330\t${row}`),
    '',
  ].join('\n')
