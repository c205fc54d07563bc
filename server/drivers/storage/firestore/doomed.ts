import type { Query } from 'firebase-admin/firestore'
import { type Client, find, findDocs, readOne } from './client'
import type { Watcher } from './controls'
import { type PersonDoc, rankOf } from './layout'
import { isActive, roleIn } from './standing'

/** Documents that are removed in one go. */
const SLICE = 400
/** How often it is looked for what others left undone, ms. */
const AGAIN = 10 * 60_000

export interface Sweeper {
  /** Begins in the background. */
  begin: () => void
  /** Removes what is left of an account: sessions, memberships; hands its rooms over, and gives these. */
  account: (user: string, at: number) => Promise<string[]>
  close: () => Promise<void>
}

/** Removes what is deleted, piece by piece, in the background. What a process left undone goes on at the next start of any. */
export function createSweeper(client: Client, { note }: Watcher): Sweeper {
  const { at, db } = client
  let running: Promise<void> | null = null
  let again = false
  let stopping = false
  const timer = setInterval(() => begin(), AGAIN).unref()

  async function removeAll(query: Query): Promise<void> {
    while (!stopping) {
      const slice = await findDocs(null, query.limit(SLICE))
      if (slice.length === 0) return
      const batch = db.batch()
      for (const { ref } of slice) batch.delete(ref)
      await client.call(() => batch.commit())
    }
  }

  async function removeRoom(room: string): Promise<void> {
    // Its people first: they are found from elsewhere.
    for (const part of [at.people(room), at.events(room), at.audits(room), at.invites.where('room', '==', room), at.reports.where('room', '==', room)]) {
      await removeAll(part as Query)
    }
  }

  async function removeAccount(user: string, when: number): Promise<string[]> {
    const rooms = (await find(null, at.rooms.where('ownerId', '==', user))).map(({ id }) => id)
    for (const room of rooms) await handOver(room, user, when)
    for (const { room } of await find(null, at.everywhere.where('user', '==', user))) {
      await client.transaction(async (tx) => {
        const person = await readOne(tx, at.person(room, user))
        if (!person) return
        // Who was banned stays so.
        const { bannedAt, bannedBy } = person
        if (bannedAt === undefined || bannedBy === undefined) tx.delete(at.person(room, user))
        else tx.set(at.person(room, user), { user, room, role: null, folded: '', cameBy: 'self', passwordVersion: 0, joinedSeq: 0, readSeq: 0, bannedAt, bannedBy })
      })
    }
    return rooms
  }

  /** To its longest-standing moderator, else member; without any it is archived. */
  async function handOver(room: string, user: string, when: number): Promise<void> {
    const candidates = async (role: 'moderator' | 'member') =>
      (await find(null, at.people(room).where('role', '==', role).orderBy('joinedSeq'))).sort((a, b) => a.joinedSeq - b.joinedSeq || (a.user < b.user ? -1 : 1))
    const heirs = [...await candidates('moderator'), ...await candidates('member')]
    await client.transaction(async (tx) => {
      const document = await readOne(tx, at.room(room))
      if (!document || document.ownerId !== user) return
      let heir: PersonDoc | null = null
      for (const { user: candidate } of heirs) {
        const [person, account] = [await readOne(tx, at.person(room, candidate)), await readOne(tx, at.user(candidate))]
        if (!person || !isActive(account) || candidate === user || roleIn(document, person) === null || person.role === 'guest') continue
        heir = person
        break
      }
      if (heir) {
        const n = document.audits + 1
        tx.set(at.room(room), { ...document, ownerId: heir.user, audits: n })
        // Nobody stands above an owner to let them speak again.
        const { mutedUntil: _, ...rest } = heir
        tx.set(at.person(room, heir.user), { ...rest, role: 'owner', rank: rankOf('owner') })
        tx.create(at.audit(room, n), { n, action: 'owner-changed', by: user, at: when, target: heir.user, detail: '' })
      } else {
        tx.set(at.room(room), { ...document, archivedAt: document.archivedAt ?? when, archived: true })
      }
      note(tx, [{ kind: 'room-changed', room, silent: true }])
    })
  }

  async function finish(): Promise<void> {
    for (;;) {
      const [next] = await findDocs(null, at.doomed.limit(1))
      if (!next || stopping) return
      const what = next.data()
      await ('room' in what ? removeRoom(what.room) : removeAccount(what.user, what.at))
      if (!stopping) await client.call(() => next.ref.delete())
    }
  }

  function begin(): void {
    again = true
    if (running) return
    running = (async () => {
      while (again && !stopping) {
        again = false
        // Told where it is met; the rest is removed the next time.
        await finish().catch(() => {})
      }
    })().finally(() => { running = null })
  }

  begin()
  return {
    begin,
    account: removeAccount,
    async close() {
      clearInterval(timer)
      stopping = true
      await running
    }
  }
}
