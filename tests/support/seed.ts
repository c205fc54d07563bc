import { randomBytes, scryptSync } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { Storage } from '../../server/core/ports'
import { hash, newId, newSecret } from '../../server/core/ids'
import type { Room } from '../../shared/types'
import { storageBundle } from './browser-setup'
import type { TestPerson } from './server'

export const password = 'correct horse battery'

/** Somebody who is signed in in no browser yet, but has a session, an e-mail address and the password above. */
export interface SeededPerson extends TestPerson { email: string, token: string }

export interface Seeded<Names extends string> { people: Record<Names, SeededPerson>, lobby: Room }

/** A hash of the password that costs nothing to make and to check. */
function cheapHash(): string {
  const salt = randomBytes(16)
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=4,r=8,p=1$${base64(salt)}$${base64(scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 }))}`
}

const join = (room: string, user: string, at: number) =>
  ({ room, author: user, nonce: null, at, requires: [], effects: [{ do: 'join', user, role: 'member', cameBy: 'self' }] } as const)

/**
 * Fills a data folder that no server has open: the people (the first is admin and owns the room Lobby, all have joined it), then what `more` adds.
 */
export async function seed<Names extends string>(
  folder: string, names: readonly Names[], more: (storage: Storage, seeded: Seeded<Names>) => Promise<unknown> = async () => {}
): Promise<Seeded<Names>> {
  const { default: open } = await import(pathToFileURL(storageBundle).href) as { default: (options: { folder: string }) => Promise<Storage> }
  const storage = await open({ folder })
  try {
    const at = Date.now() - 3_600_000
    const people = Object.fromEntries(await Promise.all(names.map(async (name, index) => {
      const [id, token, email] = [newId(), newSecret(), `${name.toLowerCase()}@example.com`]
      await storage.createAccount({ id, name, kind: 'member', admin: index === 0, at, credential: { kind: 'password', subject: email, secretHash: cheapHash(), verifiedAt: null } })
      await storage.createSession({ idHash: hash(token), user: id, remember: true, at: Date.now(), agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0' })
      return [name, { id, name, email, token, cookie: `chatly_session=${token}` }]
    }))) as Record<Names, SeededPerson>
    const lobby = await storage.createRoom({ id: newId(), slug: 'lobby', name: 'Lobby', topic: '', owner: people[names[0]!].id, at, visibility: 'public', listed: true, passwordHash: null })
    if (!lobby) throw new Error('The Lobby was not made.')
    await storage.append(names.slice(1).map(name => join(lobby.id, people[name].id, at)))
    const seeded = { people, lobby }
    await more(storage, seeded)
    return seeded
  } finally {
    await storage.close()
  }
}

/** Messages in a room, oldest first, a minute apart, the last one now. */
export async function seedMessages(storage: Storage, room: string, messages: readonly { author: string, text: string }[]): Promise<void> {
  const now = Date.now()
  await storage.append(messages.map(({ author, text }, index) => ({
    room, author, nonce: newSecret().slice(0, 24), at: now - (messages.length - index) * 60_000, requires: [],
    effects: [{ do: 'post', message: newId(), text, replyTo: null }]
  })))
}
