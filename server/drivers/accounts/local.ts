import type { Accounts, PeopleStore } from '../../core/ports'
import { accountDisabled } from '../../core/refusals'
import { createScrypt, type ScryptOptions } from './scrypt'

interface LocalAccountsOptions extends ScryptOptions {
  storage: Pick<PeopleStore, 'credential' | 'credentialOf' | 'setSecret'>
}

/** E-mail and password, kept in our own storage as scrypt hashes. */
export default function createLocalAccounts({ storage, ...options }: LocalAccountsOptions): Accounts {
  const scrypt = createScrypt(options)

  /** An account that came by an import without passwords has an empty one: nothing opens it until a new one is set. */
  const hashOf = (found: { secretHash: string } | null) => found?.secretHash || null

  /** A hash of another cost is replaced now that the password is known, unless it has been changed meanwhile. Gives the one that holds. */
  const renew = async (user: string, password: string, old: string): Promise<string> => {
    if (scrypt.current(old)) return old
    const secretHash = await scrypt.hash(password)
    return await storage.setSecret('password', user, secretHash, { was: old }) ? secretHash : old
  }

  return {
    hash: scrypt.hash,
    matches: (secretHash, password) => scrypt.verify(password, secretHash),
    directory: null,

    async verify(email, password) {
      const found = await storage.credential('password', email)
      const right = await scrypt.verify(password, hashOf(found))
      if (!found || !right) return null
      if (found.disabled) throw accountDisabled()
      return { user: found.user, secretHash: await renew(found.user, password, found.secretHash) }
    },

    async verifyOwn(user, password) {
      const found = await storage.credentialOf('password', user)
      const right = await scrypt.verify(password, hashOf(found))
      return found && right ? renew(user, password, found.secretHash) : null
    }
  }
}
