/**
 * What a component takes from signals that change all the time. A row that reads them as they are is drawn anew with every
 * reading of the site; of five hundred alarms that is a page which no longer answers.
 */
import { computed, type ReadonlySignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'

/** What `read` makes of signals: drawn anew where that is another. `by`: all else that it is made of. */
export function useRead<T>(read: () => T, by: readonly unknown[]): T {
  return useMade(read, by).value
}

type TextProps = { read: () => string; by: readonly unknown[] }
/** A text that changes in its place: nothing around it is drawn anew. */
export function LiveText({ read, by }: TextProps) {
  return <>{useMade(read, by)}</>
}

const useMade = <T,>(read: () => T, by: readonly unknown[]): ReadonlySignal<T> => useMemo(() => computed(read), [...by])
