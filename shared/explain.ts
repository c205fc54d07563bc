import type { z } from 'zod'
import { ChatError } from './errors'

/** What was wrong first with what came in, for whoever sent it, over HTTP and by socket alike; `whole` is what it was, where no part of it can be named. */
export function explain({ issues: [issue] }: z.ZodError, whole = 'The body'): ChatError {
  if (issue?.code === 'custom' && issue.params?.code === 'too_large') return new ChatError('too_large', issue.message)
  if (issue?.code === 'invalid_union') return new ChatError('invalid', `${whole} is of no kind that is known here.`)
  if (issue?.code === 'invalid_type') return new ChatError('invalid', `${issue.path.join('.') || whole} is missing or of the wrong type.`)
  return new ChatError('invalid', issue?.message ?? 'That is not valid.')
}
