import type { Query, Timestamp } from 'firebase-admin/firestore'
import { ChatError } from '#shared/errors'
import type { Entry, EntryOf } from '#shared/export'
import { type Client, find, thirties } from './client'
import { type AuditDoc, type CredentialDoc, type EventDoc, type PersonDoc, type RoomDoc, type UserDoc, unsafe } from './layout'
import { compareText } from './names'
import { isMessage } from './room-state'
import { isNobody } from './standing'

/** Documents that are read at once. */
const PAGE = 300

const kindsFirst = (a: CredentialDoc, b: CredentialDoc) => compareText(a.kind, b.kind)
const credentialOf = ({ kind, subject, verifiedAt, secretHash }: CredentialDoc) => ({ kind, subject, verifiedAt, secretHash })

const eventOf = (event: EventDoc): EntryOf<'event'> => {
  const frame = JSON.parse(event.json)
  if (!isMessage(event)) return { type: 'event', frame }
  const { rev, replyTo, text, editedAt, deletedAt, reactions = [] } = event
  return { type: 'event', frame, message: { rev, replyTo, ...text !== undefined && { text }, editedAt, deletedAt, reactions: reactions.map(({ emoji, user }) => [emoji, user]) } }
}

const personOf = ({ room, user, role, cameBy, passwordVersion, joinedSeq, readSeq, bannedAt, bannedBy = '', mutedUntil, lastPostAt, removedAt }: PersonDoc): EntryOf<'person'> => ({
  type: 'person', room, user, member: role === null ? null : { role, cameBy, passwordVersion, joinedSeq, readSeq },
  ban: bannedAt === undefined ? null : { at: bannedAt, by: bannedBy }, mutedUntil: mutedUntil ?? null, lastPostAt: lastPostAt ?? null, removedAt: removedAt ?? null
})

const roomOf = (room: RoomDoc, audits: number): EntryOf<'room'> => {
  const { id, slug, name, topic, visibility, listed, passwordHash, passwordVersion, closedAt, slowModeSeconds, guests, archivedAt, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt } = room
  return {
    type: 'room', id, slug, name, topic, visibility, listed, passwordHash, passwordVersion, closedAt, slowModeSeconds, guests, archivedAt, ownerId, seq, lastMessageSeq, lastMessageAt, createdAt, audits
  }
}

/** Reads everything as it was at `when`, page by page. By queries alone, of which each is answered by one index. */
export async function* readEverything(client: Client, when: Timestamp): AsyncGenerator<Entry, void> {
  const { at } = client
  const past = <T>(query: Query<T, T & FirebaseFirestore.DocumentData>) => client.snapshot(tx => find(tx, query), when)

  /** All documents of a collection in the order of a field that no two share. */
  async function* all<T>(collection: Query<T, T & FirebaseFirestore.DocumentData>, field: string & keyof T): AsyncGenerator<T[], void> {
    const ordered = collection.orderBy(field).limit(PAGE)
    for (let page = await past(ordered); ; page = await past(ordered.startAfter(page.at(-1)?.[field]))) {
      yield page
      if (page.length < PAGE) return
    }
  }

  async function* users(page: readonly UserDoc[]): AsyncGenerator<Entry, void> {
    const known = (await Promise.all(thirties(page.map(user => user.id)).map(ids => past(at.credentials.where('user', 'in', ids))))).flat()
    for (const { id, name, kind, admin, disabledAt, createdAt } of page) {
      yield { type: 'user', id, name, kind, admin, disabledAt, createdAt, credentials: known.filter(credential => credential.user === id).sort(kindsFirst).map(credentialOf) }
    }
  }

  async function* history(room: string | null): AsyncGenerator<Entry, number> {
    let count = 0
    for await (const page of all<AuditDoc>(at.audits(room), 'n')) {
      for (const { at: when, action, by, target, detail } of page) yield { type: 'audit', room, n: ++count, at: when, action, by, target, detail }
    }
    return count
  }

  async function* inRoom(room: RoomDoc): AsyncGenerator<Entry, void> {
    for await (const page of all<EventDoc>(at.events(room.id), 'seq')) yield* page.map(eventOf)
    for await (const page of all<PersonDoc>(at.people(room.id), 'user')) yield* page.filter(person => !isNobody(person)).map(personOf)
    const invites = await client.snapshot(async tx => (await tx.get(at.invites.where('room', '==', room.id))).docs.map(found => ({ codeHash: unsafe(found.id), ...found.data() })), when)
    for (const { codeHash, id, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt } of invites.sort((a, b) => compareText(a.codeHash, b.codeHash))) {
      yield { type: 'invite', room: room.id, codeHash, id, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt }
    }
    const audits = yield* history(room.id)
    yield roomOf(room, audits)
  }

  if ((await past(at.doomed)).some(doomed => 'user' in doomed)) {
    throw new ChatError('conflict', 'An account is being deleted. Let Chatly run until that is done (a minute after its start), then export again.')
  }
  for await (const page of all(at.users, 'id')) yield* users(page)
  for await (const page of all(at.rooms, 'id')) for (const room of page) yield* inRoom(room)
  const audits = yield* history(null)
  let reports = 0
  for await (const page of all(at.reports, 'pos')) {
    // Those of rooms that are deleted may not all be removed yet.
    const rooms = new Set((await Promise.all(thirties([...new Set(page.map(report => report.room))]).map(ids => past(at.rooms.where('id', 'in', ids))))).flat().map(room => room.id))
    for (const { id, room, message, seq, by, at: when, reason, closedAt, closedBy, outcome } of page) {
      if (rooms.has(room)) yield { type: 'report', n: ++reports, id, room, message, seq, by, at: when, reason, closedAt, closedBy, outcome }
    }
  }
  const [site] = await client.snapshot(async tx => [(await tx.get(at.site)).data()], when)
  yield { type: 'site', settings: Object.fromEntries(Object.entries(site?.settings ?? {}).sort(([a], [b]) => compareText(a, b))), audits, reports }
}
