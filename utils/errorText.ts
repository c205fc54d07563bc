import { ChatError, isErrorBody, type ErrorBody } from '#shared/errors'

/** The error that a request or a store threw, where the server said one; null when it could not be reached or broke. */
export function errorBody(thrown: unknown): ErrorBody | null {
  if (thrown instanceof ChatError) return thrown.toJSON()
  if (isErrorBody(thrown)) return thrown
  return typeof thrown === 'object' && thrown !== null && 'data' in thrown && isErrorBody(thrown.data) ? thrown.data : null
}

/** What to tell a person about an error: what happened and what to do. */
export function errorText(thrown: unknown): string {
  const text = useText().error
  const body = errorBody(thrown)
  if (body) return body.retryAfter ? `${body.message} ${text.wait(Math.ceil(body.retryAfter / 1000))}` : body.message
  const unreached = typeof thrown === 'object' && thrown !== null && 'request' in thrown && !('statusCode' in thrown && thrown.statusCode)
  return unreached ? text.offline : text.unexpected
}
