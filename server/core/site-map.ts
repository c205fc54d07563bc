import type { Ports } from './ports'
import type { SiteOfChat } from './site'

const PAGES = 10
const PER_PAGE = 100
/** How long what was read is given again: anybody may ask, as often as they like. */
const KEEP = 60_000

/** A public room, as a site map names it: its link, and when something was last said there. */
export interface MappedRoom { slug: string, at: number }

/** The public rooms, the busiest first; null where visitors may not read them. At most a minute old, and without rooms that were hidden or deleted since. */
export type SiteMap = () => Promise<readonly MappedRoom[] | null>

export function createSiteMap({ storage, bus, clock }: Pick<Ports, 'storage' | 'bus' | 'clock'>, site: SiteOfChat): SiteMap {
  let kept: { at: number, rooms: Promise<MappedRoom[]> } | null = null

  bus.onControl(({ kind }) => {
    if (kind === 'room-changed' || kind === 'room-deleted' || kind === 'settings-changed') kept = null
  })

  async function read(): Promise<MappedRoom[]> {
    const found: MappedRoom[] = []
    let cursor: string | undefined
    for (let page = 0; page < PAGES; page++) {
      const { items, next } = await storage.rooms(null, { search: '', sort: 'activity', archived: false, limit: PER_PAGE, ...cursor !== undefined && { cursor } })
      found.push(...items.map(({ slug, lastMessageAt, createdAt }) => ({ slug, at: lastMessageAt ?? createdAt })))
      if (next === null) break
      cursor = next
    }
    return found
  }

  return async () => {
    if (!(await site.get()).public) {
      kept = null
      return null
    }
    const now = clock.now()
    // A clock that was put back makes nothing younger.
    if (kept && Math.abs(now - kept.at) < KEEP) return kept.rooms
    const fresh = { at: now, rooms: read() }
    kept = fresh
    fresh.rooms.catch(() => { if (kept === fresh) kept = null })
    return fresh.rooms
  }
}
