import type { FormErrorEvent, FormSubmitEvent } from '@nuxt/ui'

/**
 * A form's sending: one at a time, its error as a sentence for <AppFormError>, what was typed stays.
 * `action` gets the parsed body. `showErrors` puts the focus on the first field that is wrong.
 */
export function useSubmit<Body>(action: (body: Body) => Promise<unknown>) {
  const pending = ref(false)
  const error = ref('')

  async function submit(event: FormSubmitEvent<Body>) {
    if (pending.value) return
    pending.value = true
    error.value = ''
    try {
      await action(event.data)
    } catch (thrown) {
      error.value = errorText(thrown)
    } finally {
      pending.value = false
    }
  }

  function showErrors(event: FormErrorEvent) {
    const id = event.errors[0]?.id
    if (id) document.getElementById(id)?.focus()
  }

  return { pending, error, submit, showErrors }
}
