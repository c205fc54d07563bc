import { createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of the signature that each payload ends with: HMAC-SHA256, truncated. */
export const SIGNATURE_BYTES = 16

/** Signs what goes over Redis, so that whoever else can reach it cannot speak for us. */
export interface Payloads {
  /** The bytes with their signature behind them. The channel is signed too: what was said on one cannot be replayed on another. */
  seal: (channel: string, bytes: Uint8Array) => Buffer
  /** The bytes without it, a view of the same memory; null when this installation did not sign them for this channel. */
  open: (channel: string, sealed: Buffer) => Buffer | null
}

/** All instances of an installation have the same secret (`CHATLY_SECRET`, or the file in the shared data folder). */
export function createPayloads(secret: string): Payloads {
  const key = createHmac('sha256', secret).update('chatly redis payload 1').digest()

  const sign = (channel: string, bytes: Uint8Array) => {
    const name = Buffer.from(channel)
    // With its length before it, no other pair of channel and bytes is the same text.
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(name.length)
    return createHmac('sha256', key).update(length).update(name).update(bytes).digest().subarray(0, SIGNATURE_BYTES)
  }

  return {
    seal: (channel, bytes) => Buffer.concat([bytes, sign(channel, bytes)]),
    open(channel, sealed) {
      const end = sealed.length - SIGNATURE_BYTES
      if (end < 0) return null
      const bytes = sealed.subarray(0, end)
      return timingSafeEqual(sealed.subarray(end), sign(channel, bytes)) ? bytes : null
    }
  }
}

export interface ReceiverOptions<T> {
  payloads: Payloads
  /** The largest payload that is taken, bytes. */
  largest: number
  /** What the bytes say on this channel; null: nothing that this version understands. */
  decode: (bytes: Buffer, channel: string) => T | null
  /** Told, once for each kind, of payloads that are dropped. */
  complain: (line: string) => void
}

/** Gives what another instance said on a channel; null when it is not to be believed, or not to be understood. */
export function createReceiver<T>({ payloads, largest, decode, complain }: ReceiverOptions<T>): (channel: string, payload: Buffer) => T | null {
  const complained = new Set<string>()
  const drop = (channel: string, why: string) => {
    if (!complained.has(why)) complain(`a payload on ${JSON.stringify(channel.slice(0, 100))} ${why}; it and all others like it are dropped.`)
    complained.add(why)
    return null
  }
  return (channel, payload) => {
    if (payload.length > largest) return drop(channel, `is larger than ${largest} bytes`)
    const bytes = payloads.open(channel, payload)
    if (!bytes) return drop(channel, 'is not signed by this installation (do all instances have the same CHATLY_SECRET?)')
    return decode(bytes, channel) ?? drop(channel, 'is nothing that this version understands')
  }
}
