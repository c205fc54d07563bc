import { id, membersQuery } from '#shared/schemas'

export default defineChatHandler(({ chat, viewer, param, query, address }) => chat.rooms.members(viewer, param('id', id), query(membersQuery), { address }))
