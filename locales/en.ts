import type { SignInProblem } from '#shared/errors'
import type { AuditAction } from '#shared/types'

/** All texts that people read, in English. A section belongs to one part of the application; what counts or names is a function. */

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`

const app = {
  name: 'Chatly',
  description: 'A place to talk.',
  skip: 'Skip to the content',
  home: 'Chatly, all rooms',
  account: (name: string) => `Your account: ${name}`,
  rooms: 'Rooms',
  settings: 'Settings',
  signIn: 'Sign in',
  signUp: 'Sign up',
  signOut: 'Sign out',
  signOutAsk: {
    title: 'Sign out with unsent messages?',
    text: (n: number) => `${count(n, 'message has', 'messages have')} not been sent yet. Signing out discards ${n === 1 ? 'it' : 'them'} and your drafts.`,
    confirm: 'Discard and sign out',
    cancel: 'Stay'
  },
  signOutGuest: {
    title: 'Leave for good?',
    text: 'You are here as a guest. Once you sign out you can\'t come back as the same person. With an account you keep your name, messages and rooms.',
    confirm: 'Sign out'
  },
  signOutFailed: 'You are still signed in',
  keepName: 'Create an account…',
  keepNameText: 'You are here as a guest. Create an account to keep your name, messages and rooms.',
  admin: 'Administration',
  guest: 'Guest',
  copy: 'Copy',
  copied: 'Copied',
  qrCode: 'QR code of the link',
  /** A time that is left, as a clock shows it; long ones in words. */
  left: (seconds: number) => {
    const [d, h, m, s] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    if (d > 0) return `${d} d ${h} h`
    if (h > 0) return `${h} h ${m} min`
    return `${m}:${String(s).padStart(2, '0')}`
  },
  /** A length of time: 30 seconds, 5 minutes, 6 hours. */
  span: (seconds: number) => seconds < 60
    ? count(seconds, 'second', 'seconds')
    : seconds < 3_600 ? count(Math.round(seconds / 60), 'minute', 'minutes') : seconds < 86_400 ? count(Math.round(seconds / 3_600), 'hour', 'hours') : count(Math.round(seconds / 86_400), 'day', 'days'),
  theme: { name: 'Appearance', light: 'Light', dark: 'Dark', system: 'System', lightText: 'Dark text on white.', darkText: 'Easy on the eyes at night.', systemText: 'As your device is set.' },
  reconnecting: 'Reconnecting…',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  saved: 'Saved',
  retry: 'Try again',
  more: 'Show more',
  loading: 'Loading…',
  failedToLoad: 'This could not be loaded',
  today: 'Today',
  yesterday: 'Yesterday',
  ago: {
    now: 'now',
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`
  },
  agoInFull: {
    now: 'just now',
    minutes: (n: number) => `${count(n, 'minute', 'minutes')} ago`,
    hours: (n: number) => `${count(n, 'hour', 'hours')} ago`,
    days: (n: number) => `${count(n, 'day', 'days')} ago`
  },
  deletedPerson: 'Deleted person',
  unread: (n: number) => n > 99 ? '99+' : String(n),
  unreadTitle: (n: number, title: string) => n > 0 ? `(${n > 99 ? '99+' : n}) ${title}` : title
}

const auth = {
  logIn: { title: 'Welcome back', text: 'Sign in to join the conversation.', submit: 'Sign in', other: 'New here?', otherLink: 'Create an account' },
  google: 'Sign in with Google',
  problems: {
    'signed-out': 'You were signed out here.',
    'google-failed': 'Signing in with Google did not work. Try again, or sign in with your password.',
    'google-unverified': 'Google does not know whether that e-mail address is yours. Confirm it there first, or sign in with your password.',
    'google-not-linked': 'There is an account with that e-mail address here. Sign in with its password.',
    'google-other': 'That is another Google account. Choose the one that you sign in with here.',
    'google-stale': 'It is a while since you typed your password at Google. Sign out there, then sign in with Google again.',
    'signup-closed': 'There is no account for you here yet, and new ones can\'t be made at the moment.',
    'invite-invalid': 'That invite is no longer valid. Ask for a new one, or sign in without it.',
    'account-disabled': 'This account has been disabled. Ask the person who runs this site.'
  } satisfies Record<SignInProblem, string>,
  /** What went wrong at Firebase, where accounts are kept there. */
  firebase: {
    wrong: 'The e-mail address or the password is not right.',
    taken: 'There is already an account with this e-mail address. Sign in instead.',
    otherWay: 'You have signed in another way before. Sign in with your e-mail address and password.',
    weak: 'That password is too easy to guess. Choose a longer one.',
    email: 'That is not an e-mail address.',
    often: 'Too many tries. Wait a few minutes, or ask for a new password.',
    disabled: 'This account has been disabled. Ask the person who runs this site.',
    other: 'You have signed in to another account. Use the one that you are signed in to here.',
    network: 'Signing in can\'t be reached. Check your connection and try again.',
    notOffered: 'Signing in this way is not offered here.',
    closed: 'This site takes no new accounts.',
    domain: 'Signing in is not allowed from this address. Tell the person who runs this site.',
    again: 'Sign out and in again first, then try once more.',
    link: 'This link was used before, or is too old. Ask for a new one.',
    failed: 'Signing in did not work. Try again.'
  },
  or: 'or',
  signUp: { title: 'Create your account', text: 'A name is all that others see.', submit: 'Create account', other: 'Already have an account?', otherLink: 'Sign in' },
  signUpGuest: { title: 'Keep your name and rooms', text: 'With an account you stay who you are here: your messages and rooms come along.' },
  signUpInvite: { title: 'Sign-up is by invite', text: 'To make an account here, open an invite link that somebody has sent you.' },
  signUpClosed: { title: 'Sign-up is closed', text: 'New accounts can\'t be made here at the moment. Ask the person who runs this site to let you in.' },
  setUp: {
    title: 'Welcome to Chatly',
    text: 'Create the first account. It runs this site, and a room called “Lobby” comes with it.',
    submit: 'Set up Chatly',
    needLink: { title: 'Almost there', text: 'This site has just been started and needs its first account. Open the set-up link that the server printed when it started, for example in its terminal or log.' },
    done: { title: 'Already set up', text: 'This site has its first account. Sign in, or create an account of your own.', submit: 'Continue' }
  },
  forgot: {
    title: 'Forgotten password',
    text: 'Type the e-mail address of your account.',
    submit: 'Continue',
    sent: {
      title: 'Check your mail',
      text: 'If there is an account with this address, a mail with a link to a new password is on its way. The link works once and for half an hour. Look into the spam folder, too.'
    },
    sentElsewhere: {
      title: 'Check your mail',
      text: 'If there is an account with this address, a mail with a link to a new password is on its way. Look into the spam folder, too.'
    },
    sentNoMail: {
      title: 'Ask for a link',
      text: 'This site does not send mail. Ask the person who runs it to make a link for you, with which you can choose a new password. It works once and for half an hour.'
    },
    back: 'Back to sign in'
  },
  reset: {
    title: 'Choose a new password',
    text: 'You will be signed out everywhere else.',
    submit: 'Save the new password',
    done: { title: 'Password changed', text: 'Sign in with your new password.' },
    again: 'Ask for a new link'
  },
  verify: {
    title: 'Confirm your address',
    text: 'Is this e-mail address yours, and did you ask for this?',
    submit: 'Yes, it is mine',
    done: { title: 'Address confirmed', text: 'Thank you. You can close this page.' },
    home: 'To the rooms',
    settings: 'Ask for a new link'
  },
  name: 'Your name',
  nameHelp: 'Others see this. You can change it later.',
  email: 'E-mail',
  password: 'Password',
  newPassword: 'New password',
  passwordHelp: (min: number) => `At least ${min} characters.`,
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  remember: 'Remember me',
  rememberHelp: 'Stay signed in on this device for 30 days.',
  forgotLink: 'Forgotten password?'
}

const rooms = {
  title: 'Rooms',
  mine: 'Your rooms',
  noneYet: 'Rooms you join appear here.',
  others: 'More rooms',
  all: 'All rooms',
  found: 'Results',
  search: 'Search rooms',
  clearSearch: 'Clear the search',
  sort: 'Sort by',
  byActivity: 'Latest activity',
  byName: 'Name',
  showArchived: 'Show archived',
  create: 'New room',
  private: 'Private',
  archived: 'Archived',
  noTopic: 'No topic',
  online: (n: number) => n === 0 ? 'Nobody online' : `${n.toLocaleString('en-GB')} online`,
  unread: (n: number) => n > 99 ? 'more than 99 unread messages' : count(n, 'unread message', 'unread messages'),
  lastActivity: (when: string) => `Last message: ${when}`,
  noMessages: 'No messages yet',
  loading: 'Loading rooms…',
  empty: { title: 'No rooms yet', text: 'Make the first one and share its link.' },
  emptyVisitor: { title: 'No rooms yet', text: 'Nobody has opened a public room here so far.' },
  emptyGuest: { title: 'You are in no room', text: 'Open an invite link to come into one.' },
  locked: 'Private. A password lets you in.',
  byInvite: 'Private. By invite only.',
  nothingFound: {
    title: 'No room found',
    text: (search: string) => `Nothing matches “${search}”. Check the spelling, or make that room.`,
    reader: (search: string) => `Nothing matches “${search}”. Check the spelling.`
  },
  error: { title: 'The rooms could not be loaded' },
  offline: 'You are offline. The list may be out of date.',
  offlineEmpty: 'You are offline. They come as soon as you are back.',
  name: 'Name',
  topic: 'Topic',
  topicHelp: 'What the room is about. Optional.',
  createTitle: 'New room',
  createText: 'Who may read and write here is up to you.',
  createSubmit: 'Create room',
  visibility: 'Who can come in',
  visibilities: {
    public: { label: 'Public', text: 'Everybody on this site can find, read and join it.' },
    private: { label: 'Private', text: 'Only who is invited or knows its password.' }
  },
  listed: 'Show its name in the list of rooms',
  listedText: 'Others see the name and a lock, nothing more. Without this, it looks as if it did not exist, and only invites lead into it.',
  password: 'Password',
  passwordOptional: 'Password (optional)',
  passwordHelp: (min: number) => `At least ${min} characters. Without one, people need an invite.`,
  archive: 'Archive',
  archiveText: 'Nobody can write in an archived room; everybody can still read it.',
  unarchive: 'Take out of the archive',
  unarchiveText: 'This room is archived. Take it out to write in it again.',
  deleteTitle: 'Delete room',
  deleteText: (name: string) => `“${name}” and all of its messages will be gone for everybody, for ever.`,
  deleteConfirm: (name: string) => `Type “${name}” to confirm`,
  deleteSubmit: 'Delete for ever',
  deleteMismatch: 'That is not the room\'s name.',
  deleted: (name: string) => `“${name}” is deleted.`
}

const roomSettings = {
  title: 'Room settings',
  over: 'You no longer look after this room.',
  sections: 'Parts of the settings',
  general: 'General',
  access: 'Access',
  conversation: 'Conversation',
  invites: 'Invites',
  bans: 'Banned',
  reports: 'Reports',
  history: 'History',
  linkStays: 'The room\'s link stays the same.',
  guests: 'Guests may be here',
  guestsText: 'People without an account who came by an invite. Switched off, those who are here are out until they sign up.',
  toPublic: 'Everybody on this site will be able to read all of it, from the first message on. A password is removed.',
  toPrivate: 'Who is not in the room can no longer read it.',
  passwordTitle: 'Password',
  passwordNone: 'There is none: people come in by invite.',
  passwordSet: 'This room has one.',
  passwordUnlisted: 'This room is not in the list. Only invites lead into it, whatever its password.',
  passwordNew: 'New password',
  passwordEffect: 'Whoever came in by the password has to enter the new one, and sees nothing until then. Those who were invited, the moderators and the owner stay.',
  passwordEffectFirst: 'Members of this site can come in with it. Nobody has to leave.',
  setPassword: 'Set password',
  changePassword: 'Change password',
  removePassword: 'Remove password',
  removePasswordText: 'Whoever came in by the password has to be invited to come back.',
  passwordChanged: 'The password is changed.',
  passwordRemoved: 'The password is removed.',
  closed: 'Only the owner and moderators may write',
  closedText: 'Everybody else can read.',
  slowMode: 'Slow mode',
  slowModeText: 'How long people wait between two messages. The owner and moderators need not.',
  off: 'Off'
}

const invites = {
  make: 'New invite',
  text: 'Whoever has the link can come into this room. It is shown once.',
  role: 'Who can use it',
  roles: {
    guest: { label: 'Guests welcome', text: 'A name is enough. With an account, too.' },
    member: { label: 'Account needed', text: 'They sign in or sign up first.' }
  },
  guestsOff: 'Guests may not be in this room at the moment.',
  expires: 'Valid for',
  uses: 'Can be used',
  days: (n: number | null) => n === null ? 'Without end' : count(n, 'day', 'days'),
  times: (n: number | null) => n === null ? 'Without limit' : n === 1 ? 'Once' : `${n} times`,
  submit: 'Make link',
  link: 'Invite link',
  linkText: 'Send it to whom you invite, or let them scan the code. It can\'t be shown again.',
  another: 'Make another link',
  empty: 'No invites yet.',
  list: 'Invites',
  guest: 'Guests welcome',
  member: 'Account needed',
  by: (name: string, when: string) => `by ${name}, ${when}`,
  used: (uses: number, left: number | null) => left === null ? `used ${count(uses, 'time', 'times')}` : `used ${uses} of ${count(uses + left, 'time', 'times')}`,
  until: (when: string) => `until ${when}`,
  forEver: 'without end',
  revoked: 'Revoked',
  expired: 'Expired',
  usedUp: 'Used up',
  revoke: 'Revoke',
  revokeNamed: (name: string, when: string) => `Revoke the invite by ${name}, ${when}`,
  revokedDone: 'The invite no longer lets anybody in.',
  preview: {
    title: 'Invite',
    heading: (room: string) => `Join “${room}”`,
    by: (name: string) => `${name} invites you to this room.`,
    loading: 'Looking at the invite…',
    asGuest: 'Continue as guest',
    guestName: 'Your name',
    guestNameHelp: 'Others see it, marked as a guest.',
    orAccount: 'or with an account',
    needsAccount: 'This invite is for people with an account.',
    join: 'Join the room',
    joinAs: (name: string) => `You are signed in as ${name}.`,
    share: 'This link, to scan with another device',
    invalid: { title: 'This invite is not valid', text: 'It may have expired, been used up or been revoked. Ask for a new one.' },
    error: { title: 'The invite could not be read' }
  }
}

const moderation = {
  actions: (name: string) => `What to do with ${name}`,
  makeModerator: 'Make moderator',
  unmakeModerator: 'Remove as moderator',
  handOver: 'Hand over the room…',
  mute: 'Mute',
  muteFor: (span: string) => `For ${span}`,
  unmute: 'Unmute',
  muted: 'Muted',
  mutedUntil: (when: string) => `Muted until ${when}`,
  remove: 'Remove from the room…',
  ban: 'Ban…',
  handOverAsk: { title: (name: string) => `Hand the room over to ${name}?`, text: 'They will own it, and decide over its settings, its people and its end. You will be a moderator.', confirm: 'Hand over' },
  removeAsk: { title: (name: string) => `Remove ${name} from the room?`, text: 'They can come back the way they came, by joining or by an invite.', confirm: 'Remove' },
  banAsk: { title: (name: string) => `Ban ${name}?`, text: 'They can neither read nor come back, until they are unbanned in the room settings.', confirm: 'Ban' },
  /** The same of a guest, who has nothing but a name. */
  banGuestAsk: {
    title: (name: string) => `Ban ${name}?`,
    text: 'This guest can neither read nor come back. Whoever has a link for guests can still come in under another name: revoke it in the room settings, under “Invites”, too.', confirm: 'Ban'
  },
  done: {
    moderator: (name: string) => `${name} is a moderator now.`,
    member: (name: string) => `${name} is no longer a moderator.`,
    owner: (name: string) => `${name} owns this room now.`,
    muted: (name: string, span: string) => `${name} is muted for ${span}.`,
    unmuted: (name: string) => `${name} is no longer muted.`,
    removed: (name: string) => `${name} is removed.`,
    banned: (name: string) => `${name} is banned.`,
    unbanned: (name: string) => `${name} may come back.`
  },
  bans: { empty: 'Nobody is banned.', list: 'People who are banned', unban: 'Unban', unbanNamed: (name: string) => `Unban ${name}`, by: (name: string, when: string) => `by ${name}, ${when}` }
}

const reports = {
  report: 'Report',
  title: 'Report this message',
  text: 'The moderators of this room and the people who run this site will see it.',
  reason: 'What is wrong with it? (optional)',
  submit: 'Report',
  sent: 'Reported. Thank you.',
  list: 'Reports',
  open: 'Open',
  closed: 'Closed',
  which: 'Which reports',
  empty: 'Nothing is reported.',
  emptyClosed: 'No report was closed so far.',
  by: (name: string, when: string) => `Reported by ${name}, ${when}`,
  noReason: 'No reason given.',
  written: (name: string, when: string) => `${name}, ${when}`,
  gone: 'The message is deleted.',
  dismiss: 'Dismiss',
  remove: 'Delete message…',
  show: 'Go to message',
  dismissed: (name: string, when: string) => `Dismissed by ${name}, ${when}`,
  deleted: (name: string, when: string) => `Message deleted by ${name}, ${when}`,
  done: { dismissed: 'The report is dismissed.', deleted: 'The message is deleted.' }
}

const audit = {
  on: 'on',
  off: 'off',
  list: 'History',
  empty: 'Nothing has happened so far.',
  somebody: 'somebody',
  slowMode: (span: string) => `slow mode: one message every ${span}`,
  mutedFor: (span: string) => `for ${span}`,
  /** Particulars, by the words that are stored. */
  details: {
    'name': 'name', 'topic': 'topic', 'public': 'now public', 'private': 'now private', 'listed': 'in the list of rooms', 'unlisted': 'no longer in the list of rooms',
    'closed': 'closed to new messages', 'open again': 'open to new messages again', 'slow mode off': 'slow mode off', 'guests': 'guests may come in', 'no guests': 'no guests',
    'archived': 'archived', 'no longer archived': 'no longer archived', 'moderator': 'now a moderator', 'member': 'now a member', 'reported': 'it had been reported',
    'deleted': 'the message was deleted', 'dismissed': 'nothing was wrong'
  },
  invitedAs: { member: 'for people with an account', guest: 'for guests, too' },
  deletedRoom: { public: 'a public room', private: 'a private room' },
  /** Who did what to whom. */
  actions: {
    'room-created': by => `${by} made the room.`,
    'room-changed': by => `${by} changed the settings.`,
    'password-set': by => `${by} set the password.`,
    'password-removed': by => `${by} removed the password.`,
    'invite-made': by => `${by} made an invite.`,
    'invite-revoked': by => `${by} revoked an invite.`,
    'role-changed': (by, target) => `${by} changed the role of ${target}.`,
    'owner-changed': (by, target) => `${by} handed the room over to ${target}.`,
    'kicked': (by, target) => `${by} removed ${target}.`,
    'banned': (by, target) => `${by} banned ${target}.`,
    'unbanned': (by, target) => `${by} unbanned ${target}.`,
    'muted': (by, target) => `${by} muted ${target}.`,
    'unmuted': (by, target) => `${by} unmuted ${target}.`,
    'message-deleted': (by, target) => `${by} deleted a message of ${target}.`,
    'admin-joined': by => `${by} came in as an admin.`,
    'report-closed': by => `${by} closed a report.`,
    'account-disabled': (by, target) => `${by} disabled the account of ${target}.`,
    'account-enabled': (by, target) => `${by} enabled the account of ${target}.`,
    'admin-made': (by, target) => `${by} made ${target} an admin.`,
    'admin-unmade': (by, target) => `${by} took the admin's rights from ${target}.`,
    'reset-link-made': (by, target) => `${by} made a link for a new password for ${target}.`,
    'sessions-ended': (by, target) => `${by} signed ${target} out everywhere.`,
    'settings-changed': by => `${by} changed the site's settings.`,
    'room-deleted': (by, target) => `${by} deleted a room. Its owner was ${target}.`
  } satisfies Record<AuditAction, (by: string, target: string) => string>
}

const admin = {
  title: 'Administration',
  closed: 'You are no longer an admin of this site.',
  pages: 'Pages of the administration',
  back: 'All of the administration',
  people: {
    title: 'People',
    text: 'Everybody with an account, and the guests.',
    search: 'Search by name or e-mail',
    empty: 'Nobody is found.',
    list: 'Accounts',
    admin: 'Admin',
    disabled: 'Disabled',
    noEmail: 'No e-mail address',
    rooms: (n: number) => count(n, 'room', 'rooms'),
    seen: (when: string) => `last here ${when}`,
    notSignedIn: 'not signed in now',
    actions: (name: string) => `What to do with ${name}`,
    makeAdmin: 'Make admin',
    unmakeAdmin: 'Remove as admin…',
    disable: 'Disable account…',
    enable: 'Enable account',
    resetLink: 'Link for a new password…',
    endSessions: 'Sign out everywhere',
    disableAsk: { title: (name: string) => `Disable the account of ${name}?`, text: 'They are signed out everywhere and can\'t sign in, until you enable it again. Their messages stay.', confirm: 'Disable' },
    adminAsk: { title: (name: string) => `Make ${name} an admin?`, text: 'They can do all that you can: see every account, every room\'s name and the settings of this site.', confirm: 'Make admin' },
    unmakeAsk: { title: (name: string) => `Remove ${name} as an admin?`, text: 'These pages close for them. You can make them an admin again.', confirm: 'Remove as admin' },
    unmakeMeAsk: { title: () => 'Remove yourself as an admin?', text: 'These pages close for you. Only another admin can make you one again.', confirm: 'Remove me as admin' },
    endMineAsk: { title: () => 'Sign yourself out everywhere?', text: 'On this device, too.', confirm: 'Sign out everywhere' },
    reset: { title: (name: string) => `A new password for ${name}`, text: 'Give them this link by a way that only they read. It works once and for half an hour.', label: 'Link' },
    done: {
      admin: (name: string) => `${name} is an admin now.`,
      member: (name: string) => `${name} is no longer an admin.`,
      disabled: (name: string) => `The account of ${name} is disabled.`,
      enabled: (name: string) => `The account of ${name} is enabled.`,
      ended: (name: string) => `${name} is signed out everywhere.`
    }
  },
  rooms: {
    title: 'Rooms',
    text: 'All rooms, private ones included. What is said there is not shown.',
    empty: 'No room is found.',
    list: 'All rooms',
    unlisted: 'Unlisted',
    members: (n: number) => count(n, 'person', 'people'),
    owner: (name: string) => `owned by ${name}`,
    open: 'Open',
    join: 'Join to read…',
    archive: 'Archive',
    unarchive: 'Take out of the archive',
    remove: 'Delete…',
    actions: (name: string) => `What to do with ${name}`,
    archived: (name: string) => `“${name}” is archived.`,
    unarchived: (name: string) => `“${name}” is out of the archive.`,
    joinAsk: { title: (name: string) => `Join “${name}”?`, text: 'Everybody in the room sees that you came in as an admin, and it is recorded.', confirm: 'Join' }
  },
  site: {
    title: 'Site',
    text: 'Who may come. Changes hold at once.',
    signup: 'New accounts',
    signups: {
      open: { label: 'Open', text: 'Everybody may make an account.' },
      invite: { label: 'By invite', text: 'Only with an invite to a room.' },
      closed: { label: 'Closed', text: 'Nobody may.' }
    },
    public: 'Visitors may read public rooms',
    publicText: 'Without an account, and so may search engines.',
    guests: 'Guests may come',
    guestsText: 'People without an account, by an invite for guests. Switched off, no new ones come.',
    saved: 'The settings are saved.',
    figures: 'Technical figures',
    figuresText: 'For whoever runs the server: of the part of it that answered, since it was started.',
    /** Names of figures; one that is not here is shown under its own. */
    figure: {
      sockets: 'Open lines', people: 'People online', rooms: 'Rooms followed', opened: 'Lines opened', slow: 'Lines closed as too slow', errors: 'Errors', events: 'Events', flushes: 'Rounds of sending',
      deliveries: 'Deliveries', writes: 'Writes', gaps: 'Gaps filled'
    } as Record<string, string>,
    error: 'The settings could not be loaded',
    loading: 'Loading the settings…'
  },
  reports: { title: 'Reports', text: 'Of all rooms.' },
  history: { title: 'History', text: 'What admins have done.' }
}

const settings = {
  title: 'Settings',
  pages: 'Settings pages',
  back: 'All settings',
  profile: { title: 'Profile', text: 'What others see of you.', name: 'Name', email: 'E-mail', emailHelp: 'Only you see this.', saved: 'Your name is changed.', unverified: 'Not confirmed yet.', verifyAgain: 'Send the link again', verifySent: 'A mail with a link is on its way.' },
  password: {
    title: 'Password', text: 'Changing it signs you out everywhere else.', current: 'Current password', next: 'New password', submit: 'Change password', saved: 'Your password is changed.',
    google: 'You sign in with Google. If you have never chosen a password here, have a link mailed to you with which you can.',
    googleNoMail: 'You sign in with Google. If you have never chosen a password here, ask the person who runs this site for a link with which you can.',
    mailMe: 'Mail me a link', mailed: 'A mail with a link is on its way. It works once and for half an hour.'
  },
  appearance: { title: 'Appearance', text: 'Kept on this device.' },
  sessions: {
    title: 'Sessions',
    text: 'Where you are signed in.',
    current: 'This device',
    lastSeen: (when: string) => when === app.agoInFull.now ? 'Active now' : `Last active ${when}`,
    since: (when: string) => `Signed in ${when}`,
    unknown: 'Unknown device',
    on: (browser: string, system: string) => `${browser} on ${system}`,
    end: 'Sign out',
    endNamed: (device: string) => `Sign out ${device}`,
    endOthers: 'Sign out all others',
    ended: 'That device is signed out.',
    othersEnded: 'All other devices are signed out.',
    error: 'Your sessions could not be loaded',
    loading: 'Loading sessions…'
  },
  remove: {
    title: 'Delete account',
    text: 'Your account, your name and your e-mail address are removed for ever.',
    open: 'Delete account…',
    dialogTitle: 'Delete your account?',
    dialogText: 'This can\'t be undone.',
    messages: 'Your messages',
    keep: 'Keep them',
    keepText: 'They stay, signed “Deleted person”.',
    erase: 'Delete them too',
    eraseText: 'Their text is erased from every room.',
    password: 'Your password',
    google: 'Sign in with Google again',
    googleHelp: 'Or sign in with Google once more, instead of typing a password.',
    googleDone: 'You have just signed in with Google. For the next few minutes no password is needed.',
    passwordOrGoogle: 'Leave it empty to sign in with Google once more instead.',
    guestText: 'You are here as a guest: your name is removed for ever.',
    confirm: 'I understand that this can\'t be undone.',
    submit: 'Delete my account'
  }
}

const error = {
  notFound: { title: 'Nothing here', text: 'This page does not exist, or it is not yours to see. Check the link.' },
  broken: { title: 'Something went wrong', text: 'That is our fault, not yours. Try again in a moment.' },
  home: 'Back to the rooms',
  retry: 'Try again',
  code: (n: number) => `Error ${n}`,
  wait: (seconds: number) => seconds < 90 ? `Try again in ${count(seconds, 'second', 'seconds')}.` : `Try again in ${count(Math.ceil(seconds / 60), 'minute', 'minutes')}.`
}

const room = {
  openRooms: 'Show rooms',
  showPeople: 'Show people',
  hidePeople: 'Hide people',
  menu: 'Room menu',
  invite: 'Invite people',
  inviteAsk: 'Invite people…',
  join: 'Join',
  joinRoom: 'Join room',
  joined: (name: string) => `You are in “${name}” now.`,
  settings: 'Room settings…',
  remove: 'Delete room…',
  leave: 'Leave room',
  left: (name: string) => `You left “${name}”.`,
  copyLink: 'Copy link',
  linkCopied: 'Link copied',
  copyTitle: 'The room\'s link',
  copyText: 'Select it and copy it.',
  online: (n: number) => `${n.toLocaleString('en-GB')} online`,
  archived: 'This room is archived. You can read it, but nobody can write in it.',
  visitor: 'Sign in or create an account to join the talk.',
  visitorNoSignUp: 'Sign in to join the talk.',
  closed: 'Only the owner and moderators may write here at the moment.',
  muted: 'You are muted here. You can write again in',
  slowMode: (span: string) => `Slow mode: one message every ${span}.`,
  slowModeLeft: 'You can write again in',
  lost: {
    title: 'You are no longer in this room',
    removed: 'You have been removed, or the room is no longer open to you. Somebody in it can invite you again.',
    guest: 'You have been removed, or guests may no longer be here. With an account, somebody in it can invite you again.',
    deletedTitle: 'This room is gone',
    deleted: 'It has been deleted, with all that was said in it.',
    banned: 'You have been banned. Its owner and moderators can let you in again.',
    back: 'You are no longer in this room. Everybody may read it, and a message brings you back in.'
  },
  unsent: 'What you were writing',
  unsentHelp: 'It is kept in this browser, and waits for you in the room.',
  unsentGone: 'Copy it where you still need it: there is no room any more that it could wait for you in.',
  door: {
    lost: 'You are no longer in this room.',
    text: 'This room is private.',
    password: 'Room password',
    submit: 'Enter',
    wait: 'Too many tries. Try again in',
    byInvite: 'Somebody in it has to invite you.',
    help: 'You need its password, or an invite.'
  },
  notes: {
    adminJoined: (name: string): string => `${name} came in as an admin of this site.`,
    removed: (name: string, by: string) => `${by} removed ${name}.`,
    banned: (name: string, by: string) => `${by} banned ${name}.`,
    owner: (name: string) => `${name} owns this room now.`
  },
  notFound: 'There is no room here, or it is not yours to see. Check the link.',
  conversation: (name: string) => `Messages in ${name}`,
  loading: 'Loading messages…',
  loadingOlder: 'Loading older messages…',
  olderFailed: 'Older messages could not be loaded.',
  beginning: (name: string) => `This is the beginning of “${name}”.`,
  empty: { title: 'No messages yet', text: 'Say hello, and the conversation begins.' },
  error: { title: 'The messages could not be loaded' },
  failed: 'That did not work'
}

const message = {
  new: 'New',
  unseen: (n: number) => count(n, 'new message', 'new messages'),
  toEnd: 'Go to the newest messages',
  by: (name: string, when: string) => `${name}, ${when}`,
  edited: 'edited',
  editedAt: (when: string) => `Edited ${when}`,
  deleted: 'This message was deleted.',
  pending: 'Sending…',
  pendingOffline: 'Will be sent when you are back online',
  failed: 'Not sent',
  failedChange: 'Change not saved',
  retry: 'Try again',
  discard: 'Discard',
  replyTo: (name: string) => `Reply to ${name}`,
  inReplyTo: 'In reply to',
  quoteGone: 'A message that is no longer here',
  actions: 'Message actions',
  react: 'React',
  reply: 'Reply',
  edit: 'Edit',
  remove: 'Delete',
  copy: 'Copy text',
  copied: 'Text copied',
  more: 'More actions',
  removeTitle: 'Delete this message?',
  removeText: 'Its text is erased for everybody. This can\'t be undone.',
  removeOther: (name: string) => `It was written by ${name}.`,
  emoji: 'Choose an emoji',
  reactWith: (emoji: string) => `React with ${emoji}`,
  reactions: 'Reactions',
  reaction: (emoji: string, n: number, mine: boolean) => `${emoji}, ${count(n, 'person', 'people')}${mine ? ', you too' : ''}`,
  names: (names: string[], others: number) => {
    const all = others > 0 ? [...names, count(others, 'other', 'others')] : names
    return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all[all.length - 1]}`
  },
  you: 'You',
  code: (language: string) => language ? `Code, ${language}` : 'Code',
  typing: (names: string[]) => names.length === 1
    ? `${names[0]} is typing…`
    : names.length < 4 ? `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]} are typing…` : 'Several people are typing…'
}

const composer = {
  label: (name: string) => `Message to ${name}`,
  placeholder: (name: string) => `Message ${name}`,
  send: 'Send',
  save: 'Save changes',
  replying: (name: string) => `Replying to ${name}`,
  editedIsGone: 'The message that you were changing has been deleted.',
  answeredIsGone: 'The message that you were answering has been deleted.',
  editing: 'Editing your message',
  cancelReply: 'Cancel the reply',
  cancelEdit: 'Cancel editing',
  offline: 'You are offline. Messages will be sent when you are back.',
  waiting: (n: number) => `${count(n, 'message is', 'messages are')} waiting to be sent.`,
  left: (n: number) => n >= 0 ? `${count(n, 'character', 'characters')} left` : `${count(-n, 'character', 'characters')} too many`
}

const people = {
  title: 'People',
  online: (n: number) => `Online (${n.toLocaleString('en-GB')})`,
  offline: 'Offline',
  here: 'online',
  manyOnline: (n: number) => `${n.toLocaleString('en-GB')} people are online.`,
  owner: 'Owner',
  moderator: 'Moderator',
  guest: 'Guest',
  bot: 'Bot',
  you: 'you',
  empty: 'Nobody has joined yet.',
  error: { title: 'The people could not be loaded' },
  loading: 'Loading people…',
  more: 'Show more'
}

const connection = {}

export const en = { app, auth, rooms, roomSettings, invites, moderation, reports, audit, admin, settings, error, room, message, composer, people, connection }
