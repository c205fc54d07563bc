import { createRoomBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, body }) => {
  const me = identity()
  return chat.rooms.create(me, await body(createRoomBody))
})
