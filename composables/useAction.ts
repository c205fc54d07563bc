/** One thing that a button does: one at a time, its error as a sentence. */
export function useAction<Input extends unknown[]>(action: (...input: Input) => Promise<unknown>) {
  const pending = ref(false)
  const error = ref('')

  async function run(...input: Input) {
    if (pending.value) return
    pending.value = true
    error.value = ''
    try {
      await action(...input)
    } catch (thrown) {
      error.value = errorText(thrown)
    } finally {
      pending.value = false
    }
  }

  return { pending, error, run }
}
