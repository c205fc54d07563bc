import { isErrorBody } from '#shared/errors'
import { asChatError } from '~/composables/useApi'

/** What to tell a person about an error that was thrown or answered: what happened, what to do, and how long to wait. */
export function errorText(error: unknown): string {
  const { message, retryAfter } = isErrorBody(error) ? error : asChatError(error)
  return retryAfter ? `${message} ${useText().error.wait(Math.ceil(retryAfter / 1000))}` : message
}
