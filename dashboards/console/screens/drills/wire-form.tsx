/** Faults of a simulated wire: what is set and what it did to frames so far, one fault set at a time, and mending. */
import { useState } from 'preact/hooks'
import type { WireStatus } from '../../../../domain/simulator-control.ts'
import { WIRE_FAULTS, type WireFault, type WireFaults } from '../../../../domain/wire-faults.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { SelectField } from '../../components/select-field.tsx'
import { words as WORDS } from './words.ts'

type Counted = keyof (typeof WORDS)['en']['wireCount']
export type WireBody = { node: string; link: string; faults: WireFaults }
type Props = { wires: readonly WireStatus[]; onWire: (body: WireBody) => void }

export function WireForm({ wires, onWire }: Props) {
  const own = useWords(WORDS)
  const { words, format } = useSpeech()
  const [at, setAt] = useState(0)
  const [fault, setFault] = useState<WireFault>('drop')
  const [percent, setPercent] = useState('10')
  const [late_ms, setLate] = useState('500')
  const wire = wires[Math.min(at, wires.length - 1)]
  if (wire === undefined) return <p>{own.wiresNone}</p>
  const chance = Number(percent) / 100
  const wanted: WireFaults = fault === 'delay' ? { delay: { chance, ms: Number(late_ms) } } : { [fault]: chance }
  return (
    <>
      <ul class="plain-list">
        {wires.map(({ node, link, faults, counts }) => (
          <li key={`${node} ${link}`}>
            <strong>
              {node}/{link}
            </strong>{' '}
            {Object.keys(faults).length === 0 ? own.wireWell : <code>{JSON.stringify(faults)}</code>}{' '}
            <span class="muted number">
              {Object.entries(counts)
                .map(([name, count]) => `${own.wireCount[name as Counted] ?? name} ${format.number(count, 0)}`)
                .join(words.listJoin)}
            </span>
            {Object.keys(faults).length > 0 && (
              <button type="button" class="button" onClick={() => onWire({ node, link, faults: {} })}>
                {own.mend}
                <span class="unseen">
                  {' '}
                  {node}/{link}
                </span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault()
          onWire({ node: wire.node, link: wire.link, faults: wanted })
        }}
      >
        <SelectField
          label={own.wire}
          value={String(at)}
          options={wires.map(({ node, link }, i) => [String(i), `${node}/${link}`])}
          onChange={(value) => setAt(Number(value))}
        />
        <SelectField
          label={own.wireFault}
          value={fault}
          options={WIRE_FAULTS.map((one) => [one, own.wireFaults[one]])}
          onChange={setFault}
        />
        <label class="field">
          {own.chance}
          <input
            required
            type="number"
            min={0}
            max={100}
            step="any"
            value={percent}
            onInput={(event) => setPercent(event.currentTarget.value)}
          />
        </label>
        {fault === 'delay' && (
          <label class="field">
            {own.lateBy}
            <input
              required
              type="number"
              min={0}
              step="any"
              value={late_ms}
              onInput={(event) => setLate(event.currentTarget.value)}
            />
          </label>
        )}
        <button type="submit" class="button">
          {own.spoil}
        </button>
      </form>
    </>
  )
}
