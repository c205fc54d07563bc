import { cursorQuery } from '#shared/schemas'

/** What admins did to the site. */
export default defineChatHandler(({ chat, identity, query }) => chat.admin.audit(identity(), query(cursorQuery)))
