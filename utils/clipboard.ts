/**
 * Puts text on the clipboard. Over plain HTTP browsers have no clipboard API; there the old way is tried: select and copy.
 * Rejects where neither is allowed.
 */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  field.style.cssText = 'position:fixed;opacity:0;inset:0 auto auto 0'
  field.setAttribute('aria-hidden', 'true')
  const before = document.activeElement
  // Beside the focus, so that a dialog's focus trap lets it be.
  ;(before?.parentElement ?? document.body).append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  if (!copied) throw new Error('This browser does not allow copying here.')
}
