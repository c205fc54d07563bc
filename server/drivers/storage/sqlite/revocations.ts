import type { Db } from './database'

/** Revokes the invites that somebody made, to one room or (`room` is null) all, where they have lost the right to make them. */
export type RevokeInvites = (of: { room: string | null, user: string, at: number }) => void

export function createRevocations(db: Db): RevokeInvites {
  const revoke = db.prepare<{ room: string | null, user: string, at: number }>(`UPDATE invites SET revokedAt = @at
    WHERE by = @user AND revokedAt IS NULL AND (@room IS NULL OR room = @room)
      AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = @user AND u.disabledAt IS NULL AND (u.admin OR EXISTS (
        SELECT 1 FROM members m WHERE m.room = invites.room AND m.user = @user AND m.role IN ('owner', 'moderator'))))`)
  return (of) => { revoke.run(of) }
}
