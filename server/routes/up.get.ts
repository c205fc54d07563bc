/** The process is alive. Says nothing of what it depends on: see /ready. */
export default defineEventHandler((event) => {
  setResponseHeaders(event, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  return 'ok\n'
})
