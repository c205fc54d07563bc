import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChat, type Chat, type ChatOptions, type Identity } from '../../server/core/chat'
import type { Control, Ports, Storage } from '../../server/core/ports'
import createLocalAccounts from '../../server/drivers/accounts/local'
import createMemoryBus from '../../server/drivers/bus/memory'
import createMemoryCoordination from '../../server/drivers/coordination/memory'
import openSqlite from '../../server/drivers/storage/sqlite'

/** A clock that stands still until it is told to go on. */
export interface TestClock { now: () => number, pass: (ms: number) => void }

export function testClock(start = 1_800_000_000_000): TestClock {
  let now = start
  return { now: () => now, pass: (ms) => { now += ms } }
}

export interface TestPorts extends Ports { clock: TestClock, folder: string, close: () => Promise<void> }

/** The embedded drivers on a temporary folder, with cheap password hashes and a clock of the test's own; or another storage. `close` leaves nothing behind. */
export async function openTestPorts(openStorage = (folder: string): Promise<Storage> => openSqlite({ folder })): Promise<TestPorts> {
  const folder = await mkdtemp(join(tmpdir(), 'chatly-'))
  const clock = testClock()
  const storage = await openStorage(folder)
  const bus = createMemoryBus()
  const coordination = createMemoryCoordination({ clock })
  const accounts = createLocalAccounts({ storage, cost: { ln: 4, r: 8, p: 1 } })
  return {
    storage, bus, coordination, accounts, clock, folder,
    async close() {
      await bus.close()
      await coordination.close()
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

export interface TestChat {
  chat: Chat
  ports: TestPorts
  /** Everything that was said over the bus's control channel. */
  controls: Control[]
  /** Signs up (the first: sets up, as the admin) and gives who they are. */
  person: (name: string) => Promise<Identity & { token: string }>
  /** Comes in as a guest, by an invite that this person makes to the room. */
  guest: (name: string, host: Identity, room: string) => Promise<Identity & { token: string }>
  close: () => Promise<void>
}

export const SECRET = 'a secret of at least sixteen characters'

/** A whole chat on `openTestPorts`. */
export async function openTestChat(options: Partial<ChatOptions> = {}, opened: Promise<TestPorts> = openTestPorts()): Promise<TestChat> {
  const ports = await opened
  const chat = createChat(ports, { secret: SECRET, signup: 'open', public: false, guests: true, ...options })
  const controls: Control[] = []
  ports.bus.onControl(control => controls.push(control))
  let addresses = 0
  const identify = async (token: string) => {
    const identity = await chat.accounts.identify(token)
    if (!identity) throw new Error('That session is none.')
    return { ...identity, token }
  }
  return {
    chat, ports, controls,
    async person(name) {
      const body = { name, email: emailOf(name), password: passwordOf(name), remember: false }
      const from = { address: `10.0.0.${addresses++}`, agent: 'test' }
      const { token } = await chat.accounts.needsSetUp()
        ? await chat.accounts.setUp({ ...body, token: '' }, { ...from, loopback: true })
        : await chat.accounts.signUp(body, from)
      return identify(token)
    },
    async guest(name, host, room) {
      const { code } = await chat.invites.make(host, room, { role: 'guest', days: 1, uses: 1 })
      const { token } = await chat.accounts.arrive({ code, name }, { address: `10.1.0.${addresses++}`, agent: 'test' })
      return identify(token)
    },
    close: ports.close
  }
}

export const emailOf = (name: string) => `${name.toLowerCase()}@example.org`
export const passwordOf = (name: string) => `the password of ${name}`

let nonces = 0
/** A nonce that no other call gives. */
export const newNonce = () => `nonce-${String(++nonces).padStart(12, '0')}`
