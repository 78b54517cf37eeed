/**
 * Live blocks from a DDATA payload of `<node>-blocks` as the binary frames of the API. Scale and unit are the birth's;
 * resent blocks are history and not shown live.
 */
import { encodeBlockFrame } from '../domain/api.ts'
import type { Block } from '../domain/reading.ts'
import type { Metric } from '../domain/sparkplug/payload.ts'
import { blockGroupsOf, decodeRecords, type RecordContext } from '../domain/wire/record.ts'

/** @throws RecordError where the payload is not whole. */
export function liveFrames(
  device: string,
  metrics: readonly Metric[],
  birth: readonly Metric[],
  node: string,
  exercise: boolean,
): Uint8Array[] {
  const context: RecordContext = { node, stream: 'blocks', device, exercise, blockGroups: blockGroupsOf(birth) }
  return decodeRecords(metrics, context)
    .filter((record) => !record.historical)
    .flatMap((record) => record.blocks.map((block) => frameOf(block, exercise)))
}

const frameOf = (block: Block, exercise: boolean): Uint8Array =>
  encodeBlockFrame(
    {
      device: block.device,
      group: block.group,
      t0_ns: String(block.t0_ns),
      sample_rate_hz: block.sample_rate_hz,
      scale: block.scale,
      unit: block.unit,
      first_counter: block.first_counter,
      exercise,
    },
    block.axes,
  )
