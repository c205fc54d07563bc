import { id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param }) => {
  await chat.rooms.remove(identity(), param('id', id))
})
