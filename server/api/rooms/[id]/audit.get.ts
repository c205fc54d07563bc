import { limits } from '#shared/limits'
import { cursorQuery, id } from '#shared/schemas'

/** Who did what to whom in this room. */
export default defineChatHandler(({ chat, identity, param, query }) =>
  chat.moderation.audit(identity(), param('id', id), { ...query(cursorQuery), limit: limits.page }))
