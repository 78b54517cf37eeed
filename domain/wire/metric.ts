/** Small helpers by which the wire files read and write metrics and properties. */
import { DataType, type Metric, type Properties, type Property } from '../sparkplug/payload.ts'

export const int64 = (value: bigint | number | null): Property => ({
  type: DataType.Int64,
  value: value === null ? null : BigInt(value),
})
export const double = (value: number | null): Property => ({ type: DataType.Double, value })
export const int32 = (value: number | null): Property => ({ type: DataType.Int32, value })
export const bool = (value: boolean): Property => ({ type: DataType.Boolean, value })
export const text = (value: string | null): Property => ({ type: DataType.String, value })

export const num = (properties: Properties | undefined, key: string): number | undefined => {
  const value = properties?.[key]?.value
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
}
export const big = (properties: Properties | undefined, key: string): bigint | undefined => {
  const value = properties?.[key]?.value
  return typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : undefined
}
export const str = (properties: Properties | undefined, key: string): string | undefined => {
  const value = properties?.[key]?.value
  return typeof value === 'string' ? value : undefined
}
export const flag = (properties: Properties | undefined, key: string): boolean | undefined => {
  const value = properties?.[key]?.value
  return typeof value === 'boolean' ? value : undefined
}

export const metricsByName = (metrics: readonly Metric[]): Map<string, Metric> =>
  new Map(metrics.flatMap((m) => (m.name === undefined ? [] : [[m.name, m] as const])))
