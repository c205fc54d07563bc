import { id, pageQuery } from '#shared/schemas'

/** One snapshot of a stretch of history: the newest, or `?before=seq`, or `?around=seq`. */
export default defineChatHandler(({ chat, viewer, param, query, address }) => chat.messages.page(viewer, param('id', id), query(pageQuery), { address }))
