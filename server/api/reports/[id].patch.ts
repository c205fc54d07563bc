import { closeReportBody, id } from '#shared/schemas'

/** `deleted` takes the message with it. */
export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  const { outcome } = await body(closeReportBody)
  await chat.reports.close(me, param('id', id), outcome)
})
