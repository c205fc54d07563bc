import { id, reportBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  await chat.reports.report(me, param('id', id), await body(reportBody))
})
