/**
 * A device and the program that it plays, on the device's own clock: a gauge that lives 180 times as fast as the world
 * shows a record 180 times as fast too, so that a rate of rise judged in its time is the record's.
 */
import type { Instant } from '../../domain/time.ts'
import type { Recording } from '../../recordings/recording.ts'
import type { PlayableDevice } from '../device.ts'
import { Program, type ProgramOptions } from '../program.ts'

/** A device that can play, and how fast its own clock runs. */
export type Player = { readonly device: PlayableDevice; readonly time_scale: number }
/** Positions of the program times `time_scale` are the recording's. */
export type PlayPart = Player & { readonly program: Program }

/** @throws PlumblineError PLAY_REFUSED */
export function programOf(
  player: Player,
  recording: Recording,
  options: Omit<ProgramOptions, 'recording'>,
  at: Instant,
): PlayPart {
  // A ring's samples lie on its own counter: what it plays is at the rate of real time.
  const time_scale = recording.kind === 'series' ? player.time_scale : 1
  const { start_s = 0 } = options
  const program = new Program(
    { ...options, recording: retimed(recording, time_scale), start_s: start_s / time_scale },
    at,
  )
  return { ...player, time_scale, program }
}

function retimed(recording: Recording, time_scale: number): Recording {
  if (recording.kind === 'waveform' || time_scale === 1) return recording
  const { t } = recording
  const first = t[0] ?? 0n
  return { ...recording, t: t.map((ns) => first + BigInt(Math.round(Number(ns - first) / time_scale))) }
}
