import { createHmac, hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new random id: 96 bits, base64url. */
export const newId = (): string => randomBytes(12).toString('base64url')

/** A new secret for a cookie: 256 bits, base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** SHA-256 in base64url: how secrets with full entropy are stored, and how addresses and e-mails enter rate keys. */
export const hash = (text: string): string => digest('sha256', text, 'base64url')

/**
 * The id of the message that this request makes. It follows from (room, author, nonce), so that a retry is the same request to the last byte. It begins
 * as the nonce does, which for our own clients is the time: ids that grow are cheap to keep in order. Then 144 bits, because the author chooses the nonce
 * and could otherwise search for two with one id.
 */
export const messageId = (room: string, author: string, nonce: string): string => nonce.slice(0, 8) + hash(`${room} ${author} ${nonce}`).slice(0, 24)

/** HMAC-SHA256 in base64url. `purpose` keeps signatures of one kind from passing as another. */
export const sign = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', secret).update(`${purpose}|${text}`).digest('base64url')

/** Whether two texts are equal, in a time that tells nothing of where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const SLUG_LENGTH = 60

/** A room's link from its name: letters and digits of any script in lower case, joined by `-`; 1 to 60 code points, never empty, never a path. */
export function slugify(name: string): string {
  const words = name.normalize('NFKC').toLowerCase().normalize('NFC').replace(/\p{M}/gu, '').match(/[\p{L}\p{N}]+/gu) ?? []
  return [...words.join('-')].slice(0, SLUG_LENGTH).join('').replace(/-$/, '') || 'room'
}

/** The same for a room that must look as if it were not there, with 64 random bits: otherwise whoever makes one of the same name is told by its link that there is another. */
export const hiddenSlug = (name: string): string => `${slugify(name)}-${randomBytes(8).toString('hex')}`
