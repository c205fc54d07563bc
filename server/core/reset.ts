import { sameText, sign } from './ids'

const LIFE = 30 * 60_000

/** What a token is bound to: the account, and its secret as it is now. */
interface Bound { secret: string, user: string, secretHash: string }

const signature = ({ secret, user, secretHash }: Bound, expiry: string) => sign(secret, 'reset', `${user}|${expiry}|${secretHash}`)

/** A token `user.expiry.signature` to set a new password with, for 30 minutes. Setting one changes `secretHash`, so it works once. */
export function makeResetToken(bound: Bound, now: number): string {
  const expiry = String(now + LIFE)
  return `${bound.user}.${expiry}.${signature(bound, expiry)}`
}

/** Whose token this claims to be: the account to look up before `checkResetToken`. */
export const resetTokenUser = (token: string): string => token.slice(0, Math.max(token.indexOf('.'), 0))

/** Whether the token is genuine, of this account with this secret, and not expired. */
export function checkResetToken(token: string, bound: Bound, now: number): boolean {
  const [user, expiry = '', mac = ''] = token.split('.')
  return user === bound.user && sameText(mac, signature(bound, expiry)) && now < Number(expiry)
}
