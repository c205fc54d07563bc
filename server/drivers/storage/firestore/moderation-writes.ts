import type { Transaction } from 'firebase-admin/firestore'
import { limits } from '#shared/limits'
import type { Audit, Precondition, RoomStore } from '../../../core/ports'
import { isUsable, refusalOf } from './checks'
import { type Client, find, findDocs, readOne } from './client'
import type { MessageDoc, ReportDoc, RoomDoc } from './layout'
import { compareText } from './names'
import { needsOf, noNeeds, readState, type RoomState } from './room-state'
import { readSite } from './site'

type ModerationWrites = Pick<RoomStore, 'createInvite' | 'revokeInvite' | 'createReport' | 'closeReports'>

/** Invites of a room that are kept when they can no longer be used. */
const KEPT_INVITES = 50

const usersIn = (requires: readonly Precondition[]) => requires.flatMap(need => 'user' in need ? [need.user] : [])

/** Closed, and of a text that the message no longer has. */
const isOutdated = (report: ReportDoc, { editedAt }: MessageDoc): boolean => !report.open && editedAt !== null && report.at <= editedAt

/** Writes of those who look after rooms; each checks what it requires in the same transaction. */
export function createModerationWrites(client: Client): ModerationWrites {
  const { at } = client

  /** The room's state where all holds; else what does not. `messages`: to be read, too. */
  async function allowed(tx: Transaction, room: string, when: number, requires: readonly Precondition[], messages: readonly string[] = []) {
    const needs = needsOf([{ author: '', nonce: null, requires, effects: [] }], noNeeds())
    for (const message of messages) needs.messages.add(message)
    const { state } = await readState(client, tx, room, needs)
    const refused = refusalOf(state, when, requires)
    return refused || !state.room ? { refused: refused?.refused ?? 'room' as const } : { state: state as RoomState & { room: RoomDoc } }
  }

  function audit(tx: Transaction, room: RoomDoc, entry: Audit & { by: string, at: number }): void {
    const n = room.audits + 1
    tx.update(at.room(room.id), { audits: n })
    tx.create(at.audit(room.id, n), { n, ...entry })
  }

  return {
    createInvite: ({ id, codeHash, room, role, by, at: when, expiresAt, uses }, requires) => client.inTurn([room, ...usersIn(requires)], async (tx) => {
      const checked = await allowed(tx, room, when, requires)
      if (!checked.state) return checked.refused
      const known = await findDocs(tx, at.invites.where('room', '==', room))
      if (known.some(found => found.data().id === id)) return null
      const [usable, others] = [known.filter(found => isUsable(found.data(), when)), known.filter(found => !isUsable(found.data(), when))]
      if (usable.length >= limits.invitesPerRoom) return 'too-many'
      tx.create(at.invite(codeHash), { id, room, role, by, createdAt: when, expiresAt, usesLeft: uses, uses: 0, revokedAt: null })
      const kept = others.sort((a, b) => b.data().createdAt - a.data().createdAt || compareText(a.data().id, b.data().id))
      for (const { ref } of kept.slice(KEPT_INVITES)) tx.delete(ref)
      audit(tx, checked.state.room, { action: 'invite-made', by, at: when, target: null, detail: role })
      return null
    }),
    revokeInvite: ({ room, id, by, at: when }, requires) => client.inTurn([room, ...usersIn(requires)], async (tx, { unsure }) => {
      const checked = await allowed(tx, room, when, requires)
      if (!checked.state) return checked.refused
      const [found] = await findDocs(tx, at.invites.where('room', '==', room).where('id', '==', id).limit(1))
      if (unsure && found?.data().revokedAt === when) return null
      if (!found || found.data().revokedAt !== null) return 'invite'
      tx.update(found.ref, { revokedAt: when })
      audit(tx, checked.state.room, { action: 'invite-revoked', by, at: when, target: null, detail: found.data().role })
      return null
    }),
    createReport: ({ id, room, message, by, at: when, reason }, requires) => client.inTurn([room, ...usersIn(requires)], async (tx) => {
      const checked = await allowed(tx, room, when, requires, [message])
      if (!checked.state) return checked.refused
      const said = checked.state.messages.get(message)
      if (!said) return 'message'
      const known = await readOne(tx, at.reportOf(message, by))
      if (known && !isOutdated(known, said)) return null
      const site = await readSite(client, tx)
      const pos = site.reports + 1
      tx.set(at.site, { ...site, reports: pos })
      tx.set(at.reportOf(message, by), { id, pos, room, message, seq: said.seq, by, at: when, reason, open: true, closedAt: null, closedBy: null, outcome: null })
      return null
    }),
    closeReports: ({ room, message, by, at: when, outcome }, requires) => client.inTurn([room, ...usersIn(requires)], async (tx) => {
      const checked = await allowed(tx, room, when, requires, [message])
      if (!checked.state) return checked.refused
      const open = (await find(tx, at.reports.where('message', '==', message).where('open', '==', true))).filter(report => report.room === room)
      for (const report of open) tx.update(at.reportOf(message, report.by), { open: false, closedAt: when, closedBy: by, outcome })
      if (open.length > 0) audit(tx, checked.state.room, { action: 'report-closed', by, at: when, target: checked.state.messages.get(message)?.author ?? null, detail: outcome })
      return null
    })
  }
}
