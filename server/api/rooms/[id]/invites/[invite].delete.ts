import { id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param }) => {
  await chat.invites.revoke(identity(), param('id', id), param('invite', id))
})
