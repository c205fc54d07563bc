/** How many bytes of frames may travel in one write. */
export const BATCH_BYTES = 64 * 1024

/** First byte of a frame that is final and text (RFC 6455 §5.2). */
const FINAL_TEXT = 0x81

const headerBytes = (payload: number) => payload < 126 ? 2 : payload < 65_536 ? 4 : 10

function writeFrame(target: Buffer, at: number, text: string, payload: number): number {
  target[at] = FINAL_TEXT
  if (payload < 126) {
    target[at + 1] = payload
  } else if (payload < 65_536) {
    target[at + 1] = 126
    target.writeUInt16BE(payload, at + 2)
  } else {
    target[at + 1] = 127
    target.writeUInt32BE(Math.floor(payload / 2 ** 32), at + 2)
    target.writeUInt32BE(payload % 2 ** 32, at + 6)
  }
  const start = at + headerBytes(payload)
  target.write(text, start, payload, 'utf8')
  return start + payload
}

/** The bytes of one unmasked text frame, as a server sends it. */
export function encodeFrame(text: string): Buffer {
  const payload = Buffer.byteLength(text)
  const buffer = Buffer.allocUnsafe(headerBytes(payload) + payload)
  writeFrame(buffer, 0, text, payload)
  return buffer
}

/** The frames of all texts, in order, in as few buffers of at most 64 KiB as whole frames allow; a larger frame has a buffer of its own. */
export function encodeFrames(texts: readonly string[]): Buffer[] {
  if (texts.length === 1) return [encodeFrame(texts[0]!)]
  const buffers: Buffer[] = []
  const payloads = texts.map(text => Buffer.byteLength(text))
  for (let first = 0; first < texts.length;) {
    let bytes = 0
    let end = first
    for (; end < texts.length; end++) {
      const frame = headerBytes(payloads[end]!) + payloads[end]!
      if (end > first && bytes + frame > BATCH_BYTES) break
      bytes += frame
    }
    const buffer = Buffer.allocUnsafe(bytes)
    for (let at = 0; first < end; first++) at = writeFrame(buffer, at, texts[first]!, payloads[first]!)
    buffers.push(buffer)
  }
  return buffers
}

/** Frames for any number of sockets: encoded once, when the first socket that takes bytes asks, and never changed after. */
export class Batch {
  #buffers: Buffer[] | null = null

  constructor(readonly texts: readonly string[]) {}

  get buffers(): readonly Buffer[] {
    return this.#buffers ??= encodeFrames(this.texts)
  }
}
