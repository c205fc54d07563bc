import type { Transaction } from 'firebase-admin/firestore'
import type { Entry, EntryOf } from '#shared/export'
import { type Client, readAll } from './client'
import { type PersonDoc, keyOf, rankOf } from './layout'
import { fold, gramsOf } from './names'
import { named, subjectsOf } from './people-writes'
import { shownTo } from './standing'

/** The try to commit that made an event is long over; nobody asks for it. */
const MARK = 'import'

/** Writes entries as documents within a transaction, and reads what they need of others. */
export async function writeEntries({ at, db }: Client, tx: Transaction, entries: readonly Entry[]): Promise<void> {
  const names = await namesOf()

  /** What rooms sort their members by. Accounts come before rooms: they are there already, or among these. */
  async function namesOf(): Promise<Map<string, string>> {
    const here = new Map(entries.flatMap(entry => entry.type === 'user' ? [[entry.id, fold(entry.name)]] : []))
    const ids = new Set(entries.flatMap(entry => entry.type === 'person' && !here.has(entry.user) ? [entry.user] : []))
    const users = ids.size === 0 ? [] : await readAll(db, [...ids].map(at.user))
    for (const user of users) if (user) here.set(user.id, user.folded)
    return here
  }

  function putUser({ id, name, kind, admin, disabledAt, createdAt, credentials }: EntryOf<'user'>): void {
    const subjects = Object.fromEntries(credentials.map(credential => [credential.kind, credential.subject]))
    tx.set(at.user(id), { id, ...named(name, ...subjectsOf(subjects)), kind, admin, disabledAt, createdAt, credentials: subjects })
    // Without a hash no password is theirs, until they set one.
    for (const { kind, subject, secretHash = '', verifiedAt } of credentials) tx.set(at.credential(kind, subject), { kind, subject, secretHash, verifiedAt, user: id })
  }

  function putEvent({ frame, message: state }: EntryOf<'event'>): void {
    const { room, seq, kind, author, nonce, at: when, message = null } = frame
    const json = JSON.stringify(frame)
    const event = {
      seq, kind, author, nonce, key: nonce === null ? null : keyOf(author, nonce), at: when, message, mark: MARK, json, ...kind === 'edit' && message !== null && { edits: message }
    }
    if (!state || message === null) return void tx.set(at.event(room, seq), event)
    const { rev, replyTo, text, editedAt, deletedAt, reactions } = state
    tx.set(at.event(room, seq), {
      ...event, id: message, place: seq, rev, replyTo, editedAt, deletedAt, ...deletedAt === null && { live: seq, writer: author }, ...text !== undefined && { text },
      ...reactions.length > 0 && { reactions: reactions.map(([emoji, user]) => ({ emoji, user })) }
    })
  }

  function putPerson({ room, user, member, ban, mutedUntil, lastPostAt, removedAt }: EntryOf<'person'>): void {
    const { role, ...membership } = member ?? { role: null, cameBy: 'self' as const, passwordVersion: 0, joinedSeq: 0, readSeq: 0 }
    const person: PersonDoc = {
      user, room, role, folded: names.get(user) ?? '', ...membership, ...role !== null && { rank: rankOf(role) }, ...ban && { bannedAt: ban.at, bannedBy: ban.by },
      ...mutedUntil !== null && { mutedUntil }, ...lastPostAt !== null && { lastPostAt }, ...removedAt !== null && { removedAt }
    }
    tx.set(at.person(room, user), person)
  }

  function putRoom({ type: _, passwordHash = null, ...room }: EntryOf<'room'>): void {
    const { id, slug, name, lastMessageAt, createdAt, archivedAt } = room
    const folded = fold(name)
    tx.set(at.room(id), { ...room, passwordHash, folded, grams: gramsOf(folded), place: lastMessageAt ?? createdAt, shown: shownTo(room), archived: archivedAt !== null })
    tx.set(at.slug(slug), { room: id })
  }

  for (const entry of entries) {
    switch (entry.type) {
      case 'user': putUser(entry); break
      case 'event': putEvent(entry); break
      case 'person': putPerson(entry); break
      case 'invite': {
        const { type: _, codeHash, ...invite } = entry
        tx.set(at.invite(codeHash), invite)
        break
      }
      case 'audit': {
        const { type: _, room, ...audit } = entry
        tx.set(at.audit(room, audit.n), audit)
        break
      }
      case 'room': putRoom(entry); break
      case 'report': {
        const { type: _, n: pos, ...report } = entry
        tx.set(at.reportOf(report.message, report.by), { ...report, pos, open: report.closedAt === null })
        break
      }
      case 'site': tx.set(at.site, { settings: entry.settings, audits: entry.audits, reports: entry.reports, changes: 0 })
    }
  }
}
