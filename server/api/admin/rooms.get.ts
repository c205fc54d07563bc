import { searchQuery } from '#shared/schemas'

/** All of them, private ones too, without what is said there. */
export default defineChatHandler(({ chat, identity, query }) => chat.admin.rooms(identity(), query(searchQuery)))
