import { id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param }) => {
  await chat.admin.endSessions(identity(), param('id', id))
})
