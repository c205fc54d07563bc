import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { ChatOptions, Identity } from './chat'
import { hash } from './ids'
import { linkTokenUser } from './link-tokens'
import { resetMail } from './mail'
import type { Ports } from './ports'
import { spend, tryFor } from './rates'
import { checkResetToken, makeResetToken } from './reset'
import type { Sessions } from './sessions'

export interface Passwords {
  /** Ends the person's other sessions. Throws wrong_password. */
  changePassword: (identity: Identity, body: { current: string, next: string }) => Promise<void>
  /**
   * Somebody can't get in: mails the link, where this site sends mail; else its admin makes one. Answers alike, in content and in time, whether there is such an
   * account, because it looks for one only afterwards.
   */
  forgot: (email: string, from: { address: string }) => Promise<void>
  /** For the host: a token that sets a new password for this account, once, within 30 minutes. Throws not_found. */
  resetLinkFor: (email: string) => Promise<string>
  /** Sets a new password by such a token and ends all sessions. Throws forbidden for one that is used, expired or forged. */
  reset: (token: string, password: string) => Promise<void>
}

export function createPasswords({ storage, coordination, accounts, clock }: Ports, sessions: Sessions, { secret, post }: Pick<ChatOptions, 'secret' | 'post'>): Passwords {
  return {
    async changePassword(identity, { current, next }) {
      const user = identity.person.id
      const turn = { key: `password-change:${user}`, rate: rates.passwordChange }
      await spend(coordination, turn.key, turn.rate)
      const { was, secretHash } = await tryFor(coordination, [turn], async () => ({
        was: await confirmPassword({ coordination, accounts }, user, current), secretHash: await accounts.hash(next)
      }))
      // It was right until a moment ago: another change, or a reset, came first.
      const ended = await storage.setSecret('password', user, secretHash, { was, endSessions: { except: identity.session } })
      if (!ended) throw notTheirs()
      sessions.ended(ended)
    },

    async forgot(email, { address }) {
      await spend(coordination, `forgot:${hash(address)}`, rates.forgotAddress)
      await spend(coordination, `forgot-subject:${hash(email)}`, rates.forgot)
      post?.mailer.post(async () => {
        const found = await storage.credential('password', email)
        if (!found || found.disabled) return null
        return resetMail(email, `${post.origin}/reset/${makeResetToken({ secret, user: found.user, secretHash: found.secretHash }, clock.now())}`)
      })
    },

    async resetLinkFor(email) {
      const found = await storage.credential('password', email)
      if (!found) throw new ChatError('not_found', `There is no account with the e-mail address ${email}.`)
      return makeResetToken({ secret, user: found.user, secretHash: found.secretHash }, clock.now())
    },

    async reset(token, password) {
      const user = linkTokenUser(token)
      const found = user === '' ? null : await storage.credentialOf('password', user)
      if (!found || !checkResetToken(token, { secret, user, secretHash: found.secretHash }, clock.now())) {
        throw usedUp()
      }
      const ended = await storage.setSecret('password', user, await accounts.hash(password), { was: found.secretHash, endSessions: {} })
      if (!ended) throw usedUp()
      sessions.ended(ended)
    }
  }
}

const usedUp = () => new ChatError('forbidden', 'This link has been used or is too old. Ask the host of this site for a new one.')
const notTheirs = () => new ChatError('wrong_password', 'That is not your password.')

/** Makes sure that a signed-in person is who they were: their password again, with as few tries as at log-in. Gives its hash. Throws wrong_password. */
export async function confirmPassword({ coordination, accounts }: Pick<Ports, 'coordination' | 'accounts'>, user: string, password: string): Promise<string> {
  const point = { key: `password:${user}`, rate: rates.loginSubject }
  await spend(coordination, point.key, point.rate)
  const secretHash = await tryFor(coordination, [point], () => accounts.verifyOwn(user, password))
  if (secretHash === null) throw notTheirs()
  await coordination.forget(point.key)
  return secretHash
}
