/** Plays a recording that ships, by its name, or files from this computer on a simulated device. */
import { useState } from 'preact/hooks'
import type { PlayRequest, RecordingFile } from '../../../../domain/simulator-control.ts'
import { useWords } from '../../components/app-context.ts'
import { SelectField } from '../../components/select-field.tsx'
import { readFiles } from '../../io/read-files.ts'
import { words as WORDS } from './words.ts'

type Props = { devices: readonly string[]; onPlay: (body: PlayRequest) => void }

export function PlayForm({ devices, onPlay }: Props) {
  const own = useWords(WORDS)
  const [recording, setRecording] = useState('')
  const [files, setFiles] = useState<readonly RecordingFile[]>([])
  const [as, setAs] = useState(devices[0] ?? '')
  const [speed, setSpeed] = useState('1')
  const uploads = files.length > 0
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault()
        const what = uploads ? { files } : { files: [], recording: recording.trim() }
        onPlay({ as, ...what, speed: Number(speed) })
      }}
    >
      <label class="field">
        {own.recording}
        <input
          required={!uploads}
          disabled={uploads}
          value={recording}
          onInput={(event) => setRecording(event.currentTarget.value)}
        />
      </label>
      <label class="field is-double">
        {own.files}
        <input type="file" multiple onChange={(event) => void readFiles(event.currentTarget.files).then(setFiles)} />
      </label>
      <SelectField label={own.as} value={as} options={devices.map((id) => [id, id])} onChange={setAs} />
      <label class="field">
        {own.speed}
        <input
          type="number"
          min={0.1}
          max={100}
          step={0.1}
          value={speed}
          onInput={(event) => setSpeed(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        {own.play}
      </button>
    </form>
  )
}
