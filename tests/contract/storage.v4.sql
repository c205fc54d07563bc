-- The dump of a small database as the releases with schema 4 made it. Never changed: later releases must open it.
PRAGMA application_id = 1130914164;
PRAGMA user_version = 4;
BEGIN;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, admin INTEGER NOT NULL, disabledAt INTEGER, createdAt INTEGER NOT NULL
, folded TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
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
, listed INTEGER NOT NULL DEFAULT 1, passwordHash TEXT, passwordVersion INTEGER NOT NULL DEFAULT 0, slowModeSeconds INTEGER NOT NULL DEFAULT 0, closedAt INTEGER, guests INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;
CREATE INDEX roomsOfOwner ON rooms (ownerId);
CREATE TABLE members (
  room TEXT NOT NULL, user TEXT NOT NULL REFERENCES users (id), role TEXT NOT NULL, joinedSeq INTEGER NOT NULL, readSeq INTEGER NOT NULL, cameBy TEXT NOT NULL DEFAULT 'self', passwordVersion INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX membersOfUser ON members (user);
CREATE TABLE bans (room TEXT NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL DEFAULT 0, by TEXT NOT NULL DEFAULT '', PRIMARY KEY (room, user)) STRICT, WITHOUT ROWID;
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
CREATE INDEX usersByName ON users (folded, id);
CREATE VIEW standings AS SELECT m.room, m.user, m.role, m.joinedSeq, m.readSeq FROM members m
  WHERE m.role IN ('owner', 'moderator') OR (m.role = 'member' AND m.cameBy <> 'password') OR EXISTS (SELECT 1 FROM rooms r WHERE r.id = m.room
    AND (m.cameBy <> 'password' OR m.passwordVersion = r.passwordVersion) AND (m.role <> 'guest' OR r.guests));
CREATE TABLE restraints (
  room TEXT NOT NULL, user TEXT NOT NULL, mutedUntil INTEGER, lastPostAt INTEGER, PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
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
INSERT INTO meta (key, value) VALUES ('epoch', 'd2JiIzf9cqnwN_2w');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('__id', '__ID Ångström', 'member', 0, NULL, 1000, '__id ångström');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('ada', 'ADA Ångström', 'member', 1, NULL, 1000, 'ada ångström');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('bob', 'BOB Ångström', 'member', 1, NULL, 1000, 'bob ångström');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('bot', 'BOT Ångström', 'bot', 0, NULL, 1000, 'bot ångström');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('dan', 'DAN Ångström', 'member', 0, 7002, 1000, 'dan ångström');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('eve', '', 'member', 0, 7004, 1000, '');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('fay', 'Fay, renamed', 'member', 0, NULL, 1000, 'fay, renamed');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('gil', 'Gil, a guest', 'guest', 0, NULL, 2037, 'gil, a guest');
INSERT INTO users (id, name, kind, admin, disabledAt, createdAt, folded) VALUES ('hal', 'HAL Ångström', 'member', 0, NULL, 1000, 'hal ångström');
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('firebase', 'firebase-1', 'bob', 'mark', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('google', 'google-1', 'bot', '', 1200);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('google', 'google-2', 'bob', '', 1300);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', '__id@example.org', '__id', 'hash of __id', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'ada@example.org', 'ada', 'hash of ada', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'bob@example.org', 'bob', 'hash of bob', 1400);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'dan@example.org', 'dan', 'hash of dan', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'fay@example.org', 'fay', 'hash of fay', NULL);
INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES ('password', 'hal@example.org', 'hal', 'hash of hal', NULL);
INSERT INTO sessions (idHash, user, remember, createdAt, lastSeenAt, agent) VALUES ('session', 'bob', 1, 1500, 1500, 'Browser');
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt, listed, passwordHash, passwordVersion, slowModeSeconds, closedAt, guests) VALUES ('__room', 'raum-ü', 'Handed over', 'handed over', '', 'private', 'hal', 2, 1, 2042, 1700, NULL, 0, NULL, 0, 0, NULL, 1);
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt, listed, passwordHash, passwordVersion, slowModeSeconds, closedAt, guests) VALUES ('club', 'club', 'The Club İ', 'the club i̇', 'Secrets', 'private', 'bob', 5, 5, 2041, 1600, NULL, 1, 'another hash of club', 2, 0, NULL, 1);
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt, listed, passwordHash, passwordVersion, slowModeSeconds, closedAt, guests) VALUES ('lobby', 'lobby', 'Lobby', 'lobby', 'Slowly', 'public', 'ada', 36, 36, 2036, 1000, NULL, 1, NULL, 0, 30, NULL, 0);
INSERT INTO rooms (id, slug, name, folded, topic, visibility, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, archivedAt, listed, passwordHash, passwordVersion, slowModeSeconds, closedAt, guests) VALUES ('quiet', 'quiet', 'Nobody wrote here', 'nobody wrote here', '', 'public', 'ada', 2, NULL, NULL, 1000, 2045, 1, NULL, 0, 0, 2044, 1);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('__room', 'hal', 'owner', 2, 2, 'admin', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('club', 'bob', 'owner', 0, 2, 'self', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('club', 'dan', 'member', 2, 2, 'password', 1);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('club', 'fay', 'member', 4, 4, 'password', 2);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('club', 'gil', 'guest', 1, 1, 'invite', 1);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('lobby', 'ada', 'owner', 0, 0, 'self', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('lobby', 'bob', 'member', 1, 1, 'self', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('lobby', 'dan', 'member', 2, 2, 'self', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('lobby', 'fay', 'moderator', 4, 9, 'self', 0);
INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES ('quiet', 'ada', 'owner', 0, 0, 'self', 0);
INSERT INTO bans (room, user, at, by) VALUES ('lobby', '__id', 2032, 'fay');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (1, 'lobby', 1, 'join', 'bob', 'nonce0000000000000001', 2001, NULL, '{"type":"event","room":"lobby","seq":1,"kind":"join","at":2001,"author":"bob","nonce":"nonce0000000000000001","data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (2, 'lobby', 2, 'join', 'dan', 'nonce0000000000000002', 2002, NULL, '{"type":"event","room":"lobby","seq":2,"kind":"join","at":2002,"author":"dan","nonce":"nonce0000000000000002","data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (3, 'lobby', 3, 'join', 'eve', 'nonce0000000000000003', 2003, NULL, '{"type":"event","room":"lobby","seq":3,"kind":"join","at":2003,"author":"eve","nonce":"nonce0000000000000003","data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (4, 'lobby', 4, 'join', 'fay', 'nonce0000000000000004', 2004, NULL, '{"type":"event","room":"lobby","seq":4,"kind":"join","at":2004,"author":"fay","nonce":"nonce0000000000000004","data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (5, 'lobby', 5, 'join', '__id', 'nonce0000000000000005', 2005, NULL, '{"type":"event","room":"lobby","seq":5,"kind":"join","at":2005,"author":"__id","nonce":"nonce0000000000000005","data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (6, 'lobby', 6, 'message', 'bob', 'nonce0000000000000006', 2006, 'm0', '{"type":"event","room":"lobby","seq":6,"kind":"message","at":2006,"author":"bob","nonce":"nonce0000000000000006","message":"m0","data":{"text":"plain","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (7, 'lobby', 7, 'message', '__id', 'nonce0000000000000007', 2007, 'm1', '{"type":"event","room":"lobby","seq":7,"kind":"message","at":2007,"author":"__id","nonce":"nonce0000000000000007","message":"m1","data":{"text":"two\nlines and a\ttab","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (8, 'lobby', 8, 'message', 'bob', 'nonce0000000000000008', 2008, 'm2', '{"type":"event","room":"lobby","seq":8,"kind":"message","at":2008,"author":"bob","nonce":"nonce0000000000000008","message":"m2","data":{"text":"breaks that are none:     ","replyTo":"m0"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (9, 'lobby', 9, 'message', '__id', 'nonce0000000000000009', 2009, 'm3', '{"type":"event","room":"lobby","seq":9,"kind":"message","at":2009,"author":"__id","nonce":"nonce0000000000000009","message":"m3","data":{"text":"\"quoted\" \\ and {\"deleted\":true}","replyTo":"m0"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (10, 'lobby', 10, 'message', 'bob', 'nonce0000000000000010', 2010, 'm4', '{"type":"event","room":"lobby","seq":10,"kind":"message","at":2010,"author":"bob","nonce":"nonce0000000000000010","message":"m4","data":{"text":"𝔘𝔫𝔦 👩‍👩‍👧 ß İ","replyTo":"m0"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (11, 'lobby', 11, 'message', '__id', 'nonce0000000000000011', 2011, 'm5', '{"type":"event","room":"lobby","seq":11,"kind":"message","at":2011,"author":"__id","nonce":"nonce0000000000000011","message":"m5","data":{"text":"{\"type\":\"end\"}\n","replyTo":"m0"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (12, 'lobby', 12, 'edit', 'bob', 'nonce0000000000000012', 2012, 'm0', '{"type":"event","room":"lobby","seq":12,"kind":"edit","at":2012,"author":"bob","nonce":"nonce0000000000000012","message":"m0","data":{"text":"edited"}}     ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (13, 'lobby', 13, 'edit', 'bob', 'nonce0000000000000013', 2013, 'm0', '{"type":"event","room":"lobby","seq":13,"kind":"edit","at":2013,"author":"bob","nonce":"nonce0000000000000013","message":"m0","data":{"text":"edited again "}}     ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (14, 'lobby', 14, 'react', 'fay', 'nonce0000000000000014', 2014, 'm0', '{"type":"event","room":"lobby","seq":14,"kind":"react","at":2014,"author":"fay","nonce":"nonce0000000000000014","message":"m0","data":{"emoji":"👍","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (15, 'lobby', 15, 'react', 'bob', 'nonce0000000000000015', 2015, 'm0', '{"type":"event","room":"lobby","seq":15,"kind":"react","at":2015,"author":"bob","nonce":"nonce0000000000000015","message":"m0","data":{"emoji":"🎉","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (16, 'lobby', 16, 'react', 'ada', 'nonce0000000000000016', 2016, 'm0', '{"type":"event","room":"lobby","seq":16,"kind":"react","at":2016,"author":"ada","nonce":"nonce0000000000000016","message":"m0","data":{"emoji":"👍","on":true,"count":2}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (17, 'lobby', 17, 'react', 'dan', 'nonce0000000000000017', 2017, 'm0', '{"type":"event","room":"lobby","seq":17,"kind":"react","at":2017,"author":"dan","nonce":"nonce0000000000000017","message":"m0","data":{"emoji":"😀","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (18, 'lobby', 18, 'react', 'bob', 'nonce0000000000000018', 2018, 'm0', '{"type":"event","room":"lobby","seq":18,"kind":"react","at":2018,"author":"bob","nonce":"nonce0000000000000018","message":"m0","data":{"emoji":"👍","on":true,"count":3}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (19, 'lobby', 19, 'react', 'fay', 'nonce0000000000000019', 2019, 'm0', '{"type":"event","room":"lobby","seq":19,"kind":"react","at":2019,"author":"fay","nonce":"nonce0000000000000019","message":"m0","data":{"emoji":"👍","on":false,"count":2}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (20, 'lobby', 20, 'react', 'fay', 'nonce0000000000000020', 2020, 'm0', '{"type":"event","room":"lobby","seq":20,"kind":"react","at":2020,"author":"fay","nonce":"nonce0000000000000020","message":"m0","data":{"emoji":"👍","on":true,"count":3}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (21, 'lobby', 21, 'react', 'dan', 'nonce0000000000000021', 2021, 'm1', '{"type":"event","room":"lobby","seq":21,"kind":"react","at":2021,"author":"dan","nonce":"nonce0000000000000021","message":"m1","data":{"emoji":"👍","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (22, 'lobby', 22, 'react', 'dan', 'nonce0000000000000022', 2022, 'm1', '{"type":"event","room":"lobby","seq":22,"kind":"react","at":2022,"author":"dan","nonce":"nonce0000000000000022","message":"m1","data":{"emoji":"👍","on":false,"count":0}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (23, 'lobby', 23, 'message', 'eve', 'nonce0000000000000023', 2023, 'm10', '{"type":"event","room":"lobby","seq":23,"kind":"message","at":2023,"author":"eve","nonce":"nonce0000000000000023","message":"m10","data":{"deleted":true}}                       ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (24, 'lobby', 24, 'edit', 'eve', 'nonce0000000000000024', 2024, 'm10', '{"type":"event","room":"lobby","seq":24,"kind":"edit","at":2024,"author":"eve","nonce":"nonce0000000000000024","message":"m10","data":{"deleted":true}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (25, 'lobby', 25, 'react', 'ada', 'nonce0000000000000025', 2025, 'm10', '{"type":"event","room":"lobby","seq":25,"kind":"react","at":2025,"author":"ada","nonce":"nonce0000000000000025","message":"m10","data":{"emoji":"👍","on":true,"count":1}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (26, 'lobby', 26, 'delete', 'ada', 'nonce0000000000000026', 2026, 'm10', '{"type":"event","room":"lobby","seq":26,"kind":"delete","at":2026,"author":"ada","nonce":"nonce0000000000000026","message":"m10","data":{}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (27, 'lobby', 27, 'message', 'fay', 'nonce0000000000000027', 2027, 'm11', '{"type":"event","room":"lobby","seq":27,"kind":"message","at":2027,"author":"fay","nonce":"nonce0000000000000027","message":"m11","data":{"text":"an answer to what is gone","replyTo":"m10"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (28, 'lobby', 28, 'member', 'ada', 'nonce0000000000000028', 2028, NULL, '{"type":"event","room":"lobby","seq":28,"kind":"member","at":2028,"author":"ada","nonce":"nonce0000000000000028","data":{"user":"fay","role":"moderator","banned":false,"mutedUntil":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (29, 'lobby', 29, 'member', 'ada', 'nonce0000000000000029', 2029, NULL, '{"type":"event","room":"lobby","seq":29,"kind":"member","at":2029,"author":"ada","nonce":"nonce0000000000000029","data":{"user":"dan","role":"member","banned":false,"mutedUntil":9000000}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (30, 'lobby', 30, 'member', 'ada', 'nonce0000000000000030', 2030, NULL, '{"type":"event","room":"lobby","seq":30,"kind":"member","at":2030,"author":"ada","nonce":"nonce0000000000000030","data":{"user":"bob","role":"member","banned":false,"mutedUntil":9000000}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (31, 'lobby', 31, 'member', 'ada', 'nonce0000000000000031', 2031, NULL, '{"type":"event","room":"lobby","seq":31,"kind":"member","at":2031,"author":"ada","nonce":"nonce0000000000000031","data":{"user":"bob","role":"member","banned":false,"mutedUntil":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (32, 'lobby', 32, 'member', 'fay', 'nonce0000000000000032', 2032, NULL, '{"type":"event","room":"lobby","seq":32,"kind":"member","at":2032,"author":"fay","nonce":"nonce0000000000000032","data":{"user":"__id","role":null,"banned":true,"mutedUntil":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (33, 'lobby', 33, 'join', 'hal', NULL, 2033, NULL, '{"type":"event","room":"lobby","seq":33,"kind":"join","at":2033,"author":"hal","nonce":null,"data":{"role":"member","cameBy":"self"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (34, 'lobby', 34, 'leave', 'hal', 'nonce0000000000000034', 2034, NULL, '{"type":"event","room":"lobby","seq":34,"kind":"leave","at":2034,"author":"hal","nonce":"nonce0000000000000034","data":{}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (35, 'lobby', 35, 'room', 'ada', 'nonce0000000000000035', 2035, NULL, '{"type":"event","room":"lobby","seq":35,"kind":"room","at":2035,"author":"ada","nonce":"nonce0000000000000035","data":{"name":"Lobby","topic":"Slowly","visibility":"public","listed":true,"locked":false,"closedAt":null,"slowModeSeconds":30,"guests":false,"archivedAt":null,"recheck":true}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (36, 'lobby', 36, 'message', 'bob', 'nonce0000000000000036', 2036, 'm12', '{"type":"event","room":"lobby","seq":36,"kind":"message","at":2036,"author":"bob","nonce":"nonce0000000000000036","message":"m12","data":{"text":"within slow mode","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (37, 'club', 1, 'join', 'gil', 'nonce0000000000000037', 2037, NULL, '{"type":"event","room":"club","seq":1,"kind":"join","at":2037,"author":"gil","nonce":"nonce0000000000000037","data":{"role":"guest","cameBy":"invite"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (38, 'club', 2, 'join', 'dan', 'nonce0000000000000038', 2038, NULL, '{"type":"event","room":"club","seq":2,"kind":"join","at":2038,"author":"dan","nonce":"nonce0000000000000038","data":{"role":"member","cameBy":"password"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (39, 'club', 3, 'room', 'bob', 'nonce0000000000000039', 2039, NULL, '{"type":"event","room":"club","seq":3,"kind":"room","at":2039,"author":"bob","nonce":"nonce0000000000000039","data":{"name":"The Club İ","topic":"Secrets","visibility":"private","listed":true,"locked":true,"closedAt":null,"slowModeSeconds":0,"guests":true,"archivedAt":null,"recheck":true}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (40, 'club', 4, 'join', 'fay', 'nonce0000000000000040', 2040, NULL, '{"type":"event","room":"club","seq":4,"kind":"join","at":2040,"author":"fay","nonce":"nonce0000000000000040","data":{"role":"member","cameBy":"password"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (41, 'club', 5, 'message', 'gil', 'nonce0000000000000041', 2041, 'm20', '{"type":"event","room":"club","seq":5,"kind":"message","at":2041,"author":"gil","nonce":"nonce0000000000000041","message":"m20","data":{"text":"hello","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (42, '__room', 1, 'message', 'eve', 'nonce0000000000000042', 2042, 'm30', '{"type":"event","room":"__room","seq":1,"kind":"message","at":2042,"author":"eve","nonce":"nonce0000000000000042","message":"m30","data":{"text":"mine","replyTo":null}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (43, '__room', 2, 'join', 'hal', 'nonce0000000000000043', 2043, NULL, '{"type":"event","room":"__room","seq":2,"kind":"join","at":2043,"author":"hal","nonce":"nonce0000000000000043","data":{"role":"member","cameBy":"admin"}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (44, 'quiet', 1, 'room', 'ada', 'nonce0000000000000044', 2044, NULL, '{"type":"event","room":"quiet","seq":1,"kind":"room","at":2044,"author":"ada","nonce":"nonce0000000000000044","data":{"name":"Nobody wrote here","topic":"","visibility":"public","listed":true,"locked":false,"closedAt":2044,"slowModeSeconds":0,"guests":true,"archivedAt":null,"recheck":false}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (45, 'quiet', 2, 'room', 'ada', 'nonce0000000000000045', 2045, NULL, '{"type":"event","room":"quiet","seq":2,"kind":"room","at":2045,"author":"ada","nonce":"nonce0000000000000045","data":{"name":"Nobody wrote here","topic":"","visibility":"public","listed":true,"locked":false,"closedAt":2044,"slowModeSeconds":0,"guests":true,"archivedAt":2045,"recheck":false}}');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (46, 'gone', 1, 'join', 'bob', 'nonce0000000000000046', 2046, NULL, '                                                                                                                                                      ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (47, 'gone', 2, 'message', 'bob', 'nonce0000000000000047', 2047, 'm40', '                                                                                                                                                                         ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (48, 'gone', 3, 'react', 'dan', 'nonce0000000000000048', 2048, 'm40', '                                                                                                                                                                          ');
INSERT INTO events (pos, room, seq, kind, author, nonce, at, message, json) VALUES (49, 'gone', 4, 'member', 'dan', 'nonce0000000000000049', 2049, NULL, '                                                                                                                                                                                 ');
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('__room', 1, 'm30', 1, 'eve', 'nonce0000000000000042', 2042, 42, NULL, NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('club', 5, 'm20', 5, 'gil', 'nonce0000000000000041', 2041, 41, NULL, NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 6, 'm0', 20, 'bob', 'nonce0000000000000006', 2006, 13, NULL, 2013, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 7, 'm1', 22, '__id', 'nonce0000000000000007', 2007, 7, NULL, NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 8, 'm2', 8, 'bob', 'nonce0000000000000008', 2008, 8, 'm0', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 9, 'm3', 9, '__id', 'nonce0000000000000009', 2009, 9, 'm0', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 10, 'm4', 10, 'bob', 'nonce0000000000000010', 2010, 10, 'm0', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 11, 'm5', 11, '__id', 'nonce0000000000000011', 2011, 11, 'm0', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 23, 'm10', 26, 'eve', 'nonce0000000000000023', 2023, 24, NULL, 2024, 2026);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 27, 'm11', 27, 'fay', 'nonce0000000000000027', 2027, 27, 'm10', NULL, NULL);
INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo, editedAt, deletedAt) VALUES ('lobby', 36, 'm12', 36, 'bob', 'nonce0000000000000036', 2036, 36, NULL, NULL, NULL);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m0', '🎉', 'bob', 15);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m0', '👍', 'ada', 16);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m0', '👍', 'bob', 18);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m0', '👍', 'fay', 20);
INSERT INTO reactions (message, emoji, user, seq) VALUES ('m0', '😀', 'dan', 17);
INSERT INTO restraints (room, user, mutedUntil, lastPostAt) VALUES ('lobby', 'bob', NULL, 2036);
INSERT INTO restraints (room, user, mutedUntil, lastPostAt) VALUES ('lobby', 'dan', 9000000, NULL);
INSERT INTO invites (codeHash, id, room, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt) VALUES ('__code2', 'i2', 'club', 'member', 'bob', 1900, NULL, NULL, 0, 2000);
INSERT INTO invites (codeHash, id, room, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt) VALUES ('code1', 'i1', 'club', 'guest', 'bob', 1800, 9000000, 4, 1, NULL);
INSERT INTO invites (codeHash, id, room, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt) VALUES ('code3', 'i3', 'club', 'member', 'bob', 1950, NULL, 1, 0, NULL);
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (1, 'lobby', 1000, 'room-created', 'ada', NULL, '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (2, 'club', 1600, 'room-created', 'bob', NULL, '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (3, '__room', 1700, 'room-created', 'eve', NULL, '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (5, 'quiet', 1000, 'room-created', 'ada', NULL, '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (6, 'lobby', 2026, 'message-deleted', 'ada', 'eve', '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (7, 'lobby', 2028, 'role-changed', 'ada', 'fay', 'moderator');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (8, 'lobby', 2032, 'banned', 'fay', '__id', '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (9, 'club', 1800, 'invite-made', 'bob', NULL, 'guest');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (10, 'club', 1900, 'invite-made', 'bob', NULL, 'member');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (11, 'club', 1950, 'invite-made', 'bob', NULL, 'member');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (12, 'club', 2000, 'invite-revoked', 'bob', NULL, 'member');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (13, 'club', 2039, 'password-set', 'bob', NULL, '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (14, 'lobby', 6000, 'report-closed', 'fay', '__id', 'dismissed');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (15, 'lobby', 6001, 'report-closed', 'ada', 'eve', 'deleted');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (17, NULL, 7000, 'settings-changed', 'ada', NULL, 'signup: invite, public: true, guests: false');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (18, NULL, 7001, 'admin-made', 'ada', 'bob', '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (19, NULL, 7002, 'account-disabled', 'ada', 'dan', '');
INSERT INTO audit (id, room, at, action, by, target, detail) VALUES (20, NULL, 7003, 'reset-link-made', 'ada', 'fay', '');
INSERT INTO reports (pos, id, room, message, by, at, reason, closedAt, closedBy, outcome) VALUES (1, 'p0', 'lobby', 'm0', 'ada', 5000, '', NULL, NULL, NULL);
INSERT INTO reports (pos, id, room, message, by, at, reason, closedAt, closedBy, outcome) VALUES (2, 'p1', 'lobby', 'm1', 'fay', 5001, 'Rude', 6000, 'fay', 'dismissed');
INSERT INTO reports (pos, id, room, message, by, at, reason, closedAt, closedBy, outcome) VALUES (3, 'p2', 'lobby', 'm10', 'fay', 5002, 'Rude', 6001, 'ada', 'deleted');
INSERT INTO reports (pos, id, room, message, by, at, reason, closedAt, closedBy, outcome) VALUES (4, 'p3', 'lobby', 'm0', 'hal', 5003, 'Rude', NULL, NULL, NULL);
INSERT INTO settings (key, json) VALUES ('guests', 'false');
INSERT INTO settings (key, json) VALUES ('public', 'true');
INSERT INTO settings (key, json) VALUES ('signup', '"invite"');
COMMIT;
