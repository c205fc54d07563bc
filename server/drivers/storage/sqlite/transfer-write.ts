import type { Entry, EntryOf } from '#shared/export'
import type { EventBody } from '#shared/types'
import { type Db, fold } from './database'
import { spare } from './erase'

/** Writes entries as rows, inside the transaction that is open. */
export function createEntryWrites(db: Db): (entry: Entry) => void {
  const insertUser = db.prepare('INSERT INTO users (id, name, folded, kind, admin, disabledAt, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?)')
  // Without a hash no password is theirs, until they set one.
  const insertCredential = db.prepare('INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES (?, ?, ?, ?, ?)')
  const writeEvent = createEventWrites(db)
  const insertMember = db.prepare('INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const insertBan = db.prepare('INSERT INTO bans (room, user, at, by) VALUES (?, ?, ?, ?)')
  const insertRestraint = db.prepare('INSERT INTO restraints (room, user, mutedUntil, lastPostAt, removedAt) VALUES (?, ?, ?, ?, ?)')
  const insertInvite = db.prepare(`INSERT INTO invites (codeHash, id, room, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt)
    VALUES (@codeHash, @id, @room, @role, @by, @createdAt, @expiresAt, @usesLeft, @uses, @revokedAt)`)
  const insertAudit = db.prepare('INSERT INTO audit (room, at, action, by, target, detail) VALUES (@room, @at, @action, @by, @target, @detail)')
  const insertRoom = db.prepare(`INSERT INTO rooms (id, slug, name, folded, topic, visibility, listed, passwordHash, passwordVersion, closedAt, slowModeSeconds, guests, archivedAt, ownerId, seq,
      lastMessageSeq, lastMessageAt, createdAt)
    VALUES (@id, @slug, @name, @folded, @topic, @visibility, @listed, @passwordHash, @passwordVersion, @closedAt, @slowModeSeconds, @guests, @archivedAt, @ownerId, @seq,
      @lastMessageSeq, @lastMessageAt, @createdAt)`)
  const insertReport = db.prepare(`INSERT INTO reports (id, room, message, by, at, reason, closedAt, closedBy, outcome)
    VALUES (@id, @room, @message, @by, @at, @reason, @closedAt, @closedBy, @outcome)`)
  const insertSetting = db.prepare('INSERT INTO settings (key, json) VALUES (?, ?)')

  function writePerson({ room, user, member, ban, mutedUntil, lastPostAt, removedAt }: EntryOf<'person'>): void {
    if (member) insertMember.run(room, user, member.role, member.joinedSeq, member.readSeq, member.cameBy, member.passwordVersion)
    if (ban) insertBan.run(room, user, ban.at, ban.by)
    if (mutedUntil !== null || lastPostAt !== null || removedAt !== null) insertRestraint.run(room, user, mutedUntil, lastPostAt, removedAt)
  }

  return (entry) => {
    switch (entry.type) {
      case 'user': {
        const { id, name, kind, admin, disabledAt, createdAt, credentials } = entry
        insertUser.run(id, name, fold(name), kind, Number(admin), disabledAt, createdAt)
        for (const { kind, subject, secretHash = '', verifiedAt } of credentials) insertCredential.run(kind, subject, id, secretHash, verifiedAt)
        return
      }
      case 'event': return writeEvent(entry)
      case 'person': return writePerson(entry)
      case 'invite': insertInvite.run(entry); return
      case 'audit': insertAudit.run(entry); return
      case 'room': {
        const { listed, guests, passwordHash = null, name } = entry
        insertRoom.run({ ...entry, folded: fold(name), listed: Number(listed), guests: Number(guests), passwordHash })
        return
      }
      case 'report': insertReport.run(entry); return
      case 'site': for (const [key, value] of Object.entries(entry.settings)) insertSetting.run(key, JSON.stringify(value))
    }
  }
}

/** Events at the end of their table, as commits would have put them there; `pos` is a new one. */
function createEventWrites(db: Db) {
  const insertEvent = db.prepare('INSERT INTO events (room, seq, kind, author, nonce, at, message, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insertMessage = db.prepare(`INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const setText = db.prepare('UPDATE messages SET textPos = ? WHERE id = ? AND room = ?')
  const insertReaction = db.prepare('INSERT INTO reactions (message, emoji, user, seq) VALUES (?, ?, ?, ?)')

  return ({ frame, message: state }: EntryOf<'event'>): void => {
    const { room, seq, kind, at, author, nonce, message = null, data } = frame
    // It may have to make room for the mark of a deletion, where it is.
    const padding = kind === 'edit' && 'text' in data ? spare({ kind, message, data } as EventBody) : ''
    const pos = insertEvent.run(room, seq, kind, author, nonce, at, message, JSON.stringify(frame) + padding).lastInsertRowid
    if (kind === 'edit') setText.run(pos, message, room)
    if (!state) return
    insertMessage.run(room, seq, message, state.rev, author, nonce ?? '', at, pos, state.replyTo, state.editedAt, state.deletedAt)
    // Each had an event of its own, later than this: the places between are free, and before all that will follow.
    state.reactions.forEach(([emoji, user], index) => insertReaction.run(message, emoji, user, seq + 1 + index))
  }
}
