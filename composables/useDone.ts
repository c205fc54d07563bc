/** Says shortly that something was done, or why not. */
export function useDone() {
  const toast = useToast()
  const text = useText()
  const done = (title: string) => toast.add({ title, color: 'success', icon: 'i-lucide-circle-check' })

  /** Does it and says so, where there are words for it; a failure is said, too. */
  async function attempt(action: () => Promise<unknown>, said?: string): Promise<void> {
    try {
      await action()
      if (said) done(said)
    } catch (cause) {
      toast.add({ title: text.room.failed, description: errorText(cause), color: 'error', icon: 'i-lucide-circle-alert' })
    }
  }
  return { done, attempt }
}
