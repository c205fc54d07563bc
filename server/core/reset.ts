import { linkTokens } from './link-tokens'

const tokens = linkTokens('reset', 30 * 60_000)

/** What a token is bound to: the account, and its secret as it is now. */
interface Bound { secret: string, user: string, secretHash: string }

const bound = ({ secret, user, secretHash }: Bound) => ({ secret, user, holds: secretHash })

/** A token to set a new password with, for 30 minutes. Setting one changes `secretHash`, so it works once. */
export const makeResetToken = (to: Bound, now: number): string => tokens.make(bound(to), now)

/** Whether the token is genuine, of this account with this secret, and not expired. */
export const checkResetToken = (token: string, to: Bound, now: number): boolean => tokens.check(token, bound(to), now)
