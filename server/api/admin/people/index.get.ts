import { searchQuery } from '#shared/schemas'

export default defineChatHandler(({ chat, identity, query }) => chat.admin.people(identity(), query(searchQuery)))
