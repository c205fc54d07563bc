import { id, membersQuery } from '#shared/schemas'

export default defineChatHandler(({ chat, viewer, param, query }) => chat.rooms.members(viewer, param('id', id), query(membersQuery)))
