import { ChatError } from '#shared/errors'
import type { Me } from '#shared/types'
import type { Identity } from './chat'
import { RECENT, type ByProof } from './directory'
import { confirmPassword } from './passwords'
import type { Append, Ports } from './ports'
import { spendTurn } from './rates'
import { signedOut } from './refusals'
import type { Sessions } from './sessions'

const ERASE_BATCH = 100

export interface Profile {
  rename: (identity: Identity, name: string) => Promise<Me>
  /**
   * The account goes, where it is kept elsewhere there too; its messages stay under no name, or go too. Guests have no password to type, and whose account
   * is kept elsewhere gives a proof in its place. Who signs in with Google may leave the password empty after they have just done so. Throws wrong_password, and conflict for the only admin while others have accounts.
   */
  deleteAccount: (identity: Identity, body: { password: string, idToken?: string, messages: 'keep' | 'delete' }) => Promise<void>
}

export function createProfile(ports: Ports, sessions: Sessions, { confirmed }: Pick<ByProof, 'confirmed'>): Profile {
  const { storage, bus, coordination, clock } = ports

  const eraseBatch = async (author: string, batch: readonly { room: string, message: string }[]) => {
    const results = await storage.append(batch.map(({ room, message }): Append => ({
      room, author, nonce: null, at: clock.now(), requires: [{ check: 'message', message }], effects: [{ do: 'erase', message }]
    })))
    for (const result of results) if (result.ok) for (const event of result.events) bus.publish(event)
  }

  /** In batches: live clients lose each text at once, and others' commits go between. */
  const eraseMessages = async (author: string) => {
    let cursor: string | undefined
    do {
      const { items, next } = await storage.messagesBy(author, cursor)
      for (let at = 0; at < items.length; at += ERASE_BATCH) await eraseBatch(author, items.slice(at, at + ERASE_BATCH))
      cursor = next ?? undefined
    } while (cursor)
  }

  /** Throws conflict for one who may not leave; storage has the last word. */
  const refuseLastAdmin = async (user: string) => {
    const admins = await storage.admins()
    if (admins.length === 1 && admins[0] === user && await storage.hasAccounts(user)) throw lastAdmin()
  }

  /** Throws wrong_password. The session is younger than the time that it takes to come back from Google and say yes: nobody has found an open browser, or a cookie of long ago. */
  const confirm = async ({ person, session }: Identity, password: string) => {
    if (password !== '' || !await storage.credentialOf('google', person.id)) return void await confirmPassword(ports, person.id, password)
    const opened = (await storage.session(session))?.createdAt ?? -Infinity
    if (Math.abs(clock.now() - opened) > RECENT) throw new ChatError('wrong_password', 'Type your password, or sign in with Google again.')
  }

  return {
    async rename({ person }, name) {
      await spendTurn(coordination, person.id)
      await storage.rename(person.id, name)
      bus.control({ kind: 'person-changed', user: person.id })
      const me = await storage.me(person.id)
      if (!me) throw signedOut()
      return me
    },

    async deleteAccount(identity, { password, idToken = '', messages }) {
      const user = identity.person.id
      const { directory } = ports.accounts
      const elsewhere = directory && identity.person.kind !== 'guest' ? await confirmed(identity, idToken) : null
      if (!directory && identity.person.kind !== 'guest') await confirm(identity, password)
      // While they can still come back and ask again: what is cut short here would stay for good.
      if (messages === 'delete') {
        await refuseLastAdmin(user)
        await eraseMessages(user)
      }
      const open = await storage.sessions(user)
      const rooms = await storage.deleteAccount(user, clock.now())
      if (rooms === 'last-admin') throw lastAdmin()
      sessions.ended(open.map(session => session.id))
      if (directory && elsewhere !== null) await directory.remove(elsewhere)
      // Once more: what came meanwhile from another tab. Nothing can follow now.
      if (messages === 'delete') await eraseMessages(user)
      bus.control({ kind: 'person-changed', user })
      for (const room of rooms) bus.control({ kind: 'room-changed', room, silent: true })
    }
  }
}

const lastAdmin = () => new ChatError('conflict', 'You are the only admin of this site. It can\'t be left to people without one.')
