import type { RoomSummary } from '#shared/types'
import type { Chat } from '../core/chat'

const PAGES = 10
const PER_PAGE = 100

/** The public rooms, the busiest first, where visitors may read them. */
export default defineEventHandler(async (event) => {
  const { chat, config } = await useChat()
  const { public: open } = await chat.site.get()
  setResponseHeaders(event, { 'cache-control': 'no-store' })
  if (!open) throw createError({ statusCode: 404, message: 'There is no site map: this site is not open to visitors.' })
  const origin = ownOrigin(event.node.req, config.origins)
  setResponseHeaders(event, { 'content-type': 'application/xml; charset=utf-8' })
  const pages = ['<url><loc>', escaped(origin), '/</loc></url>', ...(await publicRooms(chat)).map(room => entry(origin, room))].join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${pages}</urlset>\n`
})

/** What a visitor sees of the room list. */
async function publicRooms({ rooms }: Chat): Promise<RoomSummary[]> {
  const found: RoomSummary[] = []
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const { items, next } = await rooms.list(null, { search: '', sort: 'activity', archived: false, limit: PER_PAGE, ...cursor !== undefined && { cursor } })
    found.push(...items)
    if (next === null) break
    cursor = next
  }
  return found
}

function entry(origin: string, { slug, lastMessageAt, createdAt }: RoomSummary): string {
  return `<url><loc>${escaped(origin)}/rooms/${encodeURIComponent(slug)}</loc><lastmod>${new Date(lastMessageAt ?? createdAt).toISOString()}</lastmod></url>`
}

/** The origin may be what a request calls us. */
const escaped = (text: string) => text.replace(/[<>&'"]/g, sign => `&#${sign.charCodeAt(0)};`)
