import { signInProblems, type SignInProblem } from '#shared/errors'

/** What to say of a `problem` in the sign-in page's address; '' without one that is known. */
export const signInProblem = (problem: unknown, words: Record<SignInProblem, string>): string => {
  const known = signInProblems.find(name => name === problem)
  return known ? words[known] : ''
}
