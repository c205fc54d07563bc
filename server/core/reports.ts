import { ChatError, errorCodes } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import type { Paged, Report } from '#shared/types'
import type { Identity } from './chat'
import { commit } from './commit'
import { newId } from './ids'
import { toErase, toModerate, toReport } from './policy'
import type { Ports } from './ports'
import { spend, spendList, spendTurn } from './rates'
import { refusal } from './refusals'
import type { Scope } from './scope'

type Outcome = 'dismissed' | 'deleted'

export interface Reports {
  /** Tells the room's moderators, and the admins, of a message. By whoever may read it; a second time changes nothing, until the first is closed and the message another. */
  report: (identity: Identity, room: string, body: { message: string, reason: string }) => Promise<void>
  /** Of one room; without one, of all where they are owner or moderator, to an admin of all. */
  list: (identity: Identity, query: { room?: string, closed: boolean, cursor?: string }) => Promise<Paged<Report>>
  /** All reports of its message. Throws not_found alike for one that is not there, not theirs to close, and closed. */
  close: (identity: Identity, report: string, outcome: Outcome) => Promise<void>
}

export function createReports(ports: Ports, scope: Scope): Reports {
  const { storage, coordination, clock } = ports

  /** It may be gone by now, which is just as well. */
  const erase = async (identity: Identity, room: string, message: string) => {
    const author = identity.person.id
    const target = await storage.authorOf(room, message)
    if (target === null) return
    const access = await storage.access({ id: room }, author)
    await commit(ports, {
      room, author, nonce: null, at: clock.now(), requires: toErase(access, identity, message), effects: [{ do: 'erase', message }],
      audit: { action: 'message-deleted', target, detail: 'reported' }
    })
  }

  return {
    async report(identity, room, { message, reason }) {
      const by = identity.person.id
      await scope.see(identity, { id: room })
      await spend(coordination, `report:${by}`, rates.report)
      const refused = await storage.createReport({ id: newId(), room, message, by, at: clock.now(), reason }, toReport(by, message))
      if (refused) throw refusal(refused)
    },

    async list(identity, { room, closed, cursor }) {
      await spendList(coordination, identity)
      if (room !== undefined) await scope.moderate(identity, room)
      const reach = room !== undefined ? { room } : identity.admin ? {} : { moderator: identity.person.id }
      return storage.reports(reach, { closed, limit: limits.page, ...cursor !== undefined && { cursor } })
    },

    async close(identity, id, outcome) {
      const found = await storage.report(id)
      if (!found) throw noSuchReport()
      const { room, message } = found
      try {
        await scope.moderate(identity, room)
      } catch (error) {
        // Not theirs looks like not there; what may pass is said as it is.
        throw error instanceof ChatError && !errorCodes[error.code].retryable ? noSuchReport() : error
      }
      await spendTurn(coordination, identity.person.id)
      if (outcome === 'deleted') await erase(identity, room, message)
      const refused = await storage.closeReports({ room, message, by: identity.person.id, at: clock.now(), outcome }, toModerate(identity))
      if (refused) throw refusal(refused)
    }
  }
}

const noSuchReport = () => new ChatError('not_found', 'There is no such report, or it is closed already.')
