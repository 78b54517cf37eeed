/**
 * Channel ids of one device as its records name them. Kept from record to record: the same text is not made again with each,
 * and the channels of its gaps are one list.
 */
import { channelId } from '../ids.ts'

/** More names than a device has come only from a foreign hand. */
const CHANNELS_MAX = 4096

export class DeviceNames {
  readonly #device: string
  readonly #channels = new Map<string, string>()
  #ofGap: readonly string[] = []

  constructor(device: string) {
    this.#device = device
  }

  /** Id of the channel that a metric of the device is. @throws as `channelId` does */
  channel(metric: string): string {
    const before = this.#channels.get(metric)
    if (before !== undefined) return before
    const channel = channelId(this.#device, metric)
    if (this.#channels.size < CHANNELS_MAX) this.#channels.set(metric, channel)
    return channel
  }

  /** The channels of a gap: the list of the gap before where they are the same. */
  ofGap(channels: readonly string[]): readonly string[] {
    const before = this.#ofGap
    const same = before.length === channels.length && before.every((channel, i) => channel === channels[i])
    if (!same) this.#ofGap = channels
    return this.#ofGap
  }
}
