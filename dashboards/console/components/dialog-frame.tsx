/** A modal dialog: the browser's own element keeps the focus inside and closes on Escape. */
import type { ComponentChildren } from 'preact'
// `data-first` marks what gets the focus: for an answer the button, so that a phone shows no keyboard before it is wanted.
import { useEffect, useRef } from 'preact/hooks'

type Props = { title: string; onClose: () => void; onSubmit: () => void; children: ComponentChildren }

export function DialogFrame({ title, onClose, onSubmit, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (dialog !== null && !dialog.open) dialog.showModal()
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        <h2>{title}</h2>
        {children}
      </form>
    </dialog>
  )
}
