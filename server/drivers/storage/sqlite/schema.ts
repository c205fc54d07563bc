import { closeSync, copyFileSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { ChatError } from '#shared/errors'
import type { Db } from './database'

/**
 * Migrations, forward only: the n-th makes schema version n. A released one is never changed.
 *
 * `events.pos` is the order of commits; AUTOINCREMENT, so that it is never used twice. `events.json` are the wire bytes, then perhaps spaces.
 * `messages` is the projection for pages, clustered by its place in the room; `textPos` is the event that has its current text.
 * `rooms.folded` and `users.folded` are names as they are searched. `doomed` are deleted rooms whose rows are still being removed; its
 * events are blank up to the seq `blanked`. `controls` are for the other processes of a shared folder, and only the newest are kept.
 *
 * A message's text is in `events.json` and nowhere else, rows are only added at that table's end, never removed, and text is overwritten in place, with
 * as many bytes: SQLite then never moves it. Moving rows between pages leaves copies in unused bytes of pages, which `secure_delete` does not clear.
 *
 * What every message adds to an index goes to that index's end (nonces and ids of messages begin with the time): a commit then writes few pages, and a
 * send costs a third of what it does with an index in random order.
 *
 * `standings` are the members whom what they came by still lets in (see the port): whoever reads `members` for a role reads them there. `restraints` are
 * of people in rooms whether they are members or not, so that leaving and coming back changes nothing; `lastPostAt` is written only while slow mode is on, and `removedAt` is cleared when they
 * come back.
 */
export const migrations: readonly string[] = [`
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, admin INTEGER NOT NULL, disabledAt INTEGER, createdAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE credentials (
  kind TEXT NOT NULL, subject TEXT NOT NULL, user TEXT NOT NULL REFERENCES users (id), secretHash TEXT NOT NULL, verifiedAt INTEGER,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX credentialsOfUser ON credentials (user, kind);
CREATE TABLE sessions (
  idHash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users (id), remember INTEGER NOT NULL, createdAt INTEGER NOT NULL,
  lastSeenAt INTEGER NOT NULL, agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessionsOfUser ON sessions (user);
CREATE TABLE rooms (
  id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL, topic TEXT NOT NULL, visibility TEXT NOT NULL,
  ownerId TEXT NOT NULL, seq INTEGER NOT NULL, lastMessageSeq INTEGER, lastMessageAt INTEGER, createdAt INTEGER NOT NULL, archivedAt INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX roomsOfOwner ON rooms (ownerId);
CREATE TABLE members (
  room TEXT NOT NULL, user TEXT NOT NULL REFERENCES users (id), role TEXT NOT NULL, joinedSeq INTEGER NOT NULL, readSeq INTEGER NOT NULL,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX membersOfUser ON members (user);
CREATE TABLE bans (room TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (room, user)) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  pos INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, author TEXT NOT NULL, nonce TEXT,
  at INTEGER NOT NULL, message TEXT, json TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX eventsOfRoom ON events (room, seq);
CREATE UNIQUE INDEX eventsByNonce ON events (room, author, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX editsOfMessage ON events (room, message) WHERE kind = 'edit';
CREATE TABLE messages (
  room TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, author TEXT NOT NULL, nonce TEXT NOT NULL,
  at INTEGER NOT NULL, textPos INTEGER NOT NULL, replyTo TEXT, editedAt INTEGER, deletedAt INTEGER,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX messagesOfAuthor ON messages (author, at) WHERE deletedAt IS NULL;
CREATE TABLE reactions (
  message TEXT NOT NULL, emoji TEXT NOT NULL, user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (message, emoji, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE doomed (room TEXT PRIMARY KEY, blanked INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE controls (pos INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, json TEXT NOT NULL) STRICT;
`, `
DROP INDEX eventsByNonce;
CREATE UNIQUE INDEX eventsByNonce ON events (nonce, author, room) WHERE nonce IS NOT NULL;
DROP INDEX messagesOfAuthor;
`, `
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
UPDATE users SET folded = fold(name);
CREATE INDEX usersByName ON users (folded, id);
ALTER TABLE rooms ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE rooms ADD COLUMN passwordHash TEXT;
ALTER TABLE rooms ADD COLUMN passwordVersion INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN slowModeSeconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN closedAt INTEGER;
ALTER TABLE rooms ADD COLUMN guests INTEGER NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN cameBy TEXT NOT NULL DEFAULT 'self';
ALTER TABLE members ADD COLUMN passwordVersion INTEGER NOT NULL DEFAULT 0;
CREATE VIEW standings AS SELECT m.room, m.user, m.role, m.joinedSeq, m.readSeq FROM members m
  WHERE m.role IN ('owner', 'moderator') OR (m.role = 'member' AND m.cameBy <> 'password') OR EXISTS (SELECT 1 FROM rooms r WHERE r.id = m.room
    AND (m.cameBy <> 'password' OR m.passwordVersion = r.passwordVersion) AND (m.role <> 'guest' OR r.guests));
CREATE TABLE restraints (
  room TEXT NOT NULL, user TEXT NOT NULL, mutedUntil INTEGER, lastPostAt INTEGER, PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
ALTER TABLE bans ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bans ADD COLUMN by TEXT NOT NULL DEFAULT '';
UPDATE bans SET (at, by) = (SELECT e.at, e.author FROM events e WHERE e.room = bans.room AND e.kind = 'member'
    AND json_extract(e.json, '$.data.user') = bans.user AND json_extract(e.json, '$.data.banned') ORDER BY e.seq DESC LIMIT 1)
  WHERE EXISTS (SELECT 1 FROM events e WHERE e.room = bans.room AND e.kind = 'member'
    AND json_extract(e.json, '$.data.user') = bans.user AND json_extract(e.json, '$.data.banned'));
CREATE TABLE invites (
  codeHash TEXT PRIMARY KEY, id TEXT NOT NULL, room TEXT NOT NULL, role TEXT NOT NULL, by TEXT NOT NULL, createdAt INTEGER NOT NULL,
  expiresAt INTEGER, usesLeft INTEGER CHECK (usesLeft >= 0), uses INTEGER NOT NULL DEFAULT 0, revokedAt INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitesOfRoom ON invites (room, createdAt);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT, at INTEGER NOT NULL, action TEXT NOT NULL, by TEXT NOT NULL, target TEXT, detail TEXT NOT NULL
) STRICT;
CREATE INDEX auditOfRoom ON audit (room, id);
CREATE TABLE reports (
  pos INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, room TEXT NOT NULL, message TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
  reason TEXT NOT NULL, closedAt INTEGER, closedBy TEXT, outcome TEXT, UNIQUE (message, by)
) STRICT;
CREATE INDEX reportsOfRoom ON reports (room, pos);
CREATE INDEX openReports ON reports (pos) WHERE closedAt IS NULL;
CREATE TABLE settings (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
`, `
ALTER TABLE restraints ADD COLUMN removedAt INTEGER;
CREATE INDEX invitesOfMaker ON invites (by, room) WHERE revokedAt IS NULL;
`]

/** Marks a file as ours ("Chat" in ASCII). */
export const APPLICATION_ID = 0x43686174

const numberOf = (db: Db, pragma: string) => Number(db.pragma(pragma, { simple: true }))

export const schemaVersion = (db: Db) => numberOf(db, 'user_version')

/** Throws `conflict` unless this is a file of ours of a version that we know. A new, empty file passes. */
export function checkSchema(db: Db, known = migrations.length): void {
  const empty = numberOf(db, 'schema_version') === 0
  if (!empty && numberOf(db, 'application_id') !== APPLICATION_ID) throw new ChatError('conflict', `${db.name} is not a database of Chatly.`)
  const version = schemaVersion(db)
  if (version > known) {
    throw new ChatError('conflict', `${db.name} was written by a newer Chatly (schema ${version}, this one knows ${known}); start that version, or restore a backup made by this one.`)
  }
}

/** A whole copy of the file on the disk, or none: what was there under that name stays until the new one is complete. */
function keepCopy(db: Db, copy: string): void {
  db.pragma('wal_checkpoint(TRUNCATE)')
  copyFileSync(db.name, `${copy}.new`)
  const file = openSync(`${copy}.new`, 'r+')
  fsyncSync(file)
  closeSync(file)
  renameSync(`${copy}.new`, copy)
}

/**
 * Brings the file to the newest version, each step in a transaction of its own. A file that had another version is copied first; gives the copy's path. Its version is in
 * the name: what an interrupted upgrade left halfway never takes the place of what was there before.
 */
export function migrate(db: Db, steps: readonly string[] = migrations): string | null {
  checkSchema(db, steps.length)
  const from = schemaVersion(db)
  if (from === steps.length) return null
  const copy = from === 0 ? null : `${db.name}.before-schema-${steps.length}-from-${from}`
  if (copy) keepCopy(db, copy)
  for (let version = from; version < steps.length; version++) {
    db.transaction(() => {
      db.exec(steps[version]!)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${version + 1}`)
    }).immediate()
  }
  return copy
}
