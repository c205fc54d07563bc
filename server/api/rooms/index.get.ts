import { roomsQuery } from '#shared/schemas'

export default defineChatHandler(({ chat, viewer, query, address }) => chat.rooms.list(viewer, query(roomsQuery), { address }))
