import type { MappedRoom } from '../core/site-map'

/** The public rooms, the busiest first, where visitors may read them. */
export default defineEventHandler(async (event) => {
  const { chat, config } = await useChat()
  const rooms = await chat.siteMap()
  setResponseHeaders(event, { 'cache-control': 'no-store' })
  if (!rooms) throw createError({ statusCode: 404, message: 'There is no site map: this site is not open to visitors.' })
  const origin = ownOrigin(event.node.req, config.origins)
  setResponseHeaders(event, { 'content-type': 'application/xml; charset=utf-8' })
  const pages = ['<url><loc>', escaped(origin), '/</loc></url>', ...rooms.map(room => entry(origin, room))].join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${pages}</urlset>\n`
})

function entry(origin: string, { slug, at }: MappedRoom): string {
  return `<url><loc>${escaped(origin)}/rooms/${encodeURIComponent(slug)}</loc><lastmod>${new Date(at).toISOString()}</lastmod></url>`
}

/** The origin may be what a request calls us. */
const escaped = (text: string) => text.replace(/[<>&'"]/g, sign => `&#${sign.charCodeAt(0)};`)
