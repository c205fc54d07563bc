import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { api } from '../tests/support/server'
import { enterAll, openHall, type Hall } from './hall'
import type { Line } from './line'
import { median, percentile, round, sleep } from './measure'
import { sendAtRate } from './sends'

const TRIES = 10_000
const PEOPLE = 20
const GUESSERS = 20
const SENDS_PER_SECOND = 60
const ROUNDS = 3

type Note = (what: string, value: string, aim?: string) => void
interface Attack { name: string, tries: number, connections: number }

/** As fast as the answers come: over so many connections that all tries are made, and for a while as a simple program does it. */
const attacks: Attack[] = [{ name: '20,000 tries, 300 connections', tries: 2 * TRIES, connections: 300 }, { name: '8 connections', tries: 400, connections: 8 }]

/**
 * What guessing passwords does to others: 10,000 log-ins and 10,000 tries at a room's password, all from one address, mixed, while 20 people talk. Measured
 * in turn with as long a stretch without them.
 */
export async function attack(note: Note): Promise<void> {
  for (const kind of attacks) {
    const [calm, attacked]: [number[], number[]] = [[], []]
    const answers: Record<string, number> = {}
    for (let turn = 0; turn < ROUNDS; turn++) {
      // A fresh server each time: the limits of the turn before would spare this one its first, dearest tries.
      const hall = await openHall(PEOPLE + GUESSERS)
      try {
        const lines = await enterAll(hall, hall.people.slice(0, PEOPLE))
        await sendAtRate(lines, hall.room, SENDS_PER_SECOND, 1)
        const told = await underAttack(hall, lines, kind, calm, attacked)
        for (const [status, count] of Object.entries(told)) answers[status] = (answers[status] ?? 0) + count
        for (const line of lines) line.close()
      } finally {
        await hall.stop()
      }
    }
    const [before, during] = [percentile(calm, 0.95), percentile(attacked, 0.95)]
    note(`${kind.name}: send → ok without, p50 / p95`, `${round(median(calm), 1)} / ${round(before, 1)} ms`)
    note(`${kind.name}: send → ok during, p50 / p95`, `${round(median(attacked), 1)} / ${round(during, 1)} ms`)
    note(`${kind.name}: p95 during / without`, `${round(during / before, 2)}`, '≤ 1.5')
    note(`${kind.name}: answers by status, ${ROUNDS} turns`, Object.entries(answers).map(([status, count]) => `${status}: ${count}`).join(', '))
  }
}

/** One stretch without and one with the attack; gives how its tries were answered. */
async function underAttack(hall: Hall, lines: Line[], { tries, connections }: Attack, calm: number[], attacked: number[]): Promise<Record<string, number>> {
  const requests = await guesses(hall)
  let over = false
  const child = spawn(process.execPath, ['bench/attacker.mjs', JSON.stringify({ port: hall.server.port, tries, connections, requests })], { stdio: ['ignore', 'pipe', 'inherit'] })
  const told = text(child.stdout)
  const ended = once(child, 'exit').then(() => { over = true })
  const started = performance.now()
  while (!over) attacked.push(...(await sendAtRate(lines, hall.room, SENDS_PER_SECOND, 1)).latencies)
  await ended
  await sleep(500)
  const seconds = Math.ceil((performance.now() - started) / 1000)
  calm.push(...(await sendAtRate(lines, hall.room, SENDS_PER_SECOND, seconds)).latencies)
  return (JSON.parse(await told) as { answers: Record<string, number> }).answers
}

/** Log-ins to an account that there is and to many that there are not, and a room's password by people who may know of the room. */
async function guesses({ server, people }: Hall) {
  const [owner] = people
  const made = await api(server, owner!, 'POST', '/api/rooms', { name: 'Vault', visibility: 'private', password: 'nobody guesses this' })
  if (!made.ok) throw new Error(`No room: ${made.status} ${await made.text()}`)
  const { id } = await made.json() as { id: string }
  const address = 'victim@example.com'
  const signedUp = await api(server, null, 'POST', '/api/auth/signup', { name: 'Victim', email: address, password: 'nobody guesses this either' })
  if (!signedUp.ok) throw new Error(`No account: ${signedUp.status}`)
  return Array.from({ length: 200 }, (_, index) => index % 2 === 0
    ? { path: '/api/auth/login', body: JSON.stringify({ email: index % 4 === 0 ? address : `somebody${index}@example.com`, password: `guess ${index}` }) }
    : { path: `/api/rooms/${id}/join`, cookie: people[PEOPLE + (index >> 1) % GUESSERS]!.cookie, body: JSON.stringify({ password: `guess ${index}` }) })
}
