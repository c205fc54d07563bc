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
  signOutFailed: 'You are still signed in',
  theme: { name: 'Appearance', light: 'Light', dark: 'Dark', system: 'System', lightText: 'Dark text on white.', darkText: 'Easy on the eyes at night.', systemText: 'As your device is set.' },
  reconnecting: 'Reconnecting…',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  saved: 'Saved',
  retry: 'Try again',
  more: 'Show more',
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
  signUp: { title: 'Create your account', text: 'A name is all that others see.', submit: 'Create account', other: 'Already have an account?', otherLink: 'Sign in' },
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
      title: 'What happens now',
      text: 'If there is an account with this address, its password can be set anew with a link. This site may not be able to send mail: then ask the person who runs it to make the link for you. It works once and for a short time.'
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
  nothingFound: { title: 'No room found', text: (search: string) => `Nothing matches “${search}”. Check the spelling, or make that room.` },
  error: { title: 'The rooms could not be loaded' },
  offline: 'You are offline. The list may be out of date.',
  name: 'Name',
  topic: 'Topic',
  topicHelp: 'What the room is about. Optional.',
  createTitle: 'New room',
  createText: 'Everybody on this site can find and join it.',
  createSubmit: 'Create room',
  editTitle: 'Edit room',
  editText: 'The room\'s link stays the same.',
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

const settings = {
  title: 'Settings',
  pages: 'Settings pages',
  back: 'All settings',
  profile: { title: 'Profile', text: 'What others see of you.', name: 'Name', email: 'E-mail', emailHelp: 'Only you see this.', saved: 'Your name is changed.' },
  password: { title: 'Password', text: 'Changing it signs you out everywhere else.', current: 'Current password', next: 'New password', submit: 'Change password', saved: 'Your password is changed.' },
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
  edit: 'Edit room…',
  remove: 'Delete room…',
  leave: 'Leave room',
  left: (name: string) => `You left “${name}”.`,
  copyLink: 'Copy link',
  linkCopied: 'Link copied',
  copyTitle: 'The room\'s link',
  copyText: 'Select it and copy it.',
  online: (n: number) => `${n.toLocaleString('en-GB')} online`,
  archived: 'This room is archived. You can read it, but nobody can write in it.',
  visitor: 'Sign in to take part in this conversation.',
  notFound: 'There is no room here, or it is not yours to see. Check the link.',
  conversation: (name: string) => `Messages in ${name}`,
  loading: 'Loading messages…',
  loadingOlder: 'Loading older messages…',
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

export const en = { app, auth, rooms, settings, error, room, message, composer, people, connection }
