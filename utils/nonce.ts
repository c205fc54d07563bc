/** In the order of their character codes, so that texts compare as the numbers that they stand for. */
const alphabet = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

const TIME_LENGTH = 8
const RANDOM_LENGTH = 14

/** A number of up to 48 bits as 8 characters. */
const ordered = (value: number) => Array.from({ length: TIME_LENGTH }, (_, place) => alphabet.charAt(Math.floor(value / 64 ** (TIME_LENGTH - 1 - place)) % 64)).join('')

/**
 * A fresh nonce: 22 characters of `[A-Za-z0-9_-]`. First the time in milliseconds, because storage keeps nonces in order and adds at the end of an index for
 * a fraction of what it costs to add in the middle (as with UUID version 7, RFC 9562); then 84 random bits, which alone make it unique. Made from
 * `getRandomValues`, because `randomUUID` is missing on plain HTTP from another device.
 */
export const newNonce = (now = Date.now()): string =>
  ordered(now) + Array.from(crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH)), byte => alphabet.charAt(byte & 63)).join('')
