/** Tones through Web Audio. A browser lets a page be heard only after a press on it: `arm()` must be called from one. */
import type { Tone } from '../state/sound.ts'

const PULSE_S = 0.18
const PAUSE_S = 0.12

export type Speaker = {
  /** Whether the browser lets us be heard. */
  arm(): Promise<boolean>
  play(tone: Tone): void
}

export function createSpeaker(): Speaker {
  let context: AudioContext | undefined
  return {
    arm: async () => {
      context ??= new AudioContext()
      await context.resume().catch(() => {})
      return context.state === 'running'
    },
    play: ({ hertz, pulses }) => {
      if (context?.state !== 'running') return
      for (let i = 0; i < pulses; i += 1) pulse(context, hertz, context.currentTime + i * (PULSE_S + PAUSE_S))
    },
  }
}

/** Fades in and out, so that it does not click. */
function pulse(context: AudioContext, hertz: number, at_s: number): void {
  const tone = context.createOscillator()
  const gain = context.createGain()
  tone.frequency.value = hertz
  gain.gain.setValueAtTime(0, at_s)
  gain.gain.linearRampToValueAtTime(0.25, at_s + 0.02)
  gain.gain.setValueAtTime(0.25, at_s + PULSE_S - 0.04)
  gain.gain.linearRampToValueAtTime(0, at_s + PULSE_S)
  tone.connect(gain).connect(context.destination)
  tone.start(at_s)
  tone.stop(at_s + PULSE_S)
}
