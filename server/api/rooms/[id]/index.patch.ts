import { id, updateRoomBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  return chat.rooms.update(me, param('id', id), await body(updateRoomBody))
})
