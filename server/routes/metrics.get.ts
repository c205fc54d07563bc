import { createHash, timingSafeEqual } from 'node:crypto'
import { ChatError } from '#shared/errors'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** For this machine, or for who knows CHATLY_METRICS_TOKEN. */
export default defineEventHandler(async (event) => {
  const chatly = await useChat()
  const token = chatly.config.metricsToken
  const given = getRequestHeader(event, 'authorization')?.replace(/^Bearer /i, '')
  const known = token !== null && given !== undefined && timingSafeEqual(digest(token), digest(given))
  setResponseHeaders(event, { 'cache-control': 'no-store' })
  if (!known && !fromLoopback(event.node.req)) {
    const refusal = new ChatError('forbidden', 'Metrics are for this machine, or with CHATLY_METRICS_TOKEN as a bearer token.')
    setResponseStatus(event, refusal.status)
    return refusal.toJSON()
  }
  setResponseHeaders(event, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  return metrics(chatly)
})
