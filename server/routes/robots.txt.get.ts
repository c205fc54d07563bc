/** Search engines are welcome where visitors are; never to what is made for one person. */
export default defineEventHandler(async (event) => {
  const { chat, config } = await useChat()
  const { public: open } = await chat.site.get()
  setResponseHeaders(event, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  return open
    ? `User-agent: *\nDisallow: /api/\nDisallow: /invite/\nDisallow: /reset/\nDisallow: /verify/\nSitemap: ${ownOrigin(event.node.req, config.origins)}/sitemap.xml\n`
    : 'User-agent: *\nDisallow: /\n'
})
