const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * A fresh nonce: 22 characters of `[A-Za-z0-9_-]`, 132 random bits. Made from `getRandomValues`, because `randomUUID` is missing on plain HTTP
 * from another device.
 */
export const newNonce = (): string => Array.from(crypto.getRandomValues(new Uint8Array(22)), byte => alphabet.charAt(byte & 63)).join('')
