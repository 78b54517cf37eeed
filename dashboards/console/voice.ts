/**
 * What is heard: announcements for screen readers, at most one a second, and the repeating tone of the worst alarm that
 * waits. Which words and which tone are `state/announce.ts`'s and `state/sound.ts`'s.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Words } from './i18n/index.ts'
import { createSpeaker } from './io/sound.ts'
import { type Announcement, announce, announceFirst, SILENCE } from './state/announce.ts'
import type { Link } from './state/link.ts'
import type { LiveState } from './state/live-state.ts'
import { type Mute, muteAt, muteNow, soundingAt, TONES } from './state/sound.ts'

/** Changes of this long are one announcement: an earthquake raises many alarms at once. */
const ANNOUNCE_MS = 1000

export type Voice = {
  readonly announcement: ReadonlySignal<Announcement>
  /** Whether the browser lets the page be heard: never before a person has pressed. */
  readonly armed: ReadonlySignal<boolean>
  readonly mute: ReadonlySignal<Mute | null>
  /** From a press: arms the sound and plays the tone of a critical alarm once, so that it is known. */
  arm(): Promise<void>
  test(): void
  muteNow(): void
  unmute(): void
  /** Called several times a second. */
  hear(now: Link['state'], before: Link['state'], mono_ms: number): void
}

type Heard = { live: ReadonlySignal<LiveState>; words: ReadonlySignal<Words>; now_ms: () => number }

export function createVoice({ live, words, now_ms }: Heard): Voice {
  const announcement = signal<Announcement>(SILENCE)
  const armed = signal(false)
  const mute = signal<Mute | null>(null)
  const speaker = createSpeaker()
  let announced: LiveState | null = null
  let announced_mono_ms = 0
  let sounded_mono_ms = Number.NEGATIVE_INFINITY

  /** What stands there is said at once; after that the changes of a second together. */
  const speak = (mono_ms: number) => {
    const now = live.value
    if (!now.known || (announced !== null && mono_ms - announced_mono_ms < ANNOUNCE_MS)) return
    const said = announced
      ? announce(announced.alarms, now.alarms, words.value)
      : announceFirst(now.alarms, words.value)
    announced = now
    announced_mono_ms = mono_ms
    if (said.polite !== '' || said.assertive !== '') announcement.value = said
  }
  const sound = (mono_ms: number) => {
    const { alarms } = live.value
    mute.value = muteAt(mute.value, alarms.values(), now_ms())
    const priority = soundingAt(alarms.values(), mute.value)
    const tone = priority && TONES[priority]
    if (!armed.value || !tone || mono_ms - sounded_mono_ms < tone.every_ms) return
    sounded_mono_ms = mono_ms
    speaker.play(tone)
  }
  const test = () => speaker.play(TONES.critical!)

  return {
    announcement,
    armed,
    mute,
    arm: async () => {
      armed.value = await speaker.arm()
      if (armed.value) test()
    },
    test,
    muteNow: () => {
      mute.value = muteNow(live.value.alarms.values(), now_ms())
    },
    unmute: () => {
      mute.value = null
    },
    hear: (now, before, mono_ms) => {
      if (now === 'lost' && before !== 'lost') announcement.value = SILENCE
      if (now === 'live' && before === 'lost') announcement.value = { polite: words.value.announceBack, assertive: '' }
      speak(mono_ms)
      sound(mono_ms)
    },
  }
}
