/** Every limit that a person or a client can meet. Both sides read them: the client to warn early, the server to refuse. */
export const limits = {
  /** Largest WebSocket frame from a client, bytes. */
  frameBytes: 16 * 1024,
  /** A message's text: Unicode code points, and its size as a JSON string. */
  textCodePoints: 4_000,
  textJsonBytes: 12 * 1024,
  personName: 40,
  roomName: 80,
  topic: 250,
  email: 254,
  password: { min: 8, max: 256 },
  roomPassword: { min: 4, max: 256 },
  /** Slow mode, seconds; 0 is off. */
  slowMode: { min: 5, max: 6 * 3600 },
  /** The longest mute, seconds. */
  mute: 28 * 24 * 3600,
  /** Invites: how long at most, days; how many uses at most; how many may be valid for a room at once. */
  inviteDays: 365,
  inviteUses: 10_000,
  invitesPerRoom: 100,
  reportReason: 500,
  /** Deleting a message takes all of its changes out in one commit. */
  editsPerMessage: 100,
  /** Different emoji under one message, and the people named with each in a page. */
  emojiPerMessage: 20,
  peoplePerReaction: 20,
  page: 100,
  /** Unread counts are shown up to here, then as "99+". */
  unread: 100,
  /** People named in presence; above, only their number. */
  presenceNames: 100,
  /** A missed stretch beyond either is not replayed: page again. */
  replayEvents: 500,
  replayBytes: 256 * 1024,
  subscriptionsPerSocket: 200,
  waitingPerSocket: 32,
  socketsPerPerson: 20,
  /** One more ends what was not seen for longest. */
  sessionsPerPerson: 100,
  socketsWithoutHelloPerAddress: 50,
  visitorSocketsPerAddress: 100,
  /** Bytes waiting in one socket: above the first it leaves the shared path, above the second it is closed with 4408. */
  socketSlowBytes: 256 * 1024,
  socketDeadBytes: 1024 * 1024,
  helloSeconds: 5,
  heartbeatSeconds: 25,
  ticketSeconds: 30,
  typingSeconds: 5
} as const

/** A rate: at most `points` in any window of `seconds`. */
export interface Rate { points: number, seconds: number }

export const rates = {
  /** Sends, edits, deletions and reactions: 10 a second with a burst of 30, per person. */
  change: { points: 30, seconds: 3 },
  /** Coming and going, another name, what is decided about a room and the people in it: each is told to everybody. Per person. */
  turn: { points: 120, seconds: 60 },
  typing: { points: 1, seconds: 3 },
  /** Rooms that a person, or the visitors of an address, ask one instance to read. A client with all the rooms it may have asks for each once after a break. */
  subscribe: { points: 1_200, seconds: 60 },
  /** Pings of one socket, WebSocket's own and ours together: our client sends one in 25 s, and one when its device wakes. */
  ping: { points: 30, seconds: 10 },
  /** Pages of history: per person, or address of visitors. No hand scrolls that fast. */
  page: { points: 1_200, seconds: 60 },
  /** Read marks, of all rooms and devices of a person together: ours move a room's at most once a second. */
  read: { points: 120, seconds: 20 },
  /** Per session. */
  ticket: { points: 30, seconds: 60 },
  /** Visitors' tickets, per address: all of the visitors' sockets that it may have, twice in a minute. */
  ticketAddress: { points: 200, seconds: 60 },
  /** Per address: a class that signs up together has one. */
  signup: { points: 40, seconds: 3600 },
  /** Wrong ones, per address. A right one gives its point back when the password has been checked, so that a class that comes at once needs one each. */
  login: { points: 60, seconds: 300 },
  /** All of them, per address: right ones cost a hash, or a question to whoever keeps the accounts, too. */
  loginAll: { points: 200, seconds: 600 },
  /** Wrong ones, per e-mail address, known or not. */
  loginSubject: { points: 10, seconds: 300 },
  /** Right ones, per account: nobody else can use them up. */
  loginRight: { points: 20, seconds: 300 },
  /** Attempts that are begun at another provider, per address: nothing is hashed for them. */
  providerBegin: { points: 200, seconds: 600 },
  /** Right ones too: each costs two hashes. Per person. */
  passwordChange: { points: 10, seconds: 3600 },
  /** Mails, per e-mail address or person. */
  forgot: { points: 5, seconds: 3600 },
  /** The same per address. */
  forgotAddress: { points: 40, seconds: 3600 },
  setup: { points: 20, seconds: 3600 },
  roomCreate: { points: 20, seconds: 3600 },
  /** Passwords of rooms that one person sets. */
  roomPasswordSet: { points: 20, seconds: 3600 },
  /** Guests write less, per person. */
  guestChange: { points: 10, seconds: 10 },
  inviteMake: { points: 30, seconds: 3600 },
  /** Codes looked at or used, per address: far too few to guess one, and enough for a class that looks at a link, comes in and signs up. */
  inviteUse: { points: 200, seconds: 600 },
  report: { points: 20, seconds: 3600 },
  search: { points: 60, seconds: 60 },
  /** Rooms without a search, who is in one, its bans, invites and history, reports, one's own sessions, the admin's lists: per person, or address of visitors, who may be a class. Ours asks for one or two with a page. */
  list: { points: 600, seconds: 60 },
  /** Single rooms, and names by id: per person, or address of visitors. After a break ours asks for each of its rooms that is not in the list, and for all names that it knows, a hundred at a time; a class may do so at once. */
  look: { points: 2_400, seconds: 60 }
} as const satisfies Record<string, Rate>

/** Guests who may come, per address: a class behind one at once, and a few more in the hour. Each tier has to be passed. */
export const guestTiers = [{ points: 40, seconds: 600 }, { points: 120, seconds: 3600 }] as const satisfies readonly Rate[]

/** Tries at a room's password, wrong or right. Each tier has to be passed, so that waits grow, from half a minute to an hour; a right one gives the person's tries back. */
export const roomPasswordTiers = {
  user: [{ points: 5, seconds: 30 }, { points: 12, seconds: 600 }, { points: 30, seconds: 3600 }],
  address: [{ points: 20, seconds: 60 }, { points: 60, seconds: 3600 }],
  room: [{ points: 300, seconds: 600 }, { points: 900, seconds: 3600 }]
} as const satisfies Record<string, readonly Rate[]>

/** Tries of one person over all rooms, so that nobody fills the queue of passwords for everybody; a right one gives its own back. */
export const roomPasswordUser = { points: 30, seconds: 600 } as const satisfies Rate
