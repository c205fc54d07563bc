import type {
  Append, AppendResult, Audit, Credential, CredentialKind, NewAccount, NewInvite, NewReport, NewRoom, NewSession, PeopleStore, Precondition, Refusal, RoomStore
} from '../../../core/ports'
import type { Room } from '#shared/types'

type Requires = readonly Precondition[]
/** What a method of the port takes first, and what it gives. */
type First<Method extends (...input: never) => unknown> = Parameters<Method>[0]
type Result<Method extends (...input: never) => Promise<unknown>> = Awaited<ReturnType<Method>>

/** Everything that the writer can be asked for: what goes in, what comes out. All of it takes part in the group commit. */
export interface WriteTypes {
  append: { in: readonly Append[], out: AppendResult[] }
  createRoom: { in: NewRoom, out: Room | null }
  deleteRoom: { in: First<RoomStore['deleteRoom']>, out: Result<RoomStore['deleteRoom']> }
  markRead: { in: { room: string, user: string, seq: number }, out: number | null }
  createInvite: { in: { invite: NewInvite, requires: Requires }, out: Refusal | 'too-many' | null }
  revokeInvite: { in: { invite: First<RoomStore['revokeInvite']>, requires: Requires }, out: Refusal | null }
  createReport: { in: { report: NewReport, requires: Requires }, out: Refusal | null }
  closeReports: { in: { report: First<RoomStore['closeReports']>, requires: Requires }, out: Refusal | null }
  noteAudit: { in: Audit & { room: string | null, by: string, at: number }, out: null }
  firstAccount: { in: { account: NewAccount, room: NewRoom }, out: boolean }
  createAccount: { in: NewAccount, out: boolean }
  setSecret: { in: { kind: CredentialKind, user: string, secretHash: string, was: string | null, endSessions: { except: string | null } | null }, out: string[] | null }
  addCredential: { in: { user: string, credential: Credential }, out: boolean }
  verifyCredential: { in: { kind: CredentialKind, user: string, subject: string, at: number }, out: boolean }
  upgradeGuest: { in: First<PeopleStore['upgradeGuest']>, out: Result<PeopleStore['upgradeGuest']> }
  setAdmin: { in: First<PeopleStore['setAdmin']>, out: Result<PeopleStore['setAdmin']> }
  setDisabled: { in: First<PeopleStore['setDisabled']>, out: Result<PeopleStore['setDisabled']> }
  setSettings: { in: First<PeopleStore['setSettings']>, out: boolean }
  rename: { in: { user: string, name: string }, out: null }
  deleteAccount: { in: { user: string, at: number }, out: string[] | 'last-admin' }
  createSession: { in: NewSession, out: string[] | null }
  touchSession: { in: { idHash: string, at: number }, out: null }
  endSessions: { in: { user: string, id?: string, except?: string }, out: string[] }
  endStaleSessions: { in: { remembered: number, others: number }, out: string[] }
  /** A write that changes nothing anybody sees. */
  check: { in: null, out: null }
}

export type WriteName = keyof WriteTypes
export type Writes = { [K in WriteName]: (input: WriteTypes[K]['in']) => WriteTypes[K]['out'] }
export type Request<K extends WriteName = WriteName> = { [P in K]: { name: P, input: WriteTypes[P]['in'] } }[K]

/** `outage`: nothing is known to be committed, the same request may succeed later. Otherwise the request itself is at fault. */
export type Outcome = { ok: true, value: WriteTypes[WriteName]['out'] } | { ok: false, outage: boolean, message: string }

/** To the writer: a group to commit, or the end. From it: it is ready, or the group's outcomes in the same order. */
export type ToWriter = Request[] | 'close'
export type FromWriter = Outcome[] | 'ready'

export interface WriterOptions {
  database: string
  sidecar: string
  /** This process's line in the sidecar. */
  line: number
  epoch: string
  /** This process among those that share the database; null where there can be no other. */
  origin: string | null
  /** Milliseconds to wait for another process's lock. */
  wait: number
}
