/** Asks for the samples of the sensors shown; one that cannot be had does not hide the others. */
import type { BlockJson, BlocksJson, DeviceJson } from '../../../../domain/api.ts'
import { type Asked, useAsked } from '../../components/asked.tsx'
import type { Refusal } from '../../io/api-client.ts'
import type { App } from '../../service.ts'
import { nsOf } from '../../state/instants.ts'
import type { Stretch } from '../../state/route.ts'

export type Loaded = {
  readonly device: string
  readonly blocks: readonly BlockJson[]
  readonly refusal: Refusal | null
}

export function useBlocks(app: App, devices: readonly DeviceJson[], { from_ms, to_ms }: Stretch): Asked<Loaded[]> {
  return useAsked(async () => {
    const loaded = await Promise.all(
      devices.map(async (device): Promise<Loaded> => {
        const channel = device.channels.find((c) => c.kind === 'axis')!.id
        const answer = await app.api.get<BlocksJson>('/blocks', { channel, from: nsOf(from_ms), to: nsOf(to_ms) })
        if (answer.ok) return { device: device.id, blocks: answer.value.blocks, refusal: null }
        return { device: device.id, blocks: [], refusal: answer }
      }),
    )
    // Nothing at all: the refusal is the answer, and is said as everywhere.
    const [first] = loaded
    return first?.refusal != null && loaded.every((l) => l.refusal !== null)
      ? first.refusal
      : { ok: true, value: loaded }
  }, [devices.map((d) => d.id).join(' '), from_ms, to_ms])
}
