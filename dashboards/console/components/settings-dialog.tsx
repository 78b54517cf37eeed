/** How this person wants to see the console: theme, language, clock, units, and a test of the sound. Takes hold at once. */
import type { ComponentChildren } from 'preact'
import type { Language } from '../format.ts'
import { WORDS } from '../i18n/index.ts'
import { ACCELERATION_UNITS, CLOCKS, STAGE_UNITS, THEMES } from '../state/preferences.ts'
import { useApp, useSpeech } from './app-context.ts'
import { DialogFrame } from './dialog-frame.tsx'

export function SettingsDialog() {
  const app = useApp()
  const { words, format } = useSpeech()
  const { theme, language, clock, units } = app.preferences.value
  const close = () => {
    app.dialog.value = null
  }
  return (
    <DialogFrame title={words.settings} onClose={close} onSubmit={close}>
      <Choice
        label={words.theme}
        all={THEMES}
        chosen={theme}
        name={(one) => words.themeOf[one]}
        onChoose={(next) => app.prefer({ theme: next })}
      />
      <Choice
        label={words.language}
        all={Object.keys(WORDS) as Language[]}
        chosen={language}
        name={(one) => WORDS[one].languageName}
        onChoose={(next) => app.prefer({ language: next })}
      />
      <Choice
        label={words.clock}
        all={CLOCKS}
        chosen={clock}
        name={(one) => words.clockOf[one]}
        onChoose={(next) => app.prefer({ clock: next })}
      >
        <span class="muted number">
          {format.clock(app.now_ms.value)} {format.offset(app.now_ms.value)} ({format.time_zone})
        </span>
      </Choice>
      <Choice
        label={words.stageUnit}
        all={STAGE_UNITS}
        chosen={units.stage}
        name={(one) => one}
        onChoose={(stage) => app.prefer({ units: { ...units, stage } })}
      />
      <Choice
        label={words.accelerationUnit}
        all={ACCELERATION_UNITS}
        chosen={units.acceleration}
        name={(one) => one}
        onChoose={(acceleration) => app.prefer({ units: { ...units, acceleration } })}
      />
      <div class="actions">
        <button type="button" class="button" disabled={!app.voice.armed.value} onClick={() => app.voice.test()}>
          {words.soundTest}
        </button>
        <button type="submit" class="button is-primary" data-first="">
          {words.close}
        </button>
      </div>
    </DialogFrame>
  )
}

type ChoiceProps<T extends string> = {
  label: string
  all: readonly T[]
  chosen: T
  name: (one: T) => string
  onChoose: (one: T) => void
  children?: ComponentChildren
}

function Choice<T extends string>({ label, all, chosen, name, onChoose, children }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="choice-row">
        {all.map((one) => (
          <label key={one} class={`choice-one${one === chosen ? ' is-chosen' : ''}`}>
            <input type="radio" name={label} value={one} checked={one === chosen} onChange={() => onChoose(one)} />
            {name(one)}
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  )
}
