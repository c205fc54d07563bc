import type { Page } from '#shared/types'
import { asChatError, type Api } from '~/composables/useApi'
import { isRefused } from './doors'
import { beginPage, edges, endPage, markUnread, takePage, takeQuotes } from './timeline'
import type { Timeline } from './timeline-types'

/** Pages around a jump and towards the end are large enough to bring a screenful on both sides. */
const pageSize = { last: 50, older: 50, around: 100 } as const

interface Pages {
  api: Api
  /** A page came: its people, and my own messages that it shows to be committed. */
  onPage: (page: Page) => void
  /** The timeline has a hole: subscribe from its position. */
  onGap: (t: Timeline) => void
}

type Query = { before: number } | { around: number } | Record<string, never>

/** Loads pages of a room into its timeline. Every failure ends in `error` of the timeline or in a ChatError. */
export function createPages({ api, onPage, onGap }: Pages) {
  async function load(t: Timeline, how: 'replace' | 'before' | 'after', query: Query, limit: number): Promise<void> {
    const window = beginPage(t)
    try {
      const page = await api<Page>(`/api/rooms/${t.room}/messages`, { query: { ...query, limit } })
      onPage(page)
      const taken = takePage(t, page, how, window)
      if (taken === 'ask') onGap(t)
      // Whoever asked hears it where this fails, too.
      if (taken === 'stale' && window === t.window) await load(t, 'replace', {}, pageSize.last)
    } finally {
      endPage(t)
    }
  }

  /**
   * Makes a page the window; `prepare` is called before anybody sees it. A failure is the timeline's `error`; rows that are there stay on the screen, unless
   * they may no longer be seen.
   */
  async function replace(t: Timeline, query: Query, prepare?: () => void): Promise<void> {
    if (t.rows.length === 0) t.status = 'loading'
    try {
      await load(t, 'replace', query, 'around' in query ? pageSize.around : pageSize.last)
      prepare?.()
      t.status = 'ready'
      t.error = null
    } catch (cause) {
      t.error = asChatError(cause).toJSON()
      t.status = t.position && !isRefused(t.error.code) ? 'ready' : 'error'
    }
  }

  return {
    replace,

    /** The page above the window. */
    async older(t: Timeline): Promise<void> {
      const { first } = edges(t)
      if (first === null || !t.moreBefore || t.loadingOlder) return
      t.loadingOlder = true
      try {
        await load(t, 'before', { before: first }, pageSize.older)
        if (t.firstUnreadSeq === first) markUnread(t)
      } finally {
        t.loadingOlder = false
      }
    },

    /** The page below a window that does not reach the end. */
    async newer(t: Timeline): Promise<void> {
      const { last } = edges(t)
      if (last === null || !t.moreAfter || t.loadingNewer) return
      t.loadingNewer = true
      try {
        await load(t, 'after', { around: last }, pageSize.around)
      } finally {
        t.loadingNewer = false
      }
    },

    /** Moves the window to a message, unless it is in it. Rejects when the page can't be loaded; the window then stays. */
    async around(t: Timeline, seq: number): Promise<void> {
      const { first, last } = edges(t)
      if (first !== null && last !== null && seq >= first && seq <= last) return
      await load(t, 'replace', { around: seq }, pageSize.around)
    },

    /** What rows answer, when it is beyond the window: a page around such a row carries it. */
    async quotes(t: Timeline): Promise<void> {
      for (const seq of t.unquoted.splice(0)) {
        beginPage(t)
        try {
          const page = await api<Page>(`/api/rooms/${t.room}/messages`, { query: { around: seq, limit: 1 } })
          onPage(page)
          takeQuotes(t, page)
        } finally {
          endPage(t)
        }
      }
    }
  }
}
