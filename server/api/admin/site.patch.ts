import { siteBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, body }) => {
  const me = identity()
  return { settings: await chat.admin.updateSettings(me, await body(siteBody)) }
})
