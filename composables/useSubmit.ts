import type { FormErrorEvent, FormSubmitEvent } from '@nuxt/ui'

/**
 * A form's sending: one at a time, its error as a sentence for <AppFormError>, what was typed stays.
 * `action` gets the parsed body. `showErrors` puts the focus on the first field that is wrong.
 */
export function useSubmit<Body>(action: (body: Body) => Promise<unknown>) {
  const { pending, error, run } = useAction(action)
  const submit = (event: FormSubmitEvent<Body>) => run(event.data)

  function showErrors(event: FormErrorEvent) {
    const id = event.errors[0]?.id
    if (id) document.getElementById(id)?.focus()
  }

  return { pending, error, submit, showErrors }
}
