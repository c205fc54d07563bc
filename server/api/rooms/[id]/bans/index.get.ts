import { limits } from '#shared/limits'
import { cursorQuery, id } from '#shared/schemas'

export default defineChatHandler(({ chat, identity, param, query }) =>
  chat.moderation.bans(identity(), param('id', id), { ...query(cursorQuery), limit: limits.page }))
