/** 503 while starting, draining, or without storage: send no new work here. `degraded` names what is missing without stopping anything. */
export default defineEventHandler(async (event) => {
  const reason = await notReady(useChat())
  setResponseHeaders(event, { 'cache-control': 'no-store' })
  if (reason !== null) setResponseStatus(event, 503)
  return { ready: reason === null, ...(reason !== null && { reason }), degraded: reason === null ? (await useChat()).degraded() : [] }
})
