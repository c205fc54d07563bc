-- The dump of a small database as the first release made it. Never changed: later releases must open it.
PRAGMA application_id = 1130914164;
PRAGMA user_version = 1;
BEGIN;
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
INSERT INTO meta (key, value) VALUES ('epoch', 'first-release-epoch');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('ada', 'Ada', 'member', 1, NULL, 1000);
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('bob', 'Bob', 'member', 0, NULL, 1000);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'ada@example.org', 'ada', 'hash', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'bob@example.org', 'bob', 'hash', NULL);
INSERT INTO sessions (idHash, user, remember, createdAt, lastSeenAt, agent) VALUES ('session-hash', 'ada', 1, 1000, 1000, 'Browser');
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt) VALUES ('lobby', 'lobby', 'Lobby', 'lobby', 'All of us', 'public', 'ada', 8, 4, 1003, 1000, NULL);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('lobby', 'ada', 'owner', 0, 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('lobby', 'bob', 'member', 1, 1);
INSERT INTO bans (room, user) VALUES ('lobby', 'eve');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (1, 'lobby', 1, 'join', 'bob', 'n100000000000000', 1000, NULL, '{"type":"event","room":"lobby","seq":1,"kind":"join","at":1000,"author":"bob","nonce":"n100000000000000","data":{"role":"member"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (2, 'lobby', 2, 'message', 'ada', 'n200000000000000', 1001, 'm1', '{"type":"event","room":"lobby","seq":2,"kind":"message","at":1001,"author":"ada","nonce":"n200000000000000","message":"m1","data":{"text":"Hello","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (3, 'lobby', 3, 'message', 'bob', 'n300000000000000', 1002, 'm2', '{"type":"event","room":"lobby","seq":3,"kind":"message","at":1002,"author":"bob","nonce":"n300000000000000","message":"m2","data":{"text":"Grüße \"zurück\"\n\t— Bob","replyTo":"m1"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (4, 'lobby', 4, 'message', 'bob', 'n400000000000000', 1003, 'm3', '{"type":"event","room":"lobby","seq":4,"kind":"message","at":1003,"author":"bob","nonce":"n400000000000000","message":"m3","data":{"deleted":true}}              ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (5, 'lobby', 5, 'edit', 'ada', 'n500000000000000', 1004, 'm1', '{"type":"event","room":"lobby","seq":5,"kind":"edit","at":1004,"author":"ada","nonce":"n500000000000000","message":"m1","data":{"text":"Hello, everybody!"}}     ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (6, 'lobby', 6, 'react', 'bob', 'n600000000000000', 1005, 'm1', '{"type":"event","room":"lobby","seq":6,"kind":"react","at":1005,"author":"bob","nonce":"n600000000000000","message":"m1","data":{"emoji":"👍","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (7, 'lobby', 7, 'delete', 'bob', 'n700000000000000', 1006, 'm3', '{"type":"event","room":"lobby","seq":7,"kind":"delete","at":1006,"author":"bob","nonce":"n700000000000000","message":"m3","data":{}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (8, 'lobby', 8, 'member', 'ada', 'n800000000000000', 1007, NULL, '{"type":"event","room":"lobby","seq":8,"kind":"member","at":1007,"author":"ada","nonce":"n800000000000000","data":{"user":"eve","role":null,"banned":true}}');
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 2, 'm1', 6, 'ada', 'n200000000000000', 1001, 5, NULL, 1004, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 3, 'm2', 3, 'bob', 'n300000000000000', 1002, 3, 'm1', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 4, 'm3', 7, 'bob', 'n400000000000000', 1003, 4, NULL, NULL, 1006);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m1', '👍', 'bob', 6);
COMMIT;
