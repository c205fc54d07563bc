import { id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param }) => {
  await chat.moderation.unban(identity(), param('id', id), param('user', id))
})
