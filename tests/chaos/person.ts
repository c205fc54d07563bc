import { randomBytes } from 'node:crypto'
import type { Device } from './device'
import type { Random } from './random'

const EMOJI = ['👍', '🎉', '😄', '❤️', '🚀', '👀'] as const

export interface Life {
  device: Device
  rooms: readonly string[]
  random: Random
  /** Only reads. */
  quiet?: boolean
  /** Pause between two deeds, ms. */
  pause: readonly [number, number]
  join: (room: string) => Promise<unknown>
  leave: (room: string) => Promise<unknown>
  /** Whether to end. */
  over: () => boolean
}

const newNonce = () => randomBytes(12).toString('base64url')
export const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** What a person does until it is over: writes, changes what they wrote, reacts, comes and goes. All of it by chance, from `random`. */
export async function live({ device, rooms, random, quiet = false, pause, join, leave, over }: Life): Promise<void> {
  let count = 0
  /** What one may react to, each with each emoji once: a second time would change nothing, and so make no event. */
  const reacted = new Set<string>()

  const mine = (room: string) => device.timelines.get(room)?.rows.filter(row => row.author === device.person && row.deletedAt === null && row.seq !== Infinity) ?? []

  function write(room: string): void {
    const replyTo = random.chance(0.1) ? device.timelines.get(room)?.rows.findLast(row => row.deletedAt === null && row.state === 'sent')?.id : undefined
    device.queue({ type: 'send', room, nonce: newNonce(), text: `${device.name} says ${++count}${random.chance(0.05) ? ' '.padEnd(2_000, 'long ') : ''}`, ...replyTo && { replyTo } })
  }

  function change(room: string): void {
    const row = mine(room).at(-1)
    if (!row) return write(room)
    if (random.chance(0.3)) device.queue({ type: 'delete', room, nonce: newNonce(), message: row.id })
    else device.queue({ type: 'edit', room, nonce: newNonce(), message: row.id, text: `${device.name} means ${++count}` })
  }

  function react(room: string): void {
    const row = device.timelines.get(room)?.rows.findLast(row => row.deletedAt === null && row.state === 'sent')
    const emoji = random.pick(EMOJI)
    if (!row || reacted.has(`${row.id} ${emoji}`)) return write(room)
    reacted.add(`${row.id} ${emoji}`)
    device.queue({ type: 'react', room, nonce: newNonce(), message: row.id, emoji, on: true })
  }

  async function away(): Promise<void> {
    device.socket.stop()
    await sleep(random.whole(50, 600))
    if (!device.ended) device.socket.start()
  }

  /** A person waits for no answer. */
  async function shut(room: string): Promise<void> {
    void device.close(room)
    await sleep(random.whole(20, 300))
    void device.open(room)
  }

  while (!over() && !device.ended) {
    await sleep(random.whole(...pause))
    const room = random.pick(rooms)
    const dice = random.next()
    if (dice < 0.03) await away()
    else if (dice < 0.05) await shut(room)
    else if (quiet) continue
    else if (dice < 0.07) void leave(room).catch(() => {})
    else if (dice < 0.09) void join(room).catch(() => {})
    else if (dice < 0.19) change(room)
    else if (dice < 0.29) react(room)
    else write(room)
  }
  // Back, whatever it was doing.
  if (device.socket.state === 'stopped' && !device.ended) device.socket.start()
  for (const room of rooms) void device.open(room)
}
