import { usersQuery } from '#shared/schemas'

/** Names by id: `?ids=a,b`. */
export default defineChatHandler(({ chat, viewer, query, address }) => chat.rooms.people(viewer, query(usersQuery).ids, { address }))
