import { limits } from '#shared/limits'
import type { Shared } from './append'
import type { Db } from './database'
import type { Writes } from './requests'

type ModerationWrites = Pick<Writes, 'createInvite' | 'revokeInvite' | 'createReport' | 'closeReports' | 'noteAudit'>

/** Invites of a room that are kept when they can no longer be used. */
const KEPT_INVITES = 50

const usable = 'revokedAt IS NULL AND (expiresAt IS NULL OR expiresAt > @at) AND (usesLeft IS NULL OR usesLeft > 0)'

/** Writes of those who look after rooms; each checks what it requires in the same transaction. */
export function createModerationWrites(db: Db, { standings, checks, audit }: Shared): ModerationWrites {
  const usableInvites = db.prepare<{ room: string, at: number }, number>(`SELECT count(*) FROM invites WHERE room = @room AND ${usable}`).pluck()
  const insertInvite = db.prepare(`INSERT INTO invites (id, codeHash, room, role, by, createdAt, expiresAt, usesLeft)
    VALUES (@id, @codeHash, @room, @role, @by, @at, @expiresAt, @uses)`)
  const trimInvites = db.prepare(`DELETE FROM invites WHERE codeHash IN (SELECT codeHash FROM invites WHERE room = @room AND NOT (${usable})
    ORDER BY createdAt DESC, id LIMIT -1 OFFSET ${KEPT_INVITES})`)
  const revoke = db.prepare<{ room: string, id: string, at: number }, string>('UPDATE invites SET revokedAt = @at WHERE room = @room AND id = @id AND revokedAt IS NULL RETURNING role').pluck()
  const said = db.prepare<[string, string], string>('SELECT author FROM messages WHERE id = ? AND room = ?').pluck()
  const dropOutdated = db.prepare(`DELETE FROM reports WHERE message = @message AND by = @by AND closedAt IS NOT NULL
    AND at <= (SELECT editedAt FROM messages WHERE id = @message)`)
  const insertReport = db.prepare('INSERT OR IGNORE INTO reports (id, room, message, by, at, reason) VALUES (@id, @room, @message, @by, @at, @reason)')
  const close = db.prepare('UPDATE reports SET closedAt = @at, closedBy = @by, outcome = @outcome WHERE room = @room AND message = @message AND closedAt IS NULL')
  const exists = db.prepare<[string], number>('SELECT 1 FROM rooms WHERE id = ?').pluck()

  const refusal: typeof checks = (room, at, requires) => {
    standings.forget()
    return checks(room, at, requires)
  }

  return {
    createInvite({ invite, requires }) {
      const { room, at, by, role } = invite
      const refused = refusal(room, at, requires)
      if (refused) return refused.refused
      if ((usableInvites.get({ room, at }) ?? 0) >= limits.invitesPerRoom) return 'too-many'
      insertInvite.run(invite)
      trimInvites.run({ room, at })
      audit({ action: 'invite-made', room, by, at, target: null, detail: role })
      return null
    },
    revokeInvite({ invite: { room, id, by, at }, requires }) {
      const refused = refusal(room, at, requires)
      if (refused) return refused.refused
      const role = revoke.get({ room, id, at })
      if (role === undefined) return 'invite'
      audit({ action: 'invite-revoked', room, by, at, target: null, detail: role })
      return null
    },
    createReport({ report, requires }) {
      const refused = refusal(report.room, report.at, requires)
      if (refused) return refused.refused
      if (said.get(report.message, report.room) === undefined) return 'message'
      dropOutdated.run(report)
      insertReport.run(report)
      return null
    },
    closeReports({ report, requires }) {
      const { room, message, by, at, outcome } = report
      const refused = refusal(room, at, requires)
      if (refused) return refused.refused
      if (close.run(report).changes > 0) audit({ action: 'report-closed', room, by, at, target: said.get(message, room) ?? null, detail: outcome })
      return null
    },
    noteAudit(entry) {
      if (entry.room === null || exists.get(entry.room)) audit(entry)
      return null
    }
  }
}
