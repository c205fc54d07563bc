import { id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param }) => {
  await chat.accounts.endSession(identity(), param('id', id))
})
