import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { ChatOptions, Identity } from './chat'
import { linkTokens } from './link-tokens'
import { verificationMail } from './mail'
import type { Ports } from './ports'
import { spend } from './rates'

/** Whether an e-mail address is known to be its account's. */
export interface Verification {
  /** The person's own address, and whether it is verified; null for one without. */
  address: (identity: Identity) => Promise<{ email: string, verified: boolean } | null>
  /** Mails the link, where this site sends mail and the address is not verified yet. */
  mailVerification: (user: string) => void
  /** The same, because the person asked again. Throws rate_limited, or unsupported where no mail is sent. */
  resendVerification: (identity: Identity) => Promise<void>
  /**
   * By the token of that link, and only for the account it speaks of: whoever signs up with somebody else's address must not have it verified
   * by that person's click. Throws forbidden.
   */
  verify: (identity: Identity, token: string) => Promise<void>
}

const tokens = linkTokens('verify', 24 * 3600_000)

export function createVerification({ storage, coordination, clock }: Ports, { secret, post }: Pick<ChatOptions, 'secret' | 'post'>): Verification {
  const mailVerification = (user: string) => post?.mailer.post(async () => {
    const found = await storage.credentialOf('password', user)
    if (!found || found.verifiedAt !== null) return null
    return verificationMail(found.subject, `${post.origin}/verify/${tokens.make({ secret, user, holds: found.subject }, clock.now())}`)
  })

  return {
    async address({ person }) {
      const found = await storage.credentialOf('password', person.id)
      return found && { email: found.subject, verified: found.verifiedAt !== null }
    },

    mailVerification,

    async resendVerification({ person }) {
      if (!post) throw new ChatError('unsupported', 'This site sends no mail.')
      await spend(coordination, `verify:${person.id}`, rates.forgot)
      mailVerification(person.id)
    },

    async verify({ person }, token) {
      const found = await storage.credentialOf('password', person.id)
      if (!found || !tokens.check(token, { secret, user: person.id, holds: found.subject }, clock.now())) throw noSuchLink()
      if (found.verifiedAt === null && !await storage.verifyCredential('password', person.id, found.subject, clock.now())) throw noSuchLink()
    }
  }
}

const noSuchLink = () => new ChatError('forbidden', 'This link is too old, or for another account than the one you are signed in to. Ask for a new one in your settings.')
