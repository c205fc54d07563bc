import { ChatError, errorCodes, isErrorBody, type ErrorBody, type ErrorCode } from '#shared/errors'
import { useServices } from '~/utils/services'

export interface ApiOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  query?: Record<string, string | number | boolean | undefined>
  body?: Record<string, unknown>
  signal?: AbortSignal
}

/** Calls the HTTP API; rejects with ChatError only. `T` is what the route is documented to answer. */
export type Api = <T = unknown>(path: string, options?: ApiOptions) => Promise<T>

/** `$fetch`, or what stands for it: rejects with an error that may carry `response`, `status` and the answer's body as `data`. */
export type Fetcher = (path: string, options: ApiOptions) => Promise<unknown>

const unreachable = 'Chatly can\'t be reached. Check your connection and try again.'

const property = (value: unknown, name: string): unknown => typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const codeOf = (status: number): ErrorCode => {
  const known = Object.entries(errorCodes).find(([, rule]) => rule.status === status)?.[0]
  return isErrorBody({ code: known }) && known !== undefined ? known as ErrorCode : status >= 500 ? 'unavailable' : 'invalid'
}

const bodyOf = (error: unknown): ErrorBody | null => {
  const data = property(error, 'data')
  return isErrorBody(data) ? data : isErrorBody(property(data, 'data')) ? property(data, 'data') as ErrorBody : null
}

/** Any failure of a fetch as the ChatError that the server meant, or `unavailable` when there was no answer. */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  const body = bodyOf(error)
  if (body) return new ChatError(body.code, body.message, body.retryAfter)
  const status = property(error, 'statusCode') ?? property(error, 'status')
  if (typeof status !== 'number' || property(error, 'response') === undefined) return new ChatError('unavailable', unreachable)
  const code = codeOf(status)
  return new ChatError(code, code === 'unavailable' ? 'Chatly is not available right now. Try again in a moment.' : 'That didn\'t work. Reload the page and try again.')
}

/** An Api over a fetcher. */
export const createApi = (fetcher: Fetcher): Api => async <T>(path: string, options: ApiOptions = {}) => {
  try {
    // The routes' answers are typed by the contract in docs; parsing them again would ship every schema to the browser.
    return await fetcher(path, options) as T
  } catch (error) {
    throw asChatError(error)
  }
}

/** The application's Api. Call it in setup. */
export const useApi = (): Api => useServices().api
