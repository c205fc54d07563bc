-- The dump of a small database as the releases with schema 3 made it. Never changed: later releases must open it.
PRAGMA application_id = 1130914164;
PRAGMA user_version = 3;
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
CREATE INDEX editsOfMessage ON events (room, message) WHERE kind = 'edit';
CREATE TABLE messages (
  room TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, author TEXT NOT NULL, nonce TEXT NOT NULL,
  at INTEGER NOT NULL, textPos INTEGER NOT NULL, replyTo TEXT, editedAt INTEGER, deletedAt INTEGER,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE reactions (
  message TEXT NOT NULL, emoji TEXT NOT NULL, user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (message, emoji, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE doomed (room TEXT PRIMARY KEY, blanked INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE controls (pos INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, json TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX eventsByNonce ON events (nonce, author, room) WHERE nonce IS NOT NULL;
INSERT INTO meta (key, value) VALUES ('epoch', 'third-schema-epoch');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('ada', 'Ada', 'member', 1, NULL, 1000);
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('bob', 'Bob', 'member', 0, NULL, 1000);
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('elan', 'Élan', 'member', 0, NULL, 1000);
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('eve', 'Eve', 'member', 0, NULL, 1000);
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt) VALUES ('gone', '', 'member', 0, 2000, 1000);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'ada@example.org', 'ada', 'hash', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'bob@example.org', 'bob', 'hash', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'elan@example.org', 'elan', 'hash', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'eve@example.org', 'eve', 'hash', NULL);
INSERT INTO sessions (idHash, user, remember, createdAt, lastSeenAt, agent) VALUES ('session-hash', 'ada', 1, 1000, 1000, 'Browser');
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt) VALUES ('den', 'den', 'ÄRGER', 'ärger', '', 'public', 'elan', 1, NULL, NULL, 1001, NULL);
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt) VALUES ('lobby', 'lobby', 'Lobby', 'lobby', 'All of us, here', 'public', 'ada', 13, 9, 1008, 1000, NULL);
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt) VALUES ('old', 'old', 'Old', 'old', '', 'public', 'bob', 1, NULL, NULL, 1001, 1014);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('den', 'elan', 'owner', 1, 1);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('doom', 'bob', 'owner', 0, 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('lobby', 'ada', 'owner', 0, 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('lobby', 'bob', 'member', 1, 3);
INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES ('old', 'bob', 'owner', 0, 0);
INSERT INTO bans (room, user) VALUES ('lobby', 'eve');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (1, 'lobby', 1, 'join', 'bob', 'n100000000000000', 1001, NULL, '{"type":"event","room":"lobby","seq":1,"kind":"join","at":1001,"author":"bob","nonce":"n100000000000000","data":{"role":"member"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (2, 'lobby', 2, 'message', 'ada', 'n200000000000000', 1002, 'm1', '{"type":"event","room":"lobby","seq":2,"kind":"message","at":1002,"author":"ada","nonce":"n200000000000000","message":"m1","data":{"text":"Hello","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (3, 'lobby', 3, 'message', 'bob', 'n300000000000000', 1003, 'm2', '{"type":"event","room":"lobby","seq":3,"kind":"message","at":1003,"author":"bob","nonce":"n300000000000000","message":"m2","data":{"text":"Grüße \"zurück\"\n\t— Bob","replyTo":"m1"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (4, 'lobby', 4, 'message', 'bob', 'n400000000000000', 1004, 'm3', '{"type":"event","room":"lobby","seq":4,"kind":"message","at":1004,"author":"bob","nonce":"n400000000000000","message":"m3","data":{"deleted":true}}                  ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (5, 'lobby', 5, 'edit', 'ada', 'n500000000000000', 1005, 'm1', '{"type":"event","room":"lobby","seq":5,"kind":"edit","at":1005,"author":"ada","nonce":"n500000000000000","message":"m1","data":{"text":"Hello, everybody!"}}     ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (6, 'lobby', 6, 'react', 'bob', 'n600000000000000', 1006, 'm1', '{"type":"event","room":"lobby","seq":6,"kind":"react","at":1006,"author":"bob","nonce":"n600000000000000","message":"m1","data":{"emoji":"👍","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (7, 'lobby', 7, 'delete', 'bob', 'n700000000000000', 1007, 'm3', '{"type":"event","room":"lobby","seq":7,"kind":"delete","at":1007,"author":"bob","nonce":"n700000000000000","message":"m3","data":{}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (8, 'lobby', 8, 'join', 'eve', NULL, 1008, NULL, '{"type":"event","room":"lobby","seq":8,"kind":"join","at":1008,"author":"eve","nonce":null,"data":{"role":"member"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (9, 'lobby', 9, 'message', 'eve', 'n800000000000000', 1008, 'm4', '{"type":"event","room":"lobby","seq":9,"kind":"message","at":1008,"author":"eve","nonce":"n800000000000000","message":"m4","data":{"text":"It was me","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (10, 'lobby', 10, 'member', 'ada', 'n900000000000000', 1009, NULL, '{"type":"event","room":"lobby","seq":10,"kind":"member","at":1009,"author":"ada","nonce":"n900000000000000","data":{"user":"eve","role":null,"banned":true}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (11, 'lobby', 11, 'join', 'elan', 'n100000000000000', 1010, NULL, '{"type":"event","room":"lobby","seq":11,"kind":"join","at":1010,"author":"elan","nonce":"n100000000000000","data":{"role":"member"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (12, 'lobby', 12, 'leave', 'elan', 'n110000000000000', 1011, NULL, '{"type":"event","room":"lobby","seq":12,"kind":"leave","at":1011,"author":"elan","nonce":"n110000000000000","data":{}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (13, 'lobby', 13, 'room', 'ada', NULL, 1012, NULL, '{"type":"event","room":"lobby","seq":13,"kind":"room","at":1012,"author":"ada","nonce":null,"data":{"name":"Lobby","topic":"All of us, here","archivedAt":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (14, 'den', 1, 'join', 'elan', 'n130000000000000', 1013, NULL, '{"type":"event","room":"den","seq":1,"kind":"join","at":1013,"author":"elan","nonce":"n130000000000000","data":{"role":"moderator"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (15, 'old', 1, 'room', 'bob', NULL, 1014, NULL, '{"type":"event","room":"old","seq":1,"kind":"room","at":1014,"author":"bob","nonce":null,"data":{"name":"Old","topic":"","archivedAt":1014}}');
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 2, 'm1', 6, 'ada', 'n200000000000000', 1002, 5, NULL, 1005, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 3, 'm2', 3, 'bob', 'n300000000000000', 1003, 3, 'm1', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 4, 'm3', 7, 'bob', 'n400000000000000', 1004, 4, NULL, NULL, 1007);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 9, 'm4', 9, 'eve', 'n800000000000000', 1008, 9, NULL, NULL, NULL);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m1', '👍', 'bob', 6);
INSERT INTO doomed (room, blanked) VALUES ('doom', 0);
INSERT INTO controls (pos, origin, json) VALUES (1, 'elsewhere', '{"kind":"joined","room":"lobby","user":"ada"}');
INSERT INTO controls (pos, origin, json) VALUES (2, 'elsewhere', '{"kind":"joined","room":"den","user":"gone"}');
INSERT INTO controls (pos, origin, json) VALUES (3, 'elsewhere', '{"kind":"joined","room":"old","user":"bob"}');
INSERT INTO controls (pos, origin, json) VALUES (4, 'elsewhere', '{"kind":"joined","room":"doom","user":"bob"}');
INSERT INTO controls (pos, origin, json) VALUES (5, 'elsewhere', '{"kind":"joined","room":"lobby","user":"bob"}');
INSERT INTO controls (pos, origin, json) VALUES (6, 'elsewhere', '{"kind":"joined","room":"lobby","user":"eve"}');
INSERT INTO controls (pos, origin, json) VALUES (7, 'elsewhere', '{"kind":"joined","room":"lobby","user":"elan"}');
INSERT INTO controls (pos, origin, json) VALUES (8, 'elsewhere', '{"kind":"room-changed","room":"lobby"}');
INSERT INTO controls (pos, origin, json) VALUES (9, 'elsewhere', '{"kind":"joined","room":"den","user":"elan"}');
INSERT INTO controls (pos, origin, json) VALUES (10, 'elsewhere', '{"kind":"room-changed","room":"old"}');
INSERT INTO controls (pos, origin, json) VALUES (11, 'elsewhere', '{"kind":"person-changed","user":"gone"}');
INSERT INTO controls (pos, origin, json) VALUES (12, 'elsewhere', '{"kind":"read","room":"lobby","user":"bob","readSeq":3}');
COMMIT;
