/**
 * Blocks of one device over WebSocket, decoded; it connects anew by itself. While the page cannot be seen it lets go of
 * the line, so that the edge sends waveforms only to somebody who watches.
 */
import { type BlockFrameHeader, decodeBlockFrame } from '../../../domain/api.ts'
import type { SampleArray } from '../../../domain/reading.ts'
import { after, retryDelay_ms } from './browser-clock.ts'

export type BlockListener = {
  onBlock(header: BlockFrameHeader, axes: SampleArray[]): void
  /** A frame that could not be read: counted on the page. */
  onBroken(): void
}

export const blocksUrl = (origin: string, device: string): string =>
  `${origin.replace(/^http/, 'ws')}/api/v1/live/blocks?device=${encodeURIComponent(device)}`

/** Starts watching; returns the stop. */
export function watchBlocks(device: string, listener: BlockListener): () => void {
  let socket: WebSocket | undefined
  let attempt = 0
  let cancel = () => {}

  const connect = () => {
    const mine = new WebSocket(blocksUrl(location.origin, device))
    mine.binaryType = 'arraybuffer'
    socket = mine
    mine.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      attempt = 0
      try {
        const { header, axes } = decodeBlockFrame(data)
        listener.onBlock(header, axes)
      } catch {
        listener.onBroken()
      }
    }
    mine.onclose = () => {
      if (socket !== mine) return
      socket = undefined
      cancel = after(retryDelay_ms(attempt), connect)
      attempt += 1
    }
  }
  const letGo = () => {
    cancel()
    const mine = socket
    socket = undefined
    mine?.close()
  }
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') letGo()
    else if (socket === undefined) {
      cancel()
      attempt = 0
      connect()
    }
  }

  document.addEventListener('visibilitychange', onVisibility)
  onVisibility()
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    letGo()
  }
}
