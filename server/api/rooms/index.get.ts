import { roomsQuery } from '#shared/schemas'

export default defineChatHandler(({ chat, viewer, query }) => chat.rooms.list(viewer, query(roomsQuery)))
