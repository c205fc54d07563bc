/** Gives the focus to `element` where what had it has just gone, such as the button of a row that its click removed. */
export async function catchFocus(element: HTMLElement | null): Promise<void> {
  await nextTick()
  if (!document.activeElement || document.activeElement === document.body) element?.focus()
}
