import { ChatError, type SignInProblem } from '#shared/errors'
import { SignInRefused } from '../core/google'

/** The sign-in page, or where they were, for somebody who comes back from elsewhere without success. What we did not expect is one line in the log, without what was said. */
export function signInAgain(error: unknown): string {
  const problem: SignInProblem = error instanceof SignInRefused ? error.problem : 'google-failed'
  if (!(error instanceof SignInRefused) && !(error instanceof ChatError)) console.error(`[google] signing in failed: ${reasonOf(error)}`)
  return `${error instanceof SignInRefused ? error.back : '/login'}?problem=${problem}`
}

/** By its codes alone: the message and the cause may repeat a code or a token. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as Error & { code?: unknown }
  return typeof code === 'string' ? `${error.name} ${code}` : error.name
}
