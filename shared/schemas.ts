import { z } from 'zod'
import { limits } from './limits'

/** Everything that comes in from outside is parsed by one of these, at the door. Inside, only inferred types. */

const codePoints = (text: string) => { let n = 0; for (const _ of text) n++; return n }
/** Most texts are short: a code unit is at least half a code point and at most six bytes of JSON, which settles them without counting. */
const fitsCodePoints = (text: string, max: number) => text.length <= max || (text.length <= max * 2 && codePoints(text) <= max)
const fitsJson = (text: string, max: number) => text.length * 6 + 2 <= max || jsonBytes(text) <= max
// eslint-disable-next-line no-control-regex -- refusing them is the point
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/
const jsonBytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length
/** A lone surrogate has no UTF-8 form: it would come back as another character. */
const wellFormed = (text: string) => !/\p{Surrogate}/u.test(text)

/** At least one sign that somebody sees: no spaces, fillers or blank patterns, and marks need something to stand on. */
const visible = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u
/** Signs without width or form: they come along when text is copied, or make two names look like one. */
const formless = /[\u00AD\u061C\u180E\u200B\u200E\u200F\u2060-\u2064\u206A-\u206F\uFEFF]/g
/** Joiners where they join nothing. After a mark (Malayalam), and between letters or emoji (Persian, families), they decide what is seen. */
const idleJoiners = /(?<![\p{M}\p{L}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200C\u200D]|(?<!\p{M})[\u200C\u200D](?![\p{L}\p{Extended_Pictographic}])/gu
const seen = (text: string) => text.normalize('NFC').replace(formless, '').replace(idleJoiners, '').trim()

/** One line of text for people to read: trimmed, nothing in it that nobody sees, no control characters, no direction overrides that could disguise it. */
const line = (name: string, max: number, { optional = false } = {}) => z.string()
  // Whatever is not seen of it. What is longer is not looked at: putting very many marks in order takes seconds.
  .max(max * 16, `${name} is longer than ${max} characters.`)
  .transform(seen)
  .pipe(z.string()
    .refine(text => optional || visible.test(text), { message: `${name} is empty.` })
    .refine(text => fitsCodePoints(text, max), { message: `${name} is longer than ${max} characters.` })
    .refine(text => !controls.test(text) && !/[\n\t\u202A-\u202E\u2066-\u2069]/.test(text) && wellFormed(text), { message: `${name} has characters that can't be shown.` }))

export const personName = line('The name', limits.personName)
export const roomName = line('The room\'s name', limits.roomName)
export const topic = line('The topic', limits.topic, { optional: true })

/** A message's text. Surrounding blank lines go; newline and tab stay. */
export const messageText = z.string()
  // Not /\s+$/, which takes seconds where very many spaces stand before a last word.
  .transform(text => text.replace(/\r\n?/g, '\n').replace(/^\s*\n/, '').trimEnd())
  .pipe(z.string()
    .refine(text => text.trim() !== '', { message: 'The message is empty.' })
    .refine(text => fitsCodePoints(text, limits.textCodePoints) && fitsJson(text, limits.textJsonBytes),
      { message: `The message is longer than ${limits.textCodePoints} characters.`, params: { code: 'too_large' } })
    .refine(text => !controls.test(text) && wellFormed(text), { message: 'The message has control characters.' }))

export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'That is not an id.')
export const slug = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}-]{0,79}$/u, 'That is not a room link.')
export const nonce = z.string().regex(/^[A-Za-z0-9_-]{16,36}$/, 'A nonce is 16 to 36 letters, digits, - or _.')
export const emoji = z.string().max(32).regex(/^(?:\p{RGI_Emoji})$/v, 'That is not an emoji.')
const seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const position = z.object({ epoch: z.string().min(1).max(64), seq })
const request = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A frame from a client. Unknown fields are ignored, so that newer clients may say more. */
export const clientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocol: z.number().int(), ticket: z.string().min(1).max(512) }),
  z.object({ type: z.literal('subscribe'), id: request, room: id, position: position.optional() }),
  z.object({ type: z.literal('unsubscribe'), id: request, room: id }),
  z.object({ type: z.literal('send'), id: request, room: id, nonce, text: messageText, replyTo: id.optional() }),
  z.object({ type: z.literal('edit'), id: request, room: id, nonce, message: id, text: messageText }),
  z.object({ type: z.literal('delete'), id: request, room: id, nonce, message: id }),
  z.object({ type: z.literal('react'), id: request, room: id, nonce, message: id, emoji, on: z.boolean() }),
  z.object({ type: z.literal('read'), room: id, seq }),
  z.object({ type: z.literal('typing'), room: id }),
  z.object({ type: z.literal('ping') })
])

export const email = z.string().trim().toLowerCase().max(limits.email).pipe(z.email('That is not an e-mail address.'))
export const password = z.string()
  .min(limits.password.min, `A password has at least ${limits.password.min} characters.`)
  .max(limits.password.max, `A password has at most ${limits.password.max} characters.`)

/** `invite`: where the site asks for one, and to come into its room at once. */
export const signUpBody = z.object({ name: personName, email, password, remember: z.boolean().default(false), invite: z.string().max(64).optional() })
export const logInBody = z.object({ email, password: z.string().min(1, 'Type your password.').max(limits.password.max, 'That password is too long.'), remember: z.boolean().default(false) })
export const setUpBody = signUpBody.extend({ token: z.string().max(128).default('') })
/** What Firebase gave somebody who signed in there. */
const idToken = z.string().min(1, 'The proof of who you are is missing.').max(8_192, 'That is no proof of who you are.')
/** `name`: of a new account; else what Firebase calls them. */
export const firebaseBody = z.object({ idToken, remember: z.boolean().default(false), name: personName.optional(), invite: z.string().max(64).optional() })
export const firebaseSetUpBody = z.object({ idToken, remember: z.boolean().default(false), name: personName.optional(), token: z.string().max(128).default('') })
export const forgotBody = z.object({ email })
export const resetBody = z.object({ token: z.string().min(1).max(512), password })
export const verifyBody = z.object({ token: z.string().min(1).max(512) })
/** On the way to Google: where to go afterwards, whether to stay signed in, and (`again`) whether it is to show once more who somebody is. */
export const googleQuery = z.object({ next: z.string().max(2048).default('/'), remember: z.enum(['true', 'false']).default('false').transform(value => value === 'true'), again: z.enum(['true', 'false']).default('false').transform(value => value === 'true') })
export const changePasswordBody = z.object({ current: z.string().min(1).max(limits.password.max), next: password })
export const renameBody = z.object({ name: personName })
/** A guest has no password to type, nor has who signs in with Google and has just done so; whose account Firebase keeps proves with `idToken` that they have just signed in there. */
export const deleteAccountBody = z.object({
  password: z.string().max(limits.password.max).default(''), idToken: z.string().max(8_192).default(''), messages: z.enum(['keep', 'delete'])
})

export const roomPassword = z.string()
  .min(limits.roomPassword.min, `A room's password has at least ${limits.roomPassword.min} characters.`)
  .max(limits.roomPassword.max, `A room's password has at most ${limits.roomPassword.max} characters.`)
const visibility = z.enum(['public', 'private'])
const slowMode = z.number().int().refine(seconds => seconds === 0 || (seconds >= limits.slowMode.min && seconds <= limits.slowMode.max),
  { message: `Slow mode is off (0), or from ${limits.slowMode.min} seconds to ${limits.slowMode.max / 3600} hours.` })

export const createRoomBody = z.object({
  name: roomName, topic: topic.default(''), visibility: visibility.default('public'), listed: z.boolean().default(true), password: roomPassword.nullable().default(null)
}).refine(({ visibility, password }) => visibility === 'private' || password === null, { message: 'Only a private room can have a password.' })
/** `password: null` removes it. */
export const updateRoomBody = z.object({
  name: roomName, topic, archived: z.boolean(), visibility, listed: z.boolean(), closed: z.boolean(), slowModeSeconds: slowMode, guests: z.boolean(), password: roomPassword.nullable()
}).partial().refine(body => Object.values(body).some(value => value !== undefined), { message: 'Nothing to change.' })
export const joinBody = z.object({ password: z.string().min(1, 'Type the room\'s password.').max(limits.roomPassword.max, 'That password is too long.').optional() })

export const inviteCode = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'That is not an invite.')
export const makeInviteBody = z.object({
  role: z.enum(['guest', 'member']), days: z.number().int().min(1).max(limits.inviteDays).nullable().default(7), uses: z.number().int().min(1).max(limits.inviteUses).nullable().default(null)
})
/** What comes with an invite's code: a name where a guest comes. */
export const inviteBody = z.object({ code: inviteCode })
export const guestBody = z.object({ code: inviteCode, name: personName })

/** A change to a member: exactly one of these. `muteSeconds: 0` lets them speak again. */
export const memberBody = z.union([
  z.strictObject({ role: z.enum(['moderator', 'member', 'owner']) }), z.strictObject({ muteSeconds: z.number().int().min(0).max(limits.mute) })
])
export const removeQuery = z.object({ ban: z.enum(['true', 'false']).default('false').transform(value => value === 'true') })
export const reportBody = z.object({ message: id, reason: line('The reason', limits.reportReason, { optional: true }).default('') })
export const closeReportBody = z.object({ outcome: z.enum(['dismissed', 'deleted']) })
export const reportsQuery = z.object({
  room: id.optional(), closed: z.enum(['true', 'false']).default('false').transform(value => value === 'true'), cursor: z.string().max(512).optional()
})
export const cursorQuery = z.object({ cursor: z.string().max(512).optional() })
export const searchQuery = cursorQuery.extend({ search: z.string().max(limits.roomName).default('') })
export const siteBody = z.object({ signup: z.enum(['open', 'invite', 'closed']), public: z.boolean(), guests: z.boolean() }).partial()
export const accountBody = z.union([z.strictObject({ admin: z.boolean() }), z.strictObject({ disabled: z.boolean() })])
export const sendBody = z.object({ nonce, text: messageText, replyTo: id.optional() })

const queryInt = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
export const pageQuery = z.object({
  before: queryInt(1, Number.MAX_SAFE_INTEGER).optional(), around: queryInt(1, Number.MAX_SAFE_INTEGER).optional(), limit: queryInt(1, limits.page).default(50)
})
export const roomsQuery = z.object({
  search: z.string().max(limits.roomName).default(''), sort: z.enum(['activity', 'name']).default('activity'), archived: z.enum(['true', 'false']).default('false').transform(value => value === 'true'),
  cursor: z.string().max(512).optional(), limit: queryInt(1, limits.page).default(50)
})
const ids = z.string().max(8_192).transform(ids => ids.split(',')).pipe(z.array(id).max(limits.page))
/** `ids`: only those of these people who are in the room. */
export const membersQuery = z.object({ cursor: z.string().max(512).optional(), limit: queryInt(1, limits.page).default(100), ids: ids.optional() })
export const usersQuery = z.object({ ids })
