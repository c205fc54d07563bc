import { sameText, sign } from './ids'

/** What a token is bound to: the account, and something of it that changes when the token must no longer hold. */
interface Bound { secret: string, user: string, holds: string }

/** Tokens `user.expiry.signature` for links: of one purpose, good for `life` ms. */
export function linkTokens(purpose: string, life: number) {
  const signature = ({ secret, user, holds }: Bound, expiry: string) => sign(secret, purpose, `${user}|${expiry}|${holds}`)

  return {
    make(bound: Bound, now: number): string {
      const expiry = String(now + life)
      return `${bound.user}.${expiry}.${signature(bound, expiry)}`
    },

    /** Whether the token is genuine, of this account as it is now, and not expired. */
    check(token: string, bound: Bound, now: number): boolean {
      const [user, expiry = '', mac = ''] = token.split('.')
      return user === bound.user && sameText(mac, signature(bound, expiry)) && now < Number(expiry)
    }
  }
}

/** Whose token this claims to be: the account to look up before it is checked. */
export const linkTokenUser = (token: string): string => token.slice(0, Math.max(token.indexOf('.'), 0))
